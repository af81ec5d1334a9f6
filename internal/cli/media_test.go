package cli

import "testing"

func TestMediaTypeGoesByBytesFirst(t *testing.T) {
	const jpeg, png = "\xff\xd8\xff\xe0JFIF", "\x89PNG\x0d\x0a\x1a\x0a"
	for _, tt := range []struct{ about, name, head, want string }{
		{"a picture", "a.jpg", jpeg, "image/jpeg"},
		{"a picture under another name", "a.txt", png, "image/png"},
		{"words that call themselves a picture", "a.jpg", "hello", "text/plain"},
		{"markdown looks like text", "README.md", "# hello", "text/markdown"},
		{"a drawing looks like XML", "a.svg", `<?xml version="1.0"?><svg/>`, "image/svg+xml"},
		{"a drawing without a prolog", "a.svg", `<svg xmlns="http://www.w3.org/2000/svg"/>`, "image/svg+xml"},
		{"a picture that calls itself a drawing", "a.svg", png, "image/png"},
		{"a letter is an archive", "a.docx", "PK\x03\x04....", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"an archive", "a.zip", "PK\x03\x04....", "application/zip"},
		{"a phone's picture", "a.heic", "\x00\x00\x00\x18ftypheic\x00\x00", "image/heic"},
		{"a film", "a.mp4", "\x00\x00\x00\x18ftypisom\x00\x00", "video/mp4"},
		{"a web film", "a.webm", "\x1aE\xdf\xa3\x01\x00webm", "video/webm"},
		{"a scan", "a.tif", "II*\x00....", "image/tiff"},
		{"sound without tags", "a.mp3", "\xff\xfb\x90\x00\x01\x02\x00", "audio/mpeg"},
		{"nothing known", "a.xyz", "\x00\x01\x02\x03", "application/octet-stream"},
		{"nothing at all", "empty", "", "text/plain"},
		{"an archive of files", "a.tar", string(make([]byte, 257)) + "ustar\x00", "application/x-tar"},
	} {
		if got := mediaType(tt.name, []byte(tt.head)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.about, got, tt.want)
		}
	}
}
