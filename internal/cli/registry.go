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

// receipts returns the receipts of statements about a digest: of a file, or of another statement.
func (q *registryAsker) receipts(ctx context.Context, about statement.Digest) ([]*receipt.Receipt, error) {
	page, err := q.service.Statements(ctx, client.Query{Subject: about.String(), Limit: maxFound, Newest: true})
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", q.service.URL(), err)
	}
	var all []*receipt.Receipt
	for _, record := range page.Statements {
		one, err := q.receipt(ctx, record.ID)
		if err != nil {
			return all, err
		}
		all = append(all, one)
		if record.Revoked == nil {
			continue
		}
		if one, err = q.receipt(ctx, record.Revoked.ID); err != nil {
			return all, err
		}
		all = append(all, one)
	}
	return all, nil
}

// receipt fetches the best receipt of a statement.
func (q *registryAsker) receipt(ctx context.Context, id statement.Digest) (*receipt.Receipt, error) {
	text, err := q.service.Receipt(ctx, id, client.ReceiptOptions{Wait: client.Final})
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
		more, err := q.again(ctx, o.ID())
		if err != nil {
			return fresh, err
		}
		fresh = append(fresh, more...)
	}
	return fresh, nil
}

// again fetches the receipt of a statement that is at hand, and what was said about that statement.
func (q *registryAsker) again(ctx context.Context, id statement.Digest) ([]*receipt.Receipt, error) {
	one, err := q.receipt(ctx, id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // it is of another log
	}
	if err != nil {
		return nil, err
	}
	about, err := q.receipts(ctx, id)
	return append([]*receipt.Receipt{one}, about...), err
}
