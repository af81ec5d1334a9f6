package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/verify"
)

// maxFound bounds how many statements about one thing are fetched.
const maxFound = receipt.MaxReceipts

// registryAsker asks the registry of the context. What it brings home is believed only after verification.
type registryAsker struct {
	a       *app
	service *client.Client
}

func (a *app) newRegistryAsker() (*registryAsker, error) {
	_, c, err := a.currentContext()
	if err != nil {
		return nil, err
	}
	if c.Asked() == "" {
		return nil, noContext("it is not known which registry to ask")
	}
	service, err := a.connect(c.Asked())
	if err != nil {
		return nil, err
	}
	return &registryAsker{a, service}, nil
}

// receipts returns the receipts of statements about a digest, and of what revokes them.
func (q *registryAsker) receipts(ctx context.Context, about statement.Digest) ([]*receipt.Receipt, error) {
	return q.matching(ctx, client.Query{Subject: about.String()})
}

// matching returns the newest receipts that a query finds, and those of what revokes them, each once.
func (q *registryAsker) matching(ctx context.Context, query client.Query) ([]*receipt.Receipt, error) {
	query.Limit, query.Newest = maxFound, true
	page, err := q.service.Statements(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", q.service.URL(), err)
	}
	var ids []statement.Digest
	for _, record := range page.Statements {
		ids = append(ids, record.ID)
		if record.Revoked != nil {
			ids = append(ids, record.Revoked.ID)
		}
	}
	var all []*receipt.Receipt
	for i, id := range ids {
		if slices.Contains(ids[:i], id) { // one revocation of several envelopes of a statement
			continue
		}
		one, err := q.receipt(ctx, id, client.Final)
		if notFinal(err) { // what a stranger recorded just now must not hold up the rest
			one, err = q.receipt(ctx, id, client.Fast)
		}
		if err != nil {
			return all, err
		}
		all = append(all, one)
	}
	return all, nil
}

// receipt fetches the receipt of a statement.
func (q *registryAsker) receipt(ctx context.Context, id statement.Digest, wait client.Wait) (*receipt.Receipt, error) {
	text, err := q.service.Receipt(ctx, id, client.ReceiptOptions{Wait: wait})
	if err != nil {
		return nil, fmt.Errorf("fetch the receipt of %s: %w", id, err)
	}
	receipts, err := receipt.Parse(text)
	if err == nil && (len(receipts) != 1 || receipts[0].ID() != id) {
		err = errors.New("it is the receipt of another statement")
	}
	if err != nil {
		return nil, &UserError{
			Code: codeServerAnswer, Msg: "the receipt of " + id.String() + " from " + q.service.URL(), Err: err,
			Hint: "tell the operator, and ask another registry",
		}
	}
	return receipts[0], nil
}

// improve adds what the registry knows to what an answer goes by. If not all of it can be had, the answer is told
// so, and a note says why.
func (q *registryAsker) improve(ctx context.Context, in *verify.Input) {
	fresh, err := q.newer(ctx, in.Digest, in.Receipts)
	if err != nil {
		in.Unheard = true
		q.a.io.Note("the registry gave no newer word: %s", oneLine(err.Error()))
	}
	in.Receipts = receipt.Merge(in.Receipts, fresh)
}

// newer fetches statements about a digest, better receipts of those at hand, and what revokes them.
func (q *registryAsker) newer(ctx context.Context, about statement.Digest, old []*receipt.Receipt) ([]*receipt.Receipt, error) {
	fresh, err := q.receipts(ctx, about)
	if err != nil {
		return fresh, err
	}
	for _, o := range old {
		if slices.ContainsFunc(fresh, func(r *receipt.Receipt) bool { return r.ID() == o.ID() }) {
			continue
		}
		more, err := q.again(ctx, o)
		if fresh = append(fresh, more...); err != nil && !notFinal(err) {
			return fresh, err
		}
	}
	return fresh, nil
}

// again fetches the final receipt of a statement that is at hand, and its signers' revocations of it. It asks for
// theirs alone: among everybody's, a stranger could bury the one that counts. If witnesses have not cosigned the
// statement yet, it returns the revocations and that error.
func (q *registryAsker) again(ctx context.Context, old *receipt.Receipt) ([]*receipt.Receipt, error) {
	var fresh []*receipt.Receipt
	one, pending := q.receipt(ctx, old.ID(), client.Final)
	switch {
	case errors.Is(pending, fs.ErrNotExist):
		return nil, nil // it is of another log
	case pending == nil:
		fresh = append(fresh, one)
	case !notFinal(pending):
		return nil, pending
	}
	envelope, err := statement.Parse(old.Envelope)
	if err != nil {
		return fresh, pending // nobody can revoke what cannot be read
	}
	for _, issuer := range envelope.Issuers() {
		revocations, err := q.matching(ctx, client.Query{Subject: old.ID().String(), Issuer: issuer, Predicate: statement.RevokeType})
		if fresh = append(fresh, revocations...); err != nil {
			return fresh, err
		}
	}
	return fresh, pending
}
