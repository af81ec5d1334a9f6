package cli

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// checkReceipt makes sure that a receipt proves that the log with this key has its statement. It does not
// ask whether the log is trusted, nor who watched it.
func checkReceipt(r *receipt.Receipt, log tlog.Key) error {
	if log.IsZero() {
		return errors.New("the receipt does not say the log's key")
	}
	checkpoint, _, err := tlog.OpenCheckpoint(r.Proof.Checkpoint, log)
	if err != nil {
		return err
	}
	return tlog.VerifyInclusion(r.Leaf(), r.Proof.Index, checkpoint.Size, r.Proof.Hashes, checkpoint.Root)
}

// readPublicKey reads a public key in PEM.
func (a *app) readPublicKey(path string) (key statement.PublicKey, err error) {
	text, err := a.readInput(path)
	if err != nil {
		return key, err
	}
	hint := "give a PEM file that begins with -----BEGIN PUBLIC KEY-----, of an Ed25519 or P-256 key"
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" {
		return key, &UserError{Code: codeUsage, Msg: path + " is not a public key in PEM", Hint: hint}
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err == nil {
		key, err = statement.NewPublicKey(parsed)
	}
	if err != nil {
		return key, &UserError{Code: codeUsage, Msg: fmt.Sprintf("read the public key in %s", path), Err: err, Hint: hint}
	}
	return key, nil
}
