package tlog

// CachedTiles returns the number of tiles that a prover keeps.
func CachedTiles(p *Prover) int { return len(p.tiles.tiles) }
