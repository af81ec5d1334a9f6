package statement

// Codes returns the codes of all errors.
func Codes() (codes []string) {
	for _, f := range faults {
		codes = append(codes, f.code)
	}
	return codes
}

// PAE is the encoding that signatures cover.
var PAE = pae

// MaxKeys is how many keys are remembered at most.
const MaxKeys = maxKeys

// KeysKept returns how many keys are remembered now.
func KeysKept() int {
	keys.mu.Lock()
	defer keys.mu.Unlock()
	if keys.recent.Len() != len(keys.entries) {
		panic("the list and the map of keys differ")
	}
	return keys.recent.Len()
}
