package c2pa

import (
	"slices"
	"strings"
)

// Kind says what a status means for the manifest it is about.
type Kind string

// Kinds of C2PA 15.2.2.
const (
	Success       Kind = "success"
	Informational Kind = "informational"
	Failure       Kind = "failure"
)

// Status is one finding: a code of the specification, the JUMBF address of what it is about, and a sentence for a person.
type Status struct {
	Code        string `json:"code"`
	URL         string `json:"url"`
	Explanation string `json:"explanation"`
	Kind        Kind   `json:"-"`
	// ingredient is the address of the ingredient assertion under which the finding was made, empty for the active manifest.
	ingredient string
}

// Status codes of C2PA 15.2.2, and a few more that the reference implementation uses and users know.
const (
	codeSignatureValid       = "claimSignature.validated"
	codeSignatureInside      = "claimSignature.insideValidity"
	codeSignatureOutside     = "claimSignature.outsideValidity"
	codeSignatureMissing     = "claimSignature.missing"
	codeSignatureMismatch    = "claimSignature.mismatch"
	codeCredentialTrusted    = "signingCredential.trusted"
	codeCredentialUntrusted  = "signingCredential.untrusted"
	codeCredentialInvalid    = "signingCredential.invalid"
	codeCredentialExpired    = "signingCredential.expired"
	codeNotRevoked           = "signingCredential.ocsp.notRevoked"
	codeRevoked              = "signingCredential.ocsp.revoked"
	codeOCSPSkipped          = "signingCredential.ocsp.skipped"
	codeStampValid           = "timeStamp.validated"
	codeStampTrusted         = "timeStamp.trusted"
	codeStampMismatch        = "timeStamp.mismatch"
	codeStampMalformed       = "timeStamp.malformed"
	codeStampOutside         = "timeStamp.outsideValidity"
	codeStampUntrusted       = "timeStamp.untrusted"
	codeAlgUnsupported       = "algorithm.unsupported"
	codeClaimMissing         = "claim.missing"
	codeClaimMultiple        = "claim.multiple"
	codeClaimMalformed       = "claim.malformed"
	codeClaimCBOR            = "claim.cbor.invalid"
	codeBindingMissing       = "claim.hardBindings.missing"
	codeBindingMultiple      = "assertion.multipleHardBindings"
	codeAssertionMatch       = "assertion.hashedURI.match"
	codeAssertionMismatch    = "assertion.hashedURI.mismatch"
	codeAssertionMissing     = "assertion.missing"
	codeAssertionUndeclared  = "assertion.undeclared"
	codeAssertionOutside     = "assertion.outsideManifest"
	codeAssertionCBOR        = "assertion.cbor.invalid"
	codeAssertionJSON        = "assertion.json.invalid"
	codeAssertionRequired    = "assertion.required.missing"
	codeSelfRedacted         = "assertion.selfRedacted"
	codeNotRedacted          = "assertion.notRedacted"
	codeActionRedacted       = "assertion.action.redacted"
	codeBindingRedacted      = "assertion.dataHash.redacted"
	codeActionMalformed      = "assertion.action.malformed"
	codeActionIngredient     = "assertion.action.ingredientMismatch"
	codeActionRedaction      = "assertion.action.redactionMismatch"
	codeActionSoftBinding    = "assertion.action.softBindingMissing"
	codeReferenceMissing     = "hashedURI.missing"
	codeReferenceMismatch    = "hashedURI.mismatch"
	codeDataMatch            = "assertion.dataHash.match"
	codeDataMismatch         = "assertion.dataHash.mismatch"
	codeDataMalformed        = "assertion.dataHash.malformed"
	codeDataExtra            = "assertion.dataHash.additionalExclusionsPresent"
	codeBoxesMatch           = "assertion.boxesHash.match"
	codeBoxesMismatch        = "assertion.boxesHash.mismatch"
	codeBoxesMalformed       = "assertion.boxesHash.malformed"
	codeBoxesUnknown         = "assertion.boxesHash.unknownBox"
	codeBoxesExtra           = "assertion.boxesHash.additionalExclusionsPresent"
	codeBMFFMatch            = "assertion.bmffHash.match"
	codeBMFFMismatch         = "assertion.bmffHash.mismatch"
	codeBMFFMalformed        = "assertion.bmffHash.malformed"
	codeBMFFExtra            = "assertion.bmffHash.additionalExclusionsPresent"
	codeCloudMalformed       = "assertion.cloud-data.malformed"
	codeCloudBinding         = "assertion.cloud-data.hardBinding"
	codeCloudActions         = "assertion.cloud-data.actions"
	codeMetadataDisallowed   = "assertion.metadata.disallowed"
	codeStampAssertion       = "assertion.timestamp.malformed"
	codeIngredientMalformed  = "assertion.ingredient.malformed"
	codeIngredientUnknown    = "ingredient.unknownProvenance"
	codeIngredientMissing    = "ingredient.manifest.missing"
	codeIngredientMatch      = "ingredient.manifest.validated"
	codeIngredientMismatch   = "ingredient.manifest.mismatch"
	codeIngredientSigMissing = "ingredient.claimSignature.missing"
	codeIngredientSigMatch   = "ingredient.claimSignature.validated"
	codeIngredientSigDiffers = "ingredient.claimSignature.mismatch"
	codeManyParents          = "manifest.multipleParents"
	codeUpdateInvalid        = "manifest.update.invalid"
	codeUpdateParents        = "manifest.update.wrongParents"
	codeCompressedInvalid    = "manifest.compressed.invalid"
	codeManifestInaccessible = "manifest.inaccessible"
	codeGeneralError         = "general.error"
)

// sentences says each code in words that need no knowledge of the specification.
var sentences = map[string]string{
	codeSignatureValid:       "the signature fits the claim",
	codeSignatureInside:      "the signer's certificate was valid when it signed",
	codeSignatureOutside:     "the signer's certificate was not valid at the time that counts",
	codeSignatureMissing:     "the claim does not point to a signature in its own manifest",
	codeSignatureMismatch:    "the signature does not fit the claim: one of them was changed after signing",
	codeCredentialTrusted:    "a trust list vouches for the signer",
	codeCredentialUntrusted:  "no trust list installed here vouches for the signer",
	codeCredentialInvalid:    "the signer's certificate may not be used to sign content",
	codeCredentialExpired:    "the signer's certificate had expired or was not valid yet",
	codeNotRevoked:           "the signer's certificate was not withdrawn when it signed",
	codeRevoked:              "the signer's certificate had been withdrawn by its issuer",
	codeOCSPSkipped:          "whether the certificate was withdrawn since is not asked over the network",
	codeStampValid:           "the time stamp fits the signature",
	codeStampTrusted:         "a trust list vouches for the time stamp's authority",
	codeStampMismatch:        "the time stamp is for other data and is ignored",
	codeStampMalformed:       "the time stamp cannot be read and is ignored",
	codeStampOutside:         "the time stamp's authority was not valid at that time; it is ignored",
	codeStampUntrusted:       "no trust list installed here vouches for the time stamp's authority; it is ignored",
	codeAlgUnsupported:       "an algorithm is missing or not on the allowed list",
	codeClaimMissing:         "the manifest has no claim",
	codeClaimMultiple:        "the manifest has more than one claim",
	codeClaimMalformed:       "the claim lacks what a claim must say, or says it wrongly",
	codeClaimCBOR:            "the claim cannot be read",
	codeBindingMissing:       "the manifest does not bind itself to any content",
	codeBindingMultiple:      "the manifest binds itself to content more than once",
	codeAssertionMatch:       "the assertion is as it was signed",
	codeAssertionMismatch:    "the assertion was changed after signing",
	codeAssertionMissing:     "an assertion that was signed is not there",
	codeAssertionUndeclared:  "an assertion is there that was never signed",
	codeAssertionOutside:     "the claim lists an assertion of another manifest as its own",
	codeAssertionCBOR:        "the assertion cannot be read as CBOR",
	codeAssertionJSON:        "the assertion cannot be read as JSON",
	codeAssertionRequired:    "the assertion lacks what it must say",
	codeSelfRedacted:         "the claim removes one of its own assertions",
	codeNotRedacted:          "an assertion that is said to be removed still has content",
	codeActionRedacted:       "a record of actions was removed, which is not allowed",
	codeBindingRedacted:      "the binding to the content was removed, which is not allowed",
	codeActionMalformed:      "the record of actions breaks a rule",
	codeActionIngredient:     "an action does not point to the ingredient it needs",
	codeActionRedaction:      "a removal does not point to an assertion",
	codeActionSoftBinding:    "a watermark is said to be there, but nothing says how to read it",
	codeReferenceMissing:     "a reference leads nowhere",
	codeReferenceMismatch:    "what a reference leads to was changed",
	codeDataMatch:            "the content is as it was signed",
	codeDataMismatch:         "the content is not what was signed",
	codeDataMalformed:        "the binding to the content is malformed",
	codeDataExtra:            "parts of the file besides the manifest are not covered by the signature",
	codeBoxesMatch:           "every part of the content is as it was signed",
	codeBoxesMismatch:        "a part of the content is not what was signed",
	codeBoxesMalformed:       "the binding to the content is malformed",
	codeBoxesUnknown:         "the file has a part that was never signed",
	codeBoxesExtra:           "parts of the file besides the manifest are not covered by the signature",
	codeBMFFMatch:            "the content is as it was signed",
	codeBMFFMismatch:         "the content is not what was signed",
	codeBMFFMalformed:        "the binding to the content is malformed",
	codeBMFFExtra:            "parts of the file besides the manifest are not covered by the signature",
	codeCloudMalformed:       "a reference to data elsewhere is malformed",
	codeCloudBinding:         "the binding to the content may not be kept elsewhere",
	codeCloudActions:         "the actions of an update may not be kept elsewhere",
	codeMetadataDisallowed:   "the metadata has a field that is not allowed",
	codeStampAssertion:       "the time stamps that were added later cannot be read",
	codeIngredientMalformed:  "the record of an ingredient is malformed",
	codeIngredientUnknown:    "the ingredient has no manifest: its origin is not recorded here",
	codeIngredientMissing:    "the ingredient's manifest is not there",
	codeIngredientMatch:      "the ingredient's manifest is as it was when it was used",
	codeIngredientMismatch:   "the ingredient's manifest was changed after it was used",
	codeIngredientSigMissing: "the ingredient's signature is not recorded or not there",
	codeIngredientSigMatch:   "the ingredient's signature is as it was when it was used",
	codeIngredientSigDiffers: "the ingredient's signature was changed after it was used",
	codeManyParents:          "the manifest claims more than one parent",
	codeUpdateInvalid:        "an update manifest has what an update may not have",
	codeUpdateParents:        "an update manifest must have exactly one parent and nothing else",
	codeCompressedInvalid:    "the compressed manifest cannot be unpacked",
	codeManifestInaccessible: "the manifest is kept elsewhere and was not fetched",
	codeGeneralError:         "the manifest store cannot be read",
}

// journal collects findings in the order in which they are made.
type journal struct {
	items      []Status
	ingredient string
	recorded   map[finding]int // what the users of the ingredient being examined recorded about it, counted; not said again
}

// finding is what makes a recorded status and a new one the same.
type finding struct{ code, url string }

// maxFindings bounds a report. A store about which there is more to say is invalid for that alone.
const maxFindings = 100_000

// record adds by to how often statuses are recorded.
func (j *journal) record(list []Status, by int) {
	if j.recorded == nil {
		j.recorded = map[finding]int{}
	}
	for _, s := range list {
		j.recorded[finding{s.Code, s.URL}] += by
	}
}

func (j *journal) add(kind Kind, code, url, detail string) {
	text := sentence(code)
	switch {
	case text == "":
		text = detail
	case detail != "":
		text += ": " + detail
	}
	j.again(Status{Code: code, URL: url, Explanation: text, Kind: kind})
}

// again files a finding under the ingredient being examined, unless that was recorded before.
func (j *journal) again(s Status) {
	old := j.recorded[finding{s.Code, s.URL}] > 0
	if j.ingredient != "" && !strings.HasPrefix(s.Code, "cawg.") && kindOf(s.Code) == s.Kind && old || len(j.items) > maxFindings {
		return
	}
	s.ingredient = j.ingredient
	if len(j.items) == maxFindings {
		s = Status{Code: codeGeneralError, URL: s.URL, Explanation: "there is more to say about this store than a report may hold", Kind: Failure}
	}
	j.items = append(j.items, s)
}

// sentence says a code in words.
func sentence(code string) string {
	for _, table := range []map[string]string{sentences, identitySentences, icaSentences} {
		if s := table[code]; s != "" {
			return s
		}
	}
	return ""
}

func (j *journal) pass(code, url string)         { j.add(Success, code, url, "") }
func (j *journal) note(code, url, detail string) { j.add(Informational, code, url, detail) }
func (j *journal) fail(code, url, detail string) { j.add(Failure, code, url, detail) }

// under runs f with its findings filed under an ingredient assertion.
func (j *journal) under(ingredient string, f func()) {
	before := j.ingredient
	j.ingredient = ingredient
	f()
	j.ingredient = before
}

var successCodes = []string{
	codeSignatureValid, codeSignatureInside, codeCredentialTrusted, codeNotRevoked, codeStampValid, codeStampTrusted,
	codeAssertionMatch, codeDataMatch, codeBoxesMatch, codeBMFFMatch, codeIngredientMatch, codeIngredientSigMatch,
}

var informationalCodes = []string{
	codeOCSPSkipped, codeStampMismatch, codeStampMalformed, codeStampOutside, codeStampUntrusted, codeIngredientUnknown,
	codeDataExtra, codeBoxesExtra, codeBMFFExtra,
}

// kindOf returns the kind a code has by its nature. A missing manifest has none: that somebody else missed it before is no excuse.
func kindOf(code string) Kind {
	switch {
	case code == codeIngredientMissing:
		return ""
	case slices.Contains(successCodes, code):
		return Success
	case slices.Contains(informationalCodes, code):
		return Informational
	}
	return Failure
}
