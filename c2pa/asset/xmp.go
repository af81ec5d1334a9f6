package asset

import (
	"bytes"
	"html"
)

// MaxXMP bounds how much XMP is looked at.
const MaxXMP = 1 << 20

// RemoteManifest returns the value of dcterms:provenance in an XMP packet, which C2PA 15.5.3.1 lets point to a manifest
// store elsewhere. It is looked for as text, as attribute or element; XMP is unsigned, so it is a hint and no more.
func RemoteManifest(xmp []byte) string {
	key := []byte("dcterms:provenance")
	for {
		i := bytes.Index(xmp, key)
		if i < 0 {
			return ""
		}
		xmp = bytes.TrimLeft(xmp[i+len(key):], " \t\r\n")
		if v, ok := valueAfter(xmp); ok {
			return html.UnescapeString(v)
		}
	}
}

func valueAfter(rest []byte) (string, bool) {
	if len(rest) == 0 {
		return "", false
	}
	switch rest[0] {
	case '=':
		rest = bytes.TrimLeft(rest[1:], " \t\r\n")
		if len(rest) > 0 && (rest[0] == '"' || rest[0] == '\'') {
			if end := bytes.IndexByte(rest[1:], rest[0]); end >= 0 {
				return string(rest[1 : 1+end]), end > 0
			}
		}
	case '>':
		if end := bytes.IndexByte(rest, '<'); end > 1 {
			return string(bytes.TrimSpace(rest[1:end])), true
		}
	}
	return "", false
}
