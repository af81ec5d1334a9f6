package cli

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
)

// sniffLength is how many bytes of a file its media type is judged by.
const sniffLength = 512

// mediaType names the kind of a file by its first bytes, and by its name only where bytes of that kind
// look like text, like an archive or like nothing in particular. A .jpg that holds no JPEG is not image/jpeg.
// The tables are our own: the answer is the same on every machine.
func mediaType(name string, head []byte) string {
	if t := magicType(head); t != "" {
		return t
	}
	sniffed, _, _ := strings.Cut(http.DetectContentType(head), ";")
	byName := extensions[strings.ToLower(filepath.Ext(name))]
	if byName.looks == sniffed || byName.looks == looksText && sniffed == "text/xml" {
		return byName.mediaType
	}
	return sniffed
}

// What a file looks like to somebody who knows no more formats than a browser does.
const (
	looksText   = "text/plain"
	looksXML    = "text/xml"
	looksZip    = "application/zip"
	looksBinary = "application/octet-stream"
)

var extensions = map[string]struct{ mediaType, looks string }{
	".md": {"text/markdown", looksText}, ".csv": {"text/csv", looksText}, ".tsv": {"text/tab-separated-values", looksText},
	".json": {"application/json", looksText}, ".jsonl": {"application/jsonl", looksText}, ".yaml": {"application/yaml", looksText},
	".yml": {"application/yaml", looksText}, ".toml": {"application/toml", looksText}, ".js": {"text/javascript", looksText},
	".css": {"text/css", looksText}, ".tex": {"application/x-tex", looksText}, ".srt": {"application/x-subrip", looksText},
	".vtt": {"text/vtt", looksText}, ".py": {"text/x-python", looksText}, ".go": {"text/x-go", looksText},
	".html": {"text/html", looksText}, ".ipynb": {"application/x-ipynb+json", looksText}, ".bib": {"application/x-bibtex", looksText},
	".svg": {"image/svg+xml", looksText}, ".xml": {"application/xml", looksXML}, ".rtf": {"application/rtf", looksText},
	".docx":    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", looksZip},
	".xlsx":    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", looksZip},
	".pptx":    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", looksZip},
	".odt":     {"application/vnd.oasis.opendocument.text", looksZip},
	".ods":     {"application/vnd.oasis.opendocument.spreadsheet", looksZip},
	".odp":     {"application/vnd.oasis.opendocument.presentation", looksZip},
	".epub":    {"application/epub+zip", looksZip},
	".mp3":     {"audio/mpeg", looksBinary},
	".aac":     {"audio/aac", looksBinary},
	".parquet": {"application/vnd.apache.parquet", looksBinary},
	".onnx":    {"application/onnx", looksBinary},
	".bin":     {"application/octet-stream", looksBinary},
}

// magics are formats that net/http does not know, by the bytes at an offset.
var magics = []struct {
	at        int
	bytes     string
	mediaType string
}{
	{0, "II*\x00", "image/tiff"},
	{0, "MM\x00*", "image/tiff"},
	{0, "fLaC", "audio/flac"},
	{0, "\x1aE\xdf\xa3", "video/x-matroska"},
	{0, "\xff\x0a", "image/jxl"},
	{0, "\x00\x00\x00\x0cJXL ", "image/jxl"},
	{0, "GGUF", "application/x-gguf"},
	{0, "\x28\xb5\x2f\xfd", "application/zstd"},
	{0, "BZh", "application/x-bzip2"},
	{0, "\xfd7zXZ\x00", "application/x-xz"},
	{0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"},
	{257, "ustar", "application/x-tar"},
	{4, "ftypheic", "image/heic"},
	{4, "ftypheix", "image/heic"},
	{4, "ftypmif1", "image/heif"},
	{4, "ftypavif", "image/avif"},
	{4, "ftypavis", "image/avif"},
	{4, "ftypM4A ", "audio/mp4"},
	{4, "ftypqt  ", "video/quicktime"},
	{4, "ftyp", "video/mp4"},
}

func magicType(head []byte) string {
	for _, m := range magics {
		if len(head) >= m.at && bytes.HasPrefix(head[m.at:], []byte(m.bytes)) {
			if m.mediaType == "video/x-matroska" && bytes.Contains(head, []byte("webm")) {
				return "video/webm"
			}
			return m.mediaType
		}
	}
	return ""
}
