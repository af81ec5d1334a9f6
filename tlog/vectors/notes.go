package main

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// The log and the witnesses of most vectors. Their keys follow from their names.
var (
	log = tlogtest.New("example.org/log").Grow(300)
	w1  = tlogtest.Cosigner("witness.example/w1")
	w2  = tlogtest.Cosigner("witness.example/w2")
	w3  = tlogtest.Cosigner("witness.example/w3")
)

func keys() []keyVector {
	good := func(name string, k tlog.Key) keyVector {
		return keyVector{Name: name, VKey: k.String(), KeyName: k.Name(), Alg: int(k.Alg())}
	}
	vkey := log.Key().String()
	name, rest, _ := strings.Cut(vkey, "+")
	id, b64, _ := strings.Cut(rest, "+")
	reencode := func(change func(b []byte) []byte) string {
		b, _ := base64.StdEncoding.DecodeString(b64)
		return name + "+" + id + "+" + base64.StdEncoding.EncodeToString(change(b))
	}
	return []keyVector{
		{Name: "published in signed-note", VKey: "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyName: "example.com/foo", Alg: 1},
		good("log", log.Key()),
		good("witness", w1.Key()),
		good("COSE root", log.Key().COSERoot()),
		{Name: "empty", VKey: "", Error: "key-syntax"},
		{Name: "no key", VKey: name + "+" + id, Error: "key-syntax"},
		{Name: "no id", VKey: name, Error: "key-syntax"},
		{Name: "id of three bytes", VKey: name + "+" + id[2:] + "+" + b64, Error: "key-id"},
		{Name: "id in capitals", VKey: name + "+" + strings.ToUpper(id) + "+" + b64, Error: "key-id"},
		{Name: "id of another name", VKey: "example.org/lag+" + id + "+" + b64, Error: "key-id"},
		{Name: "id of another key", VKey: reencode(func(b []byte) []byte { b[5] ^= 1; return b }), Error: "key-id"},
		{Name: "base64 is not canonical", VKey: name + "+" + id + "+AR==", Error: "key-syntax"},
		{Name: "base64 without padding", VKey: name + "+" + id + "+AQ", Error: "key-syntax"},
		{Name: "line break in base64", VKey: vkey[:len(vkey)-8] + "\n" + vkey[len(vkey)-8:], Error: "key-syntax"},
		{Name: "key of 31 bytes", VKey: reencode(func(b []byte) []byte { return b[:32] }), Error: "key-syntax"},
		{Name: "key of 33 bytes", VKey: reencode(func(b []byte) []byte { return append(b, 0) }), Error: "key-syntax"},
		{Name: "nothing but a type", VKey: name + "+" + id + "+AQ==", Error: "key-syntax"},
		{Name: "ML-DSA-44, which we do not support yet", VKey: reencode(func(b []byte) []byte { b[0] = 6; return b }), Error: "key-unsupported"},
		{Name: "type 0xff of somebody else", VKey: reencode(func(b []byte) []byte { b[0] = 0xff; return b }), Error: "key-unsupported"},
		{Name: "empty name", VKey: "+" + id + "+" + b64, Error: "key-name"},
		{Name: "space in the name", VKey: "a b+" + id + "+" + b64, Error: "key-name"},
		{Name: "no-break space in the name", VKey: "a\u00a0b+" + id + "+" + b64, Error: "key-name"},
		{Name: "control character in the name", VKey: "a\x01b+" + id + "+" + b64, Error: "key-name"},
	}
}

func checkpoints() []checkpointVector {
	raw := string(log.Checkpoint(w1, w2))
	text, sigs, _ := strings.Cut(raw, "\n\n")
	lines := strings.SplitAfter(sigs, "\n")
	plain := text + "\n\n" + lines[0]
	c, _ := tlog.UnverifiedCheckpoint([]byte(raw))
	at := tlogtest.Time.Unix()
	good := func(name, note string, witnesses []string, cosigned ...cosign) checkpointVector {
		return checkpointVector{
			Name: name, Log: log.Key().String(), Witnesses: witnesses, Note: note,
			Origin: string(c.Origin), Size: c.Size, Root: c.Root.String(), Cosigned: cosigned,
		}
	}
	bad := func(name, code, note string, witnesses ...string) checkpointVector {
		return checkpointVector{Name: name, Log: log.Key().String(), Witnesses: witnesses, Note: note, Error: code}
	}
	k1, k2, k3 := w1.Key().String(), w2.Key().String(), w3.Key().String()
	edit := func(old, new string) string { return strings.Replace(plain, old, new, 1) }
	both := []string{k1, k2}
	all := []checkpointVector{
		good("signed by the log", plain, nil),
		good("other signatures are passed over", raw, nil),
		good("cosigned", raw, both, cosign{k1, at}, cosign{k2, at}),
		good("cosigned by one of those asked for", raw, []string{k2, k3}, cosign{k2, at}),
		good("the second of two signatures by one key is passed over", plain+flip(lines[0]), nil),
		bad("empty", "note", ""),
		bad("no signature", "note", text+"\n"),
		bad("no empty line", "note", text+"\n"+lines[0]),
		bad("no newline at the end", "note", strings.TrimSuffix(plain, "\n")),
		bad("hyphen instead of dash", "note", edit("— ", "- ")),
		bad("tab", "note", edit("\n\n", "\nx\ty\n\n")),
		bad("carriage returns", "note", strings.ReplaceAll(plain, "\n", "\r\n")),
		bad("too many signatures", "note", plain+strings.Repeat(lines[0], 100)),
		bad("not signed by the log", "log-unsigned", text+"\n\n"+lines[2], k1),
		bad("signature of another text", "log-signature", edit("\n300\n", "\n301\n")),
		bad("changed signature", "log-signature", text+"\n\n"+flip(lines[0])),
		bad("changed cosignature", "cosignature", text+"\n\n"+lines[0]+flip(lines[2]), k1),
		bad("cosignature without a time", "cosignature", text+"\n\n"+lines[0]+shorten(lines[2]), k1),
		bad("of another log", "origin", string(tlogtest.New("example.org/other").Grow(3).Checkpoint())),
	}
	return append(all, badTexts()...)
}

// badTexts are texts that are no checkpoints, truly signed.
func badTexts() []checkpointVector {
	root := log.Root(300).String()
	var out []checkpointVector
	for _, c := range []struct{ name, text string }{
		{"two lines", "example.org/log\n300\n"},
		{"empty origin", "\n300\n" + root + "\n"},
		{"leading zero in the size", "example.org/log\n0300\n" + root + "\n"},
		{"sign before the size", "example.org/log\n+300\n" + root + "\n"},
		{"negative size", "example.org/log\n-1\n" + root + "\n"},
		{"hexadecimal size", "example.org/log\n0x12c\n" + root + "\n"},
		{"size of 2^63", "example.org/log\n9223372036854775808\n" + root + "\n"},
		{"root of 31 bytes", "example.org/log\n300\n" + base64.StdEncoding.EncodeToString(make([]byte, 31)) + "\n"},
		{"root in other base64", "example.org/log\n300\n" + strings.Repeat("_", 43) + "=\n"},
		{"root is not canonical", "example.org/log\n300\n" + strings.Repeat("A", 42) + "B=\n"},
		{"empty extension line", "example.org/log\n300\n" + root + "\n\nmore\n"},
	} {
		out = append(out, checkpointVector{Name: c.name, Log: log.Key().String(), Note: sign(c.text), Error: "checkpoint"})
	}
	return out
}

func coseRoots() []coseVector {
	raw := log.Checkpoint()
	sig, err := tlog.COSERootSignature(raw, log.Key())
	if err != nil {
		panic(err)
	}
	text, sigs, _ := strings.Cut(string(raw), "\n\n")
	lines := strings.SplitAfter(sigs, "\n")
	vector := func(name, note, code string) coseVector {
		return coseVector{Name: name, Log: log.Key().String(), COSEKey: log.Key().COSERoot().String(), Note: note, Error: code}
	}
	good := vector("root of a checkpoint", string(raw), "")
	good.SigStructure = hex.EncodeToString(tlog.COSERootSigStructure(log.Root(300)))
	good.Signature = hex.EncodeToString(sig)
	other := log.CheckpointAt(299)
	_, otherSigs, _ := strings.Cut(string(other), "\n\n")
	return []coseVector{
		good,
		vector("no such line", text+"\n\n"+lines[0], "no-cose-root"),
		vector("changed", text+"\n\n"+flip(lines[1]), "log-signature"),
		vector("of another root", text+"\n\n"+strings.SplitAfter(otherSigs, "\n")[1], "log-signature"),
		vector("of another log", string(tlogtest.New("example.org/other").Checkpoint()), "origin"),
	}
}

// sign signs any text as the log.
func sign(text string) string {
	raw, err := note.Sign(&note.Note{Text: text}, log.Signer)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// flip changes the last byte of a signature line's signature.
func flip(line string) string {
	return resign(line, func(sig []byte) []byte { sig[len(sig)-1] ^= 1; return sig })
}

// shorten takes the eight bytes of the time out of a cosignature.
func shorten(line string) string {
	return resign(line, func(sig []byte) []byte { return append(sig[:4], sig[12:]...) })
}

func resign(line string, change func([]byte) []byte) string {
	i := strings.LastIndex(line, " ")
	sig, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(line[i+1:], "\n"))
	if err != nil {
		panic(err)
	}
	return line[:i+1] + base64.StdEncoding.EncodeToString(change(sig)) + "\n"
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }
