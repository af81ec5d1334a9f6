package home

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
)

const contextsSchema = "wherefrom.network/contexts/v1"

// Context says where a person records and asks, so that no command needs to be told each time.
type Context struct {
	Log      string   `json:"log"`                // where statements are sent
	Registry string   `json:"registry,omitempty"` // where questions are asked; the log's address if empty
	Key      string   `json:"key,omitempty"`      // which key signs
	Trust    []string `json:"trust,omitempty"`    // trust lists that verification goes by; all of them if empty
}

// Asked returns where questions go.
func (c Context) Asked() string {
	if c.Registry != "" {
		return c.Registry
	}
	return c.Log
}

// Contexts is every context of a home, and which one is in use.
type Contexts struct {
	Schema  string             `json:"schema"`
	Current string             `json:"current"`
	Named   map[string]Context `json:"contexts"`
	path    string
}

// Contexts reads the contexts.
func (h Home) Contexts() (*Contexts, error) {
	c := &Contexts{Schema: contextsSchema, Named: map[string]Context{}, path: filepath.Join(h.Config, "contexts.json")}
	if err := readJSON(c.path, contextsSchema, c); err != nil {
		return nil, fmt.Errorf("read contexts: %w", err)
	}
	if c.Named == nil {
		c.Named = map[string]Context{}
	}
	return c, nil
}

// Names returns the names of the contexts in order.
func (c *Contexts) Names() []string { return slices.Sorted(maps.Keys(c.Named)) }

// Find returns a context by name.
func (c *Contexts) Find(name string) (Context, error) {
	found, ok := c.Named[name]
	if !ok {
		return Context{}, fmt.Errorf("%q: %w", name, ErrContextUnknown)
	}
	return found, nil
}

// Add stores a new context and uses it if it is the first. It returns [ErrContextExists] rather than replace one.
func (c *Contexts) Add(name string, ctx Context) error {
	if err := checkName(name); err != nil {
		return err
	}
	if _, ok := c.Named[name]; ok {
		return fmt.Errorf("%q: %w", name, ErrContextExists)
	}
	c.Named[name] = ctx
	if c.Current == "" {
		c.Current = name
	}
	return c.save()
}

// Set stores a context, replacing the one of the same name.
func (c *Contexts) Set(name string, ctx Context) error {
	delete(c.Named, name)
	return c.Add(name, ctx)
}

// Use makes a context the one that commands go by.
func (c *Contexts) Use(name string) error {
	if _, err := c.Find(name); err != nil {
		return err
	}
	c.Current = name
	return c.save()
}

// Remove forgets a context. If it was in use, none is afterwards.
func (c *Contexts) Remove(name string) error {
	if _, err := c.Find(name); err != nil {
		return err
	}
	delete(c.Named, name)
	if c.Current == name {
		c.Current = ""
	}
	return c.save()
}

func (c *Contexts) save() error {
	if err := writeJSON(c.path, c); err != nil {
		return fmt.Errorf("write contexts: %w", err)
	}
	return nil
}
