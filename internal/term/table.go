package term

import (
	"strings"
	"unicode/utf8"
)

// Table collects rows and writes them aligned on a terminal, and with tabs between them in a pipe.
type Table struct {
	io   *IO
	rows [][]string
}

// Table begins a table. The head is written on terminals only: in a pipe every line is a row.
func (t *IO) Table(head ...string) *Table {
	table := &Table{io: t}
	if t.OutTerminal && len(head) > 0 {
		upper := make([]string, len(head))
		for i, h := range head {
			upper[i] = strings.ToUpper(h)
		}
		table.rows = append(table.rows, upper)
	}
	return table
}

// Row adds a row. Tabs and line breaks inside a cell become question marks, so that a row stays a row.
func (t *Table) Row(cells ...string) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = Clean(cell)
	}
	t.rows = append(t.rows, row)
}

// Flush writes the rows.
func (t *Table) Flush() {
	if !t.io.OutTerminal {
		for _, row := range t.rows {
			t.io.Printf("%s", strings.Join(row, "\t"))
		}
		return
	}
	widths := t.widths()
	for _, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
			}
		}
		t.io.Printf("%s", line.String())
	}
}

// widths returns the widest cell of each column.
func (t *Table) widths() []int {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}
