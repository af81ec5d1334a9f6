// Package interop runs other people's implementations against ours, and ours against theirs. It
// has tests only, in a module of its own, so that what we test with is nothing that we ship.
//
//	make interop
package interop
