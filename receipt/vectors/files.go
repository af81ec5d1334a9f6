package main

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// content returns alice's statement about a text.
func content(text string) []byte {
	return receipttest.Content(receipttest.Signer("alice"), text+".txt", []byte(text))
}

func good() []fileVector {
	log := tlogtest.New("example.org/log").Grow(5)
	final := receipttest.Record(log, content("one"), "w1", "w2")
	fast := receipttest.Record(log, content("two"))
	fast.Log = tlog.Key{}
	odd := receipttest.Record(tlogtest.New("example.org/new"), []byte("{\r\n\r\nany bytes\n\n"))
	var many []*receipt.Receipt
	for range receipt.MaxReceipts {
		many = append(many, odd)
	}
	var vectors []fileVector
	for _, c := range []struct {
		name     string
		receipts []*receipt.Receipt
	}{
		{"a final receipt, with two witnesses", []*receipt.Receipt{final}},
		{"a fast receipt, without a log line", []*receipt.Receipt{fast}},
		{"the first entry of a log, with no hashes, and line ends in the statement", []*receipt.Receipt{odd}},
		{"three receipts in one file", []*receipt.Receipt{final, fast, odd}},
		{"as many receipts as a file may hold", many},
	} {
		v := newFile(c.name, string(receipt.Marshal(c.receipts...)))
		for _, r := range c.receipts {
			v.Receipts = append(v.Receipts, read(r))
		}
		vectors = append(vectors, v)
	}
	return vectors
}

// damaged damages a good receipt in the ways in which receipts get damaged.
func damaged() []fileVector {
	log := tlogtest.New("example.org/log").Grow(5)
	r := receipttest.Record(log, content("one"), "w1", "w2")
	good, envelope := string(receipt.Marshal(r)), string(r.Envelope)
	with := func(old, new string) string {
		if !strings.Contains(good, old) {
			panic("the receipt has no " + old)
		}
		return strings.Replace(good, old, new, 1)
	}
	upTo := func(mark string, more int) string { return good[:strings.Index(good, mark)+more] }
	length := fmt.Sprintf("statement %d\n", len(envelope))
	logKey, witnessKey := log.Key().String(), tlogtest.Cosigner("w1").Key().String()
	last64 := good[strings.LastIndex(good, " ")+1 : len(good)-1]
	var vectors []fileVector
	for _, c := range []struct{ name, text, code, says string }{
		{"nothing", "", "not-receipt", "it is empty"},
		{"a letter", "Dear Sir,\n", "not-receipt", `its first line is "Dear Sir,"`},
		{"a photo", "\xff\xd8\xff\xe0\x00\x10JFIF", "not-receipt", "it is not text"},
		{"a statement alone", envelope, "not-receipt", "a bare statement"},
		{"a proof alone", string(r.TLogProof()), "not-receipt", "a bare log proof"},
		{"a COSE receipt", "\xd2\x84\x47", "not-receipt", "a COSE receipt"},
		{"the next version", with("receipt/v1", "receipt/v2"), "version", `"wherefrom.network/receipt/v2"`},
		{"saved with CR LF", strings.ReplaceAll(good, "\n", "\r\n"), "mangled", "CR LF"},
		{"saved with a byte order mark", "\ufeff" + good, "mangled", "first line"},
		{"saved as UTF-16", toUTF16(good), "mangled", "UTF-16"},
		{"quoted in a reply", "> " + strings.ReplaceAll(good, "\n", "\n> "), "mangled", "first line"},
		{"dash made plain", with("— w1", "- w1"), "mangled", "dash"},
		{"dash quoted-printable", strings.ReplaceAll(good, "—", "=E2=80=94"), "mangled", "dash"},
		{"dash read as Windows-1252", strings.ReplaceAll(good, "—", "â€”"), "mangled", "dash"},
		{"dash saved as Windows-1252", strings.ReplaceAll(good, "—", "\x97"), "mangled", "dash"},
		{"statement reflowed", with(envelope, envelope[:76]+"\n"+envelope[76:]), "length", "stand before the proof"},
		{"statement shortened", with(envelope, envelope[:76]), "length", "but 76 stand"},
		{"length altered", with(length, "statement 9999\n"), "length", "says 9999 bytes"},
		{"length with a zero in front", with("statement ", "statement 0"), "field", "statement LENGTH"},
		{"length of nothing", with(length, "statement 0\n"), "field", "statement LENGTH"},
		{"length below nothing", with(length, "statement -1\n"), "field", "statement LENGTH"},
		{"length beyond the limit", with(length, "statement 61441\n"), "too-large", "61440 are allowed"},
		{"no statement line", with(length, "envelope 3\n"), "field", "statement LENGTH"},
		{"log line before and after", with(length, length+"log x\n"), "length", "stand before the proof"},
		{"a log key that is none", with("log ", "log x"), "field", "log line"},
		{"a witness as log", with(logKey, witnessKey), "field", "is no log's"},
		{"a log key with a stray CR", with(logKey, logKey+"\r"), "field", "log line"},
		{"another proof format", with("tlog-proof@v1", "tlog-proof@v2"), "proof", "c2sp.org/tlog-proof@v1"},
		{"extra data", with("@v1\nindex", "@v1\nextra AAAA\nindex"), "proof", "extra line"},
		{"no index", with("index 5\n", ""), "proof", "index"},
		{"an index in words", with("index 5", "index five"), "proof", "index"},
		{"a hash cut short", with("index 5\n", "index 5\nAAAA\n"), "proof", "32 bytes"},
		{"a tree size with a sign", with("\n6\n", "\n+6\n"), "proof", "tree size"},
		{"a signature that is not base64", with("— w1 ", "— w1 *"), "proof", "note"},
		{"a signature with stray bits", with(last64+"\n", stray(last64)+"\n"), "proof", "canonical base64"},
		{"no signatures", upTo("\n— example.org", 1), "truncated", "before the checkpoint's signatures"},
		{"something in their place", with("— example.org/log", "signed, the log"), "proof", "no signature follows"},
		{"cut in the first line", good[:20], "truncated", "first line"},
		{"cut in the statement", good[:300], "truncated", "only"},
		{"cut in the proof", upTo("index", 9), "truncated", "hashes"},
		{"cut in the checkpoint", upTo("\nexample.org", 5), "truncated", "checkpoint"},
		{"cut in a signature", upTo("— w1", 60), "truncated", "signature"},
		{"cut before the last newline", good[:len(good)-1], "truncated", "signature"},
		{"an empty line added", good + "\n", "trailing", "empty line"},
		{"a mail signature added", good + "-- \nSent from my phone\n", "mangled", "dash"},
		{"a remark added", good + "checked by me\n", "trailing", "checked by me"},
		{"a remark after an empty line", good + "\nchecked by me\n", "trailing", "checked by me"},
		{"two without a line between", good + good, "trailing", "wherefrom.network"},
		{"the second damaged", good + "\n" + good[:400], "truncated", "receipt 2"},
		{"the second of a newer version", good + "\n" + with("receipt/v1", "receipt/v2"), "version", "receipt 2"},
		{"one more than a file may hold", strings.Repeat(small()+"\n", receipt.MaxReceipts) + small(), "too-large", "more than 64"},
	} {
		v := newFile(c.name, c.text)
		v.Error, v.Says = c.code, c.says
		vectors = append(vectors, v)
	}
	return vectors
}

// small returns one of the smallest receipts.
func small() string {
	return string(receipt.Marshal(receipttest.Record(tlogtest.New("example.org/new"), []byte("{}"))))
}

// stray returns another base64 form of the same bytes, which fill the last character but one half.
func stray(b64 string) string {
	i := len(strings.TrimRight(b64, "=")) - 1
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return b64[:i] + string(alphabet[strings.IndexByte(alphabet, b64[i])+1]) + b64[i+1:]
}

func toUTF16(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}
