package cli

import (
	"slices"
	"strings"
)

// wellKnownLicenses are short names of SPDX licences that people use. SPDX has many more, and its list grows.
var wellKnownLicenses = strings.Fields(`
0BSD AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-2.0 BSD-1-Clause BSD-2-Clause BSD-3-Clause
BSD-3-Clause-Clear BSD-4-Clause BSL-1.0 BUSL-1.1 CC-BY-1.0 CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 CC-BY-NC-2.0
CC-BY-NC-3.0 CC-BY-NC-4.0 CC-BY-NC-ND-2.0 CC-BY-NC-ND-3.0 CC-BY-NC-ND-4.0 CC-BY-NC-SA-2.0 CC-BY-NC-SA-3.0
CC-BY-NC-SA-4.0 CC-BY-ND-2.0 CC-BY-ND-3.0 CC-BY-ND-4.0 CC-BY-SA-2.0 CC-BY-SA-2.5 CC-BY-SA-3.0 CC-BY-SA-4.0
CC-PDDC CC0-1.0 CDDL-1.0 CDDL-1.1 CDLA-Permissive-1.0 CDLA-Permissive-2.0 CDLA-Sharing-1.0 CECILL-2.1 CPL-1.0
ECL-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 FSFAP GFDL-1.2-only GFDL-1.2-or-later GFDL-1.3-only GFDL-1.3-or-later
GPL-1.0-only GPL-1.0-or-later GPL-2.0 GPL-2.0-only GPL-2.0-or-later GPL-3.0 GPL-3.0-only GPL-3.0-or-later HPND ISC
LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1 LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0 LGPL-3.0-only LGPL-3.0-or-later
LPPL-1.3c MIT MIT-0 MPL-1.1 MPL-2.0 MPL-2.0-no-copyleft-exception MS-PL MS-RL MulanPSL-2.0 NCSA NLOD-2.0 ODbL-1.0
ODC-By-1.0 OFL-1.0 OFL-1.1 OGL-UK-3.0 OSL-3.0 PDDL-1.0 PostgreSQL PSF-2.0 Python-2.0 QPL-1.0 Ruby SSPL-1.0 UPL-1.0
Unicode-3.0 Unlicense Vim W3C WTFPL X11 Zlib ZPL-2.1`)

// unknownLicenses returns the names in an SPDX expression that are not well known: perhaps they are misspelt. Names
// that SPDX leaves to whoever uses them, and those of exceptions, are not judged.
func unknownLicenses(expression string) (unknown []string) {
	if strings.Contains(expression, "://") {
		return nil
	}
	exception := false
	for _, word := range strings.Fields(strings.NewReplacer("(", " ", ")", " ").Replace(expression)) {
		judged := !exception && word != "AND" && word != "OR" && word != "WITH" && !strings.Contains(word, "LicenseRef-")
		exception = word == "WITH"
		known := func(name string) bool { return strings.EqualFold(name, strings.TrimSuffix(word, "+")) }
		if judged && !slices.ContainsFunc(wellKnownLicenses, known) {
			unknown = append(unknown, word)
		}
	}
	return unknown
}

// noteLicense says that a licence may be misspelt, while that can still be mended.
func (a *app) noteLicense(expression string) {
	if unknown := unknownLicenses(expression); len(unknown) > 0 {
		a.io.Note("note: %s is not among the SPDX licences known here; check how it is spelt: https://spdx.org/licenses", cleanLine(strings.Join(unknown, ", ")))
	}
}
