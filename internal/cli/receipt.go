package cli

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

func (a *app) receiptCmd() *cobra.Command {
	return noun("receipt", "Show, convert and renew receipts", a.receiptShowCmd(), a.receiptExportCmd(), a.receiptUpdateCmd())
}

// openReceipts reads a file of receipts; FILE stands for FILE.receipt if that is there.
func (a *app) openReceipts(path string) (string, []*receipt.Receipt, error) {
	if path != stdinName && exists(path+receiptSuffix) {
		path += receiptSuffix
	}
	text, err := a.readInput(path)
	if err != nil {
		return path, nil, err
	}
	receipts, err := receipt.Parse(text)
	if err != nil {
		return path, nil, &UserError{
			Code: codeReceiptDamaged, Msg: "read " + path, Err: err,
			Hint: "a receipt begins with the line " + receipt.Header + "; get it again from whoever gave it to you",
		}
	}
	return path, receipts, nil
}

// shownReceiptJSON is what a receipt says. Nothing of it is checked: that is verify's work.
type shownReceiptJSON struct {
	ID            statement.Digest    `json:"id"`
	Issuers       []statement.Issuer  `json:"issuers"`
	PredicateType string              `json:"predicate_type,omitempty"`
	IssuedAt      *time.Time          `json:"issued_at,omitempty"`
	Subjects      []statement.Subject `json:"subjects"`
	Log           string              `json:"log,omitempty"`
	Origin        tlog.Origin         `json:"origin,omitempty"`
	Index         uint64              `json:"index"`
	Size          uint64              `json:"size"`
	Error         string              `json:"error,omitempty"`
}

func (a *app) receiptShowCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show what receipts say, without judging it",
		Long:  "Show what receipts say. Nothing is judged and no signature is trusted: that is what verify does.",
		Args:  needArgs(1, 1, "a FILE of receipts"),
		RunE:  func(_ *cobra.Command, args []string) error { return a.receiptShow(args[0]) },
	}
	a.jsonFlag(cmd)
	return cmd
}

func (a *app) receiptShow(path string) error {
	_, receipts, err := a.openReceipts(path)
	if err != nil {
		return err
	}
	out := struct {
		Schema   string             `json:"schema"`
		Receipts []shownReceiptJSON `json:"receipts"`
	}{Schema: "wherefrom.network/receipts/v1"}
	for _, r := range receipts {
		out.Receipts = append(out.Receipts, shownReceipt(r))
	}
	if a.json {
		return a.print(out)
	}
	for i, r := range out.Receipts {
		if i > 0 {
			a.io.Printf("")
		}
		a.showReceipt(r)
	}
	a.io.Note("nothing of this was judged; wherefrom verify does that")
	return nil
}

func shownReceipt(r *receipt.Receipt) shownReceiptJSON {
	out := shownReceiptJSON{ID: r.ID(), Index: r.Proof.Index, Issuers: []statement.Issuer{}, Subjects: []statement.Subject{}}
	if !r.Log.IsZero() {
		out.Log = r.Log.String()
	}
	if c, err := tlog.UnverifiedCheckpoint(r.Proof.Checkpoint); err == nil {
		out.Origin, out.Size = c.Origin, c.Size
	}
	e, err := statement.Parse(r.Envelope)
	if err != nil {
		out.Error = err.Error()
		return out
	}
	out.Issuers, out.PredicateType, out.Subjects = e.Issuers(), e.Statement().PredicateType, e.Statement().Subjects
	if at, ok := statement.Issued(e); ok {
		out.IssuedAt = &at
	}
	return out
}

func (a *app) showReceipt(r shownReceiptJSON) {
	table := a.io.Table()
	table.Row("statement", r.ID.String())
	if r.Error != "" {
		table.Row("unreadable", r.Error)
	}
	for _, s := range r.Subjects {
		table.Row("about", s.Digest["sha256"], s.Name)
	}
	table.Row("kind", r.PredicateType)
	for _, by := range r.Issuers {
		table.Row("signed by", string(by))
	}
	if r.IssuedAt != nil {
		table.Row("says it is of", r.IssuedAt.Format(time.RFC3339))
	}
	table.Row("log", string(r.Origin))
	table.Row("entry", fmt.Sprintf("%d of %d", r.Index, r.Size))
	table.Flush()
}

// exportOptions are the flags of receipt export.
type exportOptions struct {
	format    string
	out       string
	force     bool
	statement *statement.Digest // nil if the file holds one receipt
}

func (a *app) receiptExportCmd() *cobra.Command {
	var o exportOptions
	var id string
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "Convert a receipt for other programs",
		Long: `Convert a receipt: cose is an RFC 9942 receipt of the same entry in the same tree, tlog-proof is
c2sp.org/tlog-proof, text is this project's own form, one receipt alone. The first two need the statement
beside them; envelope is the statement alone.`,
		Example: `  wherefrom receipt export photo.jpg --format cose --out photo.cose`,
		Args:    needArgs(1, 1, "a FILE of receipts"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.statement, err = optionalID(cmd, "statement", id); err != nil {
				return err
			}
			return a.receiptExport(cmd, args[0], o)
		},
	}
	cmd.Flags().StringVar(&o.format, "format", "text", "cose, tlog-proof, text or envelope")
	cmd.Flags().StringVar(&o.out, "out", "", "write to this new `FILE` instead of standard output")
	cmd.Flags().BoolVar(&o.force, "force", false, "overwrite the file of --out")
	cmd.Flags().StringVar(&id, "statement", "", "the `ID` of the statement, if the file holds several receipts")
	complete(cmd, "format", cobra.FixedCompletions([]string{"cose", "tlog-proof", "text", "envelope"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (a *app) receiptExport(cmd *cobra.Command, path string, o exportOptions) error {
	path, receipts, err := a.openReceipts(path)
	if err != nil {
		return err
	}
	var chosen []*receipt.Receipt
	for _, r := range receipts {
		if o.statement == nil || r.ID() == *o.statement {
			chosen = append(chosen, r)
		}
	}
	if len(chosen) != 1 {
		e := wrongUse(cmd, "%s holds %s that fit", path, count(len(chosen), "receipt", "receipts"))
		e.Hint = "say which: --statement ID; they are listed by: wherefrom receipt show " + quoteShell(path)
		return e
	}
	data, err := exported(cmd, chosen[0], o.format)
	if err != nil {
		return err
	}
	if o.out != "" {
		return writeExport(o, data)
	}
	if o.format == "cose" && a.io.OutTerminal {
		return wrongUse(cmd, "a COSE receipt is binary and this is a terminal: say --out FILE")
	}
	_, err = a.io.Out.Write(data)
	return err
}

// writeExport writes to a file, which may be there already only if the caller says so.
func writeExport(o exportOptions, data []byte) error {
	if _, err := os.Lstat(o.out); err == nil && !o.force {
		return &UserError{
			Code: codeReceiptInWay, Msg: o.out + " is there already, and was not overwritten",
			Hint: "choose another name, or add --force to overwrite it",
		}
	}
	return home.WriteFile(o.out, data, 0o644)
}

func exported(cmd *cobra.Command, r *receipt.Receipt, format string) ([]byte, error) {
	switch format {
	case "text":
		return receipt.Marshal(r), nil
	case "tlog-proof":
		return r.TLogProof(), nil
	case "envelope":
		return r.Envelope, nil
	case "cose":
		data, err := r.COSE()
		if err != nil {
			return nil, &UserError{
				Code: codeNoCOSE, Msg: "make a COSE receipt", Err: err,
				Hint: "the log must sign its roots for COSE; use --format tlog-proof instead",
			}
		}
		return data, nil
	}
	return nil, wrongUse(cmd, "--format %s: it is cose, tlog-proof, text or envelope", format)
}

func (a *app) receiptUpdateCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "update FILE…",
		Short: "Fetch better receipts and revocations",
		Long: `Ask the context's registry for the final form of receipts, and for revocations of what they state, and
add them to the file. Nothing is taken out: the earlier evidence stays.`,
		Args: needArgs(1, -1, "at least one FILE of receipts"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.receiptUpdate(cmd, args) },
	}
	a.contextFlag(cmd)
	a.jsonFlag(cmd)
	return cmd
}

type updatedJSON struct {
	File     string `json:"file"`
	Receipts int    `json:"receipts"`
	Changed  bool   `json:"changed"`
}

func (a *app) receiptUpdate(cmd *cobra.Command, args []string) error {
	q, err := a.newRegistryAsker()
	if err != nil {
		return err
	}
	out := struct {
		Schema string        `json:"schema"`
		Files  []updatedJSON `json:"files"`
	}{Schema: "wherefrom.network/receipt-update/v1"}
	for _, path := range args {
		path, old, err := a.openReceipts(path)
		if err != nil {
			return err
		}
		merged := old
		for _, o := range old {
			fresh, err := q.again(cmd.Context(), o)
			if err != nil {
				return err
			}
			for _, f := range fresh {
				if err := checkReceipt(f, f.Log); err != nil {
					return &UserError{Code: codeServerAnswer, Msg: "a receipt from the registry does not hold", Err: err, Hint: "nothing was changed; tell its operator"}
				}
			}
			merged = receipt.Merge(merged, fresh)
		}
		text := receipt.Marshal(merged...)
		done := updatedJSON{path, len(merged), string(text) != string(receipt.Marshal(old...))}
		if done.Changed {
			if err := home.WriteFile(path, text, 0o644); err != nil {
				return err
			}
		}
		out.Files = append(out.Files, done)
	}
	if a.json {
		return a.print(out)
	}
	for _, f := range out.Files {
		word := "unchanged"
		if f.Changed {
			word = "updated"
		}
		a.io.Printf("%s %s (%s)", word, f.File, count(f.Receipts, "receipt", "receipts"))
	}
	return nil
}
