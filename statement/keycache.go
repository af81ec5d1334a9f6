package statement

import (
	"container/list"
	"sync"
)

// keys remembers the keys seen last. Bringing a key into the form that checks signatures costs about as much as a third
// of a check in a batch, and most statements come from an issuer seen a moment ago.
var keys = keyCache{entries: make(map[Issuer]*list.Element)}

// maxKeys bounds the cache to about 8 MiB.
const maxKeys = 4096

// keyCache is a bounded least-recently-used set of keys, safe for concurrent use.
type keyCache struct {
	mu      sync.Mutex
	entries map[Issuer]*list.Element // guarded by mu; the values are *key
	recent  list.List                // guarded by mu; most recent first
}

func (c *keyCache) get(did []byte) *key {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[Issuer(did)]
	if e == nil {
		return nil
	}
	c.recent.MoveToFront(e)
	return e.Value.(*key)
}

func (c *keyCache) put(k *key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[k.issuer] != nil {
		return
	}
	c.entries[k.issuer] = c.recent.PushFront(k)
	if c.recent.Len() > maxKeys {
		oldest := c.recent.Remove(c.recent.Back()).(*key)
		delete(c.entries, oldest.issuer)
	}
}
