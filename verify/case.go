package verify

import (
	"errors"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
)

// casefile is one receipt under examination.
type casefile struct {
	Finding
	receipt *receipt.Receipt
	env     *statement.Envelope // nil if it cannot be read
	signed  bool                // every signature of env verifies
	seen    seen                // what is known about the checkpoint
}

// examine answers what one receipt says by itself. Whether another one contradicts or revokes it
// is seen later.
func (c *checker) examine(r *receipt.Receipt) *casefile {
	k := &casefile{receipt: r, Finding: Finding{ID: r.ID()}}
	c.askStatement(k)
	c.askMatch(k)
	c.askLog(k)
	c.askTime(k)
	k.Revoked.Part = Part{NoneKnown, CodeNoneAtHand, ""}
	return k
}

// askStatement answers who signed and what was said.
func (c *checker) askStatement(k *casefile) {
	env, err := statement.Parse(k.receipt.Envelope)
	if err == nil {
		k.env = env
		err = env.Verify()
	}
	if err != nil {
		k.Signer.Part = signerFault(err)
		k.Said.Part = Part{CannotTell, CodeNotRead, wordsNotRepeated}
		return
	}
	k.signed = true
	for _, s := range env.Signatures() {
		k.Signer.By = append(k.Signer.By, c.signatory(s))
	}
	k.Signer.Part = c.signerPart(k.Signer.By)
	k.Said = said(env.Statement(), env.Predicate())
}

// signerFault says what is wrong with a statement or its signatures.
func signerFault(err error) Part {
	for _, f := range []struct {
		err   error
		state Verdict
		code  Code
	}{
		{statement.ErrSignature, NotSo, CodeBadSignature},
		{statement.ErrIssuer, NotSo, CodeIssuerMismatch},
		{statement.ErrNoSignature, CannotTell, CodeNotSigned},
		{statement.ErrUnknownKey, CannotTell, CodeSignerUnsupported},
		{statement.ErrAlgorithm, CannotTell, CodeSignerUnsupported},
		{statement.ErrKey, CannotTell, CodeSignerUnsupported},
		{statement.ErrCertificate, CannotTell, CodeSignerUnsupported},
	} {
		if errors.Is(err, f.err) {
			return Part{f.state, f.code, wordsSignerFault(f.code, err)}
		}
	}
	return Part{CannotTell, CodeStatementUnread, wordsSignerFault(CodeStatementUnread, err)}
}

func (c *checker) signatory(s statement.Signature) Signatory {
	p := c.Trust.People[s.Issuer]
	by := Signatory{Issuer: s.Issuer, Name: p.Name, Source: p.Source, Own: p.Own}
	if s.Certificate != nil {
		for _, name := range s.Certificate.Names {
			by.Claims = append(by.Claims, printable(name))
		}
	}
	return by
}

func (c *checker) signerPart(by []Signatory) Part {
	known := false
	for _, s := range by {
		if s.Issuer == c.Require.Signer {
			return Part{Shown, CodeOK, wordsSigned(by) + wordsRequiredSigner}
		}
		known = known || s.Name != "" || s.Own
	}
	switch {
	case c.Require.Signer != "":
		return Part{NotSo, CodeSignerNotTheOne, wordsSigned(by) + wordsNotRequiredSigner(c.person(c.Require.Signer))}
	case !known:
		return Part{CannotTell, CodeSignerUnknown, wordsSigned(by) + wordsNobodyVouches(by)}
	}
	return Part{Shown, CodeOK, wordsSigned(by)}
}

// person returns a reader's view of an issuer who need not have signed anything.
func (c *checker) person(i statement.Issuer) Signatory {
	return c.signatory(statement.Signature{Issuer: i})
}

// askMatch answers whether the file's bytes are the ones that the statement names. The statement
// need not be good for that: a changed byte in the file and one in the receipt are told apart.
func (c *checker) askMatch(k *casefile) {
	if k.env == nil {
		k.Role = Unread
		k.Match.Part = Part{CannotTell, CodeNotRead, wordsMatchUnread}
		return
	}
	subjects := k.env.Statement().Subjects
	named, hashed := false, false
	for i, s := range subjects {
		digest, ok := s.SHA256()
		if ok && digest == c.Digest {
			k.Role = AboutFile
			k.Match = Match{Part: Part{Shown, CodeOK, wordsMatch(c.Name, s.Name)}, Name: printable(s.Name), Subject: i + 1}
			c.compareSize(k)
			return
		}
		hashed = hashed || ok
		named = named || s.Name == "" || c.Name == "" || s.Name == c.Name
	}
	k.Role = AboutOther
	if len(subjects) == 1 {
		k.Match.Name = printable(subjects[0].Name)
	}
	switch _, revokes := k.env.Predicate().(*statement.Revoke); {
	case revokes: // a subject that is a statement; findRevocations may know it
		k.Match.Part = Part{NotSo, CodeOtherSubject, wordsMatchRevocation}
	case !hashed:
		k.Match.Part = Part{CannotTell, CodeNoComparableDigest, wordsNoDigest}
	case named:
		k.Match.Part = Part{NotSo, CodeBytesDiffer, wordsBytesDiffer(c.Name, k.Match.Name)}
	default:
		k.Match.Part = Part{NotSo, CodeOtherSubject, wordsOtherSubject(c.Name, k.Match.Name, len(subjects))}
	}
}

// compareSize remarks on a statement that names the right bytes and the wrong number of them.
func (c *checker) compareSize(k *casefile) {
	content, ok := k.env.Predicate().(*statement.Content)
	if ok && k.signed && c.Size > 0 && c.Size != content.Size {
		k.Notes = append(k.Notes, Note{CodeSizeDiffers, wordsSizeDiffers(content.Size, c.Size)})
	}
}
