package statement

// The limits of one statement. They hold for the envelope and for the payload inside it alike, and are the same
// for everybody: a statement that one reader accepts is accepted by all.
const (
	// MaxEnvelope is the size in bytes of the largest envelope. A C2SP tlog-tiles entry holds 65,535 bytes.
	MaxEnvelope = 60 << 10
	// MaxDepth is how many objects and arrays may be nested in each other.
	MaxDepth = 32
	// MaxValues is how many JSON values one document may have, counting every object, array, string, number,
	// true, false and null, but not member names.
	MaxValues = 10000
	// MaxSubjects is how many subjects one statement may have.
	MaxSubjects = 1024
	// MaxSignatures is how many signatures one envelope may carry.
	MaxSignatures = 8
)
