package main

import (
	"strings"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// nested is a policy like the one that tlog-policy shows: two organisations, each with witnesses.
func nested() string {
	text := "log " + log.Key().String() + " https://log.example.org/\n\n"
	for _, name := range []string{"X1", "X2", "X3", "Y1", "Y2", "Y3"} {
		text += "witness " + name + "\t" + tlogtest.Cosigner(name).Key().String() + "\n"
	}
	return text + `group X-witnesses 2 X1 X2 X3
group Y-witnesses any Y1 Y2 Y3
  # both organisations
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`
}

func policies() []policyVector {
	vkey, wkey := log.Key().String(), w1.Key().String()
	out := []policyVector{
		good("two levels of groups, as in tlog-policy", nested(),
			check("", "X1", "X3", "Y2"), check("", "X1", "X2", "X3", "Y1", "Y2", "Y3"),
			check("quorum", "X1", "X2", "X3"), check("quorum", "X1", "Y1", "Y2", "Y3"), check("quorum")),
		good("no witness is asked for", "log "+vkey+"\nquorum none\n", check("")),
		good("one witness", "log "+vkey+"\nwitness w "+wkey+" https://w.example/\nquorum w\n",
			check("", "witness.example/w1"), check("quorum", "witness.example/w2")),
		good("no logs", "quorum none\n", policyCheck{Note: string(log.Checkpoint()), Error: "log-unknown"}),
		good("keywords are names like any other", "witness any "+wkey+"\nwitness log "+w2.Key().String()+"\ngroup all all any log\nquorum all\n"),
		good("names are octets", "witness K\xe2\x84\xaa\xff "+wkey+" http://\xc3\xa4/\n# \xff\nquorum K\xe2\x84\xaa\xff\n"),
		good("quorum before an unused group", "witness w "+wkey+"\nquorum w\ngroup g all w\n"),
	}
	bad := func(name, code, text string) {
		out = append(out, policyVector{Name: name, Policy: []byte(text), Error: code})
	}
	w := "witness w " + wkey + "\n"
	bad("empty file", "policy-quorum", "")
	bad("no quorum line", "policy-quorum", w)
	bad("two quorum lines", "policy-quorum", w+"quorum w\nquorum w\n")
	bad("no newline at the end", "policy-syntax", w+"quorum w")
	bad("unknown keyword", "policy-syntax", w+"Quorum w\n")
	bad("comment behind a line", "policy-syntax", w+"quorum w # mine\n")
	bad("group without members", "policy-syntax", "group g any\nquorum g\n")
	bad("log without a key", "policy-syntax", "log\nquorum none\n")
	bad("log with two addresses", "policy-syntax", "log "+vkey+" a b\nquorum none\n")
	bad("witness without a name", "policy-syntax", "witness "+wkey+"\nquorum none\n")
	bad("vertical tab", "policy-character", w+"quorum\vw\n")
	bad("carriage return", "policy-character", w+"quorum w\r\n")
	bad("delete", "policy-character", "# \x7f\n"+w+"quorum w\n")
	bad("NUL", "policy-character", "# \x00\n"+w+"quorum w\n")
	bad("log key that is none", "key-syntax", "log example.org/log\nquorum none\n")
	bad("witness with a log's key", "policy-key", "witness w "+vkey+"\nquorum w\n")
	bad("log with a COSE root key", "policy-key", "log "+log.Key().COSERoot().String()+"\nquorum none\n")
	bad("log twice", "policy-duplicate-log", "log "+vkey+"\nlog "+vkey+" https://a.example/\nquorum none\n")
	bad("one public key for two logs", "policy-duplicate-log", "log "+vkey+"\nlog "+sameKey("example.org/second")+"\nquorum none\n")
	bad("witness twice", "policy-duplicate-witness", w+"witness v "+wkey+"\nquorum w\n")
	bad("witness and group with one name", "policy-duplicate-name", w+"group w all w\nquorum w\n")
	bad("witness named none", "policy-duplicate-name", "witness none "+wkey+"\nquorum none\n")
	bad("quorum is not defined", "policy-undefined", w+"quorum v\n")
	bad("quorum is defined later", "policy-undefined", "quorum w\n"+w)
	bad("member is defined later", "policy-undefined", "group g any w\n"+w+"quorum g\n")
	bad("none is a member", "policy-undefined", w+"group g any w none\nquorum g\n")
	bad("group is its own member", "policy-undefined", w+"group g any w g\nquorum g\n")
	bad("member twice in a group", "policy-member", w+"group g any w w\nquorum g\n")
	bad("member of two groups", "policy-member", w+"group g any w\ngroup h any w\nquorum g\n")
	for _, k := range []string{"0", "2", "-1", "+1", "01", "1.0", "ALL", "99999999999999999999"} {
		bad("threshold "+k, "policy-threshold", w+"group g "+k+" w\nquorum g\n")
	}
	return out
}

// sameKey is the log's public key under another name.
func sameKey(name tlog.Origin) string {
	s, err := tlog.NewLogSigner(name, tlogtest.PrivateKey(string(log.Origin)))
	if err != nil {
		panic(err)
	}
	return s.Key().String()
}

func good(name, text string, checks ...policyCheck) policyVector {
	p, err := tlog.ParsePolicy([]byte(text))
	if err != nil {
		panic(name + ": " + err.Error())
	}
	v := policyVector{Name: name, Policy: []byte(text), Checks: checks}
	if canonical := p.String(); strings.ToValidUTF8(canonical, "") == canonical { // JSON has no octets
		v.Canonical = canonical
	}
	return v
}

// check is a checkpoint cosigned by these witnesses, and what a policy makes of it.
func check(code string, witnesses ...string) policyCheck {
	raw := string(log.Checkpoint())
	for _, name := range witnesses {
		raw += cosignLine(name)
	}
	c := policyCheck{Note: raw, Error: code}
	if code == "" {
		c.Cosigned = witnesses
	}
	return c
}

func cosignLine(name string) string {
	line, err := tlog.SignatureLine(tlogtest.Cosigner(name), textOf(log.Checkpoint()))
	if err != nil {
		panic(err)
	}
	return line
}

func textOf(raw []byte) string {
	c, err := tlog.UnverifiedCheckpoint(raw)
	if err != nil {
		panic(err)
	}
	return c.Text()
}

func proofs() []proofVector {
	policy := log.Policy(1, "witness.example/w1").String()
	leaf := tlog.LeafHash(log.Entry(42)).String()
	p := log.Proof(42, log.Checkpoint(w1))
	text := string(p.Marshal())
	p.Extra = []byte("anything")
	extra := string(p.Marshal())
	one := tlogtest.New("example.org/log").Grow(1)
	out := []proofVector{
		{Name: "without extra data", Policy: policy, Leaf: leaf, Proof: text},
		{Name: "with extra data", Policy: policy, Leaf: leaf, Proof: extra},
		{
			Name: "only entry of a log, so without hashes", Policy: policy, Leaf: tlog.LeafHash(one.Entry(0)).String(),
			Proof: string(one.Proof(0, one.Checkpoint(w1)).Marshal()),
		},
	}
	bad := func(name, code, text string) {
		out = append(out, proofVector{Name: name, Policy: policy, Leaf: leaf, Proof: text, Error: code})
	}
	edit := func(old, new string) string { return strings.Replace(text, old, new, 1) }
	bad("empty", "proof", "")
	bad("another version", "proof", edit("@v1", "@v2"))
	bad("no header", "proof", strings.TrimPrefix(text, "c2sp.org/tlog-proof@v1\n"))
	bad("no index", "proof", edit("index 42\n", ""))
	bad("leading zero in the index", "proof", edit("index 42", "index 042"))
	bad("negative index", "proof", edit("index 42", "index -1"))
	bad("index of 2^63", "proof", edit("index 42", "index 9223372036854775808"))
	bad("empty extra data", "proof", edit("index", "extra \nindex"))
	bad("extra data is not base64", "proof", edit("index", "extra *\nindex"))
	bad("extra data is not canonical", "proof", edit("index", "extra QQR=\nindex"))
	bad("extra data behind the index", "proof", edit("index 42\n", "index 42\nextra QQ==\n"))
	bad("hash is cut off", "proof", edit("=\n", "\n"))
	bad("no empty line before the checkpoint", "proof", edit("\n\nexample", "\nexample"))
	bad("checkpoint without signatures", "proof", text[:strings.LastIndex(text, "\n\n")+1])
	bad("too many hashes", "proof", edit("\n\n", "\n"+strings.Repeat(leaf+"\n", 64)+"\n"))
	bad("another index", "proof-mismatch", edit("index 42", "index 43"))
	bad("index outside the tree", "proof-shape", edit("index 42", "index 300"))
	bad("not cosigned", "quorum", string(log.Proof(42, log.Checkpoint()).Marshal()))
	other := tlogtest.New("example.org/other").Grow(50)
	bad("of an unknown log", "log-unknown", string(other.Proof(42, other.Checkpoint(w1)).Marshal()))
	return out
}

func addCheckpoints() []addVector {
	raw := string(log.Checkpoint())
	hash := log.Root(5).String() + "\n"
	out := []addVector{
		{Name: "first checkpoint that a witness sees", Body: "old 0\n\n" + raw},
		{Name: "grown", Body: "old 20\n" + hash + hash + "\n" + raw, OldSize: 20, Hashes: 2},
		{Name: "63 hashes", Body: "old 20\n" + strings.Repeat(hash, 63) + "\n" + raw, OldSize: 20, Hashes: 63},
	}
	bad := func(name, body string) { out = append(out, addVector{Name: name, Body: body, Error: "add-checkpoint"}) }
	bad("empty", "")
	bad("no old size", hash+"\n"+raw)
	bad("old size missing", "old \n\n"+raw)
	bad("old without a space", "old20\n\n"+raw)
	bad("leading zero in the old size", "old 020\n\n"+raw)
	bad("negative old size", "old -1\n\n"+raw)
	bad("old size of 2^63", "old 9223372036854775808\n\n"+raw)
	bad("space behind the old size", "old 20 \n\n"+raw)
	bad("64 hashes", "old 20\n"+strings.Repeat(hash, 64)+"\n"+raw)
	bad("hash is cut off", "old 20\n"+hash[:40]+"\n\n"+raw)
	bad("space behind a hash", "old 20\n"+strings.TrimSuffix(hash, "\n")+" \n\n"+raw)
	bad("carriage return", "old 20\r\n\r\n"+raw)
	bad("no empty line before the checkpoint", "old 20\n"+raw)
	bad("no checkpoint", "old 20\n\n")
	bad("checkpoint without signatures", "old 20\n\n"+textOf([]byte(raw)))
	bad("two empty lines before the checkpoint", "old 20\n\n\n"+raw)
	return out
}
