package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"syscall"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/internal/keystore"
	"github.com/wherefrom-network/wherefrom/internal/term"
	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/witness"
	"github.com/wherefrom-network/wherefrom/registry"
)

// cleanLine takes control characters out of words that may come from outside.
func cleanLine(text string) string { return term.Clean(text) }

// explanations says, for facts that other rooms report, which code they have and what to do next.
// The first that fits is taken.
var explanations = []struct {
	is   error
	code Code
	hint string
}{
	{keystore.ErrName, codeName, "use lower-case letters, digits, dots, underscores and hyphens, like alice or press-2026"},
	{keystore.ErrType, codeUsage, "the types are ed25519 and p256"},
	{keystore.ErrNotFound, codeKeyUnknown, "list your keys: wherefrom key list"},
	{keystore.ErrExists, codeKeyExists, "choose another name; a key is never overwritten"},
	{keystore.ErrPassphrase, codePassphrase, "try again; there is no other way to the key"},
	{keystore.ErrEmpty, codePassphrase, "give a passphrase, or --no-passphrase to a new key if it needs none"},
	{keystore.ErrDamaged, codeKeyDamaged, "put back your copy of the file"},
	{keystore.ErrVersion, codeKeyDamaged, "a newer version of wherefrom wrote it: use that one"},
	{home.ErrNoHome, codeNoHome, "set WHEREFROM_HOME to a directory"},
	{home.ErrDamaged, codeHomeDamaged, "mend the file, or move it away"},
	{home.ErrName, codeName, "use lower-case letters, digits, dots, underscores and hyphens, like local or press-2026"},
	{home.ErrContextUnknown, codeContextUnknown, "list them: wherefrom context list"},
	{home.ErrContextExists, codeContextExists, "add --replace to replace it"},
	{home.ErrTrustUnknown, codeTrustUnknown, "list them: wherefrom trust list"},
	{home.ErrTrustExists, codeTrustExists, "remove the old one first: wherefrom trust remove NAME"},
	{registry.ErrLocked, codeRegistryLocked, "stop the other process first"},
	{registry.ErrOtherLog, codeRegistryOther, "use another --dir for another log"},
	{registry.ErrForeignDir, codeRegistryOther, "use another --dir, or empty this one"},
	{registry.ErrNewer, codeRegistryNewer, "use the newer version of wherefrom, or remove the directory: it is built again from the log"},
	{witness.ErrExists, codeWitnessExists, "leave out --name to start it"},
	{witness.ErrNotAWitness, codeWitnessMissing, "make one: add --name NAME"},
	{witness.ErrLocked, codeWitnessLocked, "stop the other process first"},
	{witness.ErrKey, codeWitnessDamaged, "put back its key from your copy"},
	{witness.ErrState, codeWitnessDamaged, "put back its newest directory; if that is lost, retire this witness and make one with another key"},
	{syscall.ENOSPC, codeDiskFull, "make room and run the command again"},
	{fs.ErrPermission, codeFileUnreadable, "check who owns it and its permissions: ls -l"},
}

// explain turns any error into one for people.
func explain(err error) *UserError {
	var user *UserError
	if errors.As(err, &user) {
		return user
	}
	var mode *keystore.PermissionError
	if errors.As(err, &mode) {
		return &UserError{Code: codeKeyPermissions, Err: err, Hint: fmt.Sprintf("chmod %o %s", mode.Want, mode.Path)}
	}
	var fault *logserver.Fault
	if errors.As(err, &fault) {
		return &UserError{Code: faultCode(fault), Err: err, Hint: fault.Do}
	}
	var problem *client.Problem
	if errors.As(err, &problem) {
		return explainProblem(problem, err)
	}
	if missing := missingFile(err); missing != nil {
		return missing
	}
	for _, e := range explanations {
		if errors.Is(err, e.is) {
			return &UserError{Code: e.code, Err: err, Hint: e.hint}
		}
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return &UserError{Code: codeFileUnreadable, Err: err, Hint: "the operating system's words say why"}
	}
	if isNetwork(err) {
		return &UserError{Code: codeServer, Err: err, Hint: "check the address and that the server runs: wherefrom doctor"}
	}
	return &UserError{Code: codeFailure, Err: err}
}

// explainProblem passes on what a server says about a request, with its own code if we know it.
func explainProblem(p *client.Problem, err error) *UserError {
	msg := p.Detail
	if msg == "" {
		msg = p.Title
	}
	if p.Code == "" { // no server of ours
		return &UserError{Code: codeServerAnswer, Err: err, Hint: "check the address: is a wherefrom server there?"}
	}
	return refusal(p.Code, msg, p.Hint)
}

// isNetwork reports whether a server could not be reached, or went away in the middle of an answer.
func isNetwork(err error) bool {
	var u *url.Error
	var n net.Error
	return !errors.Is(err, context.Canceled) &&
		(errors.As(err, &u) || errors.As(err, &n) || errors.Is(err, io.ErrUnexpectedEOF))
}

// missingFile says in plain words that a file is not there.
func missingFile(err error) *UserError {
	var path *fs.PathError
	if !errors.As(err, &path) || !errors.Is(path, fs.ErrNotExist) {
		return nil
	}
	return &UserError{Code: codeFileMissing, Msg: "there is no file " + path.Path, Hint: "check the path"}
}
