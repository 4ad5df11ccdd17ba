package junit_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

// schema is as much of XML Schema as junit-10.xsd uses: named elements, their
// children by reference, their attributes, and types with a pattern. All
// children of that schema may repeat in any order.
type schema struct {
	Elements []element `xml:"element"`
	Types    []struct {
		Name    string `xml:"name,attr"`
		Pattern struct {
			Value string `xml:"value,attr"`
		} `xml:"restriction>pattern"`
	} `xml:"simpleType"`
}

type element struct {
	Name       string      `xml:"name,attr"`
	Type       string      `xml:"type,attr"`
	Attributes []attribute `xml:"complexType>attribute"`
	InSequence []child     `xml:"complexType>sequence>element"`
	InChoice   []child     `xml:"complexType>choice>element"`
	InBoth     []child     `xml:"complexType>sequence>choice>element"`
}

type attribute struct {
	Name string `xml:"name,attr"`
	Type string `xml:"type,attr"`
	Use  string `xml:"use,attr"`
}

type child struct {
	Ref string `xml:"ref,attr"`
}

func readSchema(t *testing.T) *schema {
	t.Helper()
	text, err := os.ReadFile("testdata/schemas/junit-10.xsd")
	if err != nil {
		t.Fatal(err)
	}
	s := new(schema)
	if err := xml.Unmarshal(text, s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *schema) element(name string) *element {
	for i := range s.Elements {
		if s.Elements[i].Name == name {
			return &s.Elements[i]
		}
	}
	return nil
}

// validate walks a document and returns the first thing the schema refuses.
func (s *schema) validate(document io.Reader) error {
	decoder := xml.NewDecoder(document)
	var open []*element
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := s.element(token.Name.Local)
			if e == nil {
				return fmt.Errorf("no element %s", token.Name.Local)
			}
			if len(open) > 0 && !open[len(open)-1].allows(e.Name) {
				return fmt.Errorf("%s stands in %s", e.Name, open[len(open)-1].Name)
			}
			if err := s.attributes(e, token.Attr); err != nil {
				return err
			}
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			text := strings.TrimSpace(string(token))
			if text != "" && len(open[len(open)-1].InBoth)+len(open[len(open)-1].InChoice)+len(open[len(open)-1].InSequence) > 0 {
				return fmt.Errorf("text %q stands in %s", text, open[len(open)-1].Name)
			}
		}
	}
}

func (e *element) allows(name string) bool {
	for _, list := range [][]child{e.InSequence, e.InChoice, e.InBoth} {
		for _, c := range list {
			if c.Ref == name {
				return true
			}
		}
	}
	return false
}

func (s *schema) attributes(e *element, given []xml.Attr) error {
	values := make(map[string]string)
	for _, a := range given {
		values[a.Name.Local] = a.Value
	}
	for _, a := range e.Attributes {
		value, ok := values[a.Name]
		if !ok && a.Use == "required" {
			return fmt.Errorf("%s lacks %s", e.Name, a.Name)
		}
		for _, typ := range s.Types {
			if ok && typ.Name == a.Type && !regexp.MustCompile("^(?:"+typ.Pattern.Value+")$").MatchString(value) {
				return fmt.Errorf("%s %s=%q does not match %s", e.Name, a.Name, value, typ.Name)
			}
		}
		delete(values, a.Name)
	}
	for name := range values {
		return fmt.Errorf("%s has an attribute %s", e.Name, name)
	}
	return nil
}

func TestTheSchemaCheckRefuses(t *testing.T) {
	t.Parallel()
	s := readSchema(t)
	for name, document := range map[string]string{
		"element":   `<testsuites><suite/></testsuites>`,
		"place":     `<testsuites><testcase name="a"/></testsuites>`,
		"missing":   `<testsuite name="a" tests="1" failures="0"/>`,
		"attribute": `<testsuites colour="red"/>`,
		"pattern":   `<testsuites time="1 minute"/>`,
		"text":      `<testsuites>hello</testsuites>`,
	} {
		if s.validate(strings.NewReader(document)) == nil {
			t.Errorf("%s: %s is accepted", name, document)
		}
	}
}
