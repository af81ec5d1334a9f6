package witness

import (
	"encoding/hex"
	"os"
	"path/filepath"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// maxEvidence is how many conflicts are kept for one log. One is enough to convict it.
const maxEvidence = 16

// keepEvidence stores two checkpoints of one size that a log has signed over different roots:
// DIR/evidence/HASH/ROOT-cosigned, which this witness had cosigned, and -refused. It does what it
// can; a fault here must not keep the witness from refusing.
func (w *Witness) keepEvidence(last record, refused []byte, other tlog.Checkpoint) {
	w.metrics.forks.Inc()
	w.logger.Error("a log has signed two trees of one size",
		"origin", string(other.Origin), "size", other.Size, "cosigned", last.Root, "refused", other.Root)
	dir := filepath.Join(evidenceDir, originHash(other.Origin))
	if err := os.MkdirAll(filepath.Join(w.store.dir, dir), 0o755); err != nil {
		w.logger.Error("evidence not kept", "err", err)
		return
	}
	files, err := os.ReadDir(filepath.Join(w.store.dir, dir))
	if err != nil || len(files) >= 2*maxEvidence {
		return
	}
	name := filepath.Join(dir, hex.EncodeToString(other.Root[:8]))
	for suffix, data := range map[string][]byte{"-cosigned": last.signed, "-refused": refused} {
		if err := w.store.replace(name+suffix, data); err != nil {
			w.logger.Error("evidence not kept", "err", err)
		}
	}
}
