package receipt_test

import (
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// envelope returns alice's signed statement about a text.
func envelope(t testing.TB, content string) []byte {
	t.Helper()
	signer, err := statement.NewSigner(tlogtest.PrivateKey("alice"))
	if err != nil {
		t.Fatal(err)
	}
	st, err := statement.New(&statement.Content{
		Issuer: signer.Issuer(), IssuedAt: tlogtest.Time.Add(-time.Minute), MediaType: "text/plain", Size: int64(len(content)),
	}, statement.NewSubject(statement.Sum([]byte(content)), content+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := statement.Sign(st, signer)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// record appends an envelope to a log and returns its receipt under the newest checkpoint.
func record(log *tlogtest.Log, envelope []byte, witnesses ...string) *receipt.Receipt {
	index := log.Append(envelope)
	return at(log, index, log.Size(), witnesses...)
}

// at returns the receipt of an entry under the checkpoint of a size, which the witnesses cosigned
// as many seconds after [tlogtest.Time] as the log then had entries.
func at(log *tlogtest.Log, index, size uint64, witnesses ...string) *receipt.Receipt {
	var cosigners []note.Signer
	for _, name := range witnesses {
		cosigners = append(cosigners, tlogtest.CosignerAt(name, func() time.Time {
			return tlogtest.Time.Add(time.Duration(size) * time.Second)
		}))
	}
	checkpoint := log.CheckpointAt(size, cosigners...)
	return &receipt.Receipt{Log: log.Key(), Envelope: log.Entry(index), Proof: *log.Proof(index, checkpoint)}
}

// without returns a copy of r that does not say the log's key.
func without(r *receipt.Receipt) *receipt.Receipt {
	c := *r
	c.Log = tlog.Key{}
	return &c
}
