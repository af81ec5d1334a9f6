package tlog

// Met reports whether cosignatures by the named witnesses, as the policy names them, are enough
// for its quorum. Met() of no witnesses says whether the policy asks for none at all.
func (p *Policy) Met(witnesses ...string) bool {
	met := map[string]bool{quorumNone: true}
	for _, name := range witnesses {
		met[name] = true
	}
	return p.met(met)
}
