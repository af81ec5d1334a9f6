package c2pa

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
)

// object is a JSON object; its keys are printed in order, so that the same value always gives the same bytes.
type object = map[string]any

// encode writes v as JSON with a newline at the end and without HTML escapes.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("print report: %w", err)
	}
	return b.Bytes(), nil
}

// printable turns a decoded value into one that JSON can say. Byte strings become base64 after a prefix.
func printable(v any, prefix, suffix string) any {
	switch v := v.(type) {
	case []byte:
		return prefix + base64.StdEncoding.EncodeToString(v) + suffix
	case cbor.Map:
		out := object{}
		for k, e := range v {
			out[fmt.Sprint(k)] = printable(e, prefix, suffix)
		}
		return out
	case map[string]any:
		out := object{}
		for k, e := range v {
			out[k] = printable(e, prefix, suffix)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = printable(e, prefix, suffix)
		}
		return out
	case cbor.Tag:
		return printable(v.Content, prefix, suffix)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
		return v
	case nil, bool, string, uint64, int64, json.Number:
		return v
	}
	return fmt.Sprint(v)
}

// statusCodes sorts statuses by kind, as both printed forms have them. None of the lists is ever null.
func statusCodes(statuses []Status) object {
	out := object{}
	for _, kind := range []Kind{Success, Informational, Failure} {
		list := []Status{}
		for _, s := range statuses {
			if s.Kind == kind {
				list = append(list, s)
			}
		}
		out[string(kind)] = list
	}
	return out
}

func deltas(list []Delta) []object {
	out := []object{}
	for _, d := range list {
		out = append(out, object{"ingredientAssertionURI": d.Ingredient, "validationDeltas": statusCodes(d.Statuses)})
	}
	return out
}

// distinguished prints a name by its usual parts.
func distinguished(n pkix.Name) object {
	out := object{}
	for _, part := range []struct {
		key    string
		values []string
	}{{"C", n.Country}, {"ST", n.Province}, {"L", n.Locality}, {"O", n.Organization}, {"OU", n.OrganizationalUnit}} {
		if len(part.values) > 0 {
			out[part.key] = part.values[0]
		}
	}
	if n.CommonName != "" {
		out["CN"] = n.CommonName
	}
	return out
}
