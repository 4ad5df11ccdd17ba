package lab

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// xmlWriter appends XML to a buffer. It is written by hand because a page of clusters is the hot path of every bench:
// encoding/xml would make the lab, and not the client, the thing that is measured.
type xmlWriter struct {
	buf []byte
	odd *Odd // how the resource being written is malformed, nil for a sound one
}

func (w *xmlWriter) raw(s string) { w.buf = append(w.buf, s...) }

func (w *xmlWriter) open(tag string) {
	w.buf = append(w.buf, '<')
	w.buf = append(w.buf, tag...)
	w.buf = append(w.buf, '>')
}

func (w *xmlWriter) close(tag string) {
	w.buf = append(w.buf, '<', '/')
	w.buf = append(w.buf, tag...)
	w.buf = append(w.buf, '>')
}

// twisted handles a member that an Odd leaves out or replaces; it tells whether nothing more is to be written.
func (w *xmlWriter) twisted(tag string) bool {
	if w.odd == nil {
		return false
	}
	if raw, ok := w.odd.Raw[tag]; ok {
		w.open(tag)
		w.escape(raw)
		w.close(tag)
		return true
	}
	for _, omitted := range w.odd.Omit {
		if omitted == tag {
			return true
		}
	}
	return false
}

// text writes a member even when it is empty.
func (w *xmlWriter) text(tag, value string) {
	if w.twisted(tag) {
		return
	}
	w.open(tag)
	w.escape(value)
	w.close(tag)
}

// str writes a member, or nothing when it is empty.
func (w *xmlWriter) str(tag, value string) {
	if value != "" {
		w.text(tag, value)
	}
}

func (w *xmlWriter) int(tag string, value int) {
	if w.twisted(tag) {
		return
	}
	w.open(tag)
	w.buf = strconv.AppendInt(w.buf, int64(value), 10)
	w.close(tag)
}

func (w *xmlWriter) float(tag string, value float64) {
	if w.twisted(tag) {
		return
	}
	w.open(tag)
	w.buf = strconv.AppendFloat(w.buf, value, 'g', -1, 64)
	w.close(tag)
}

func (w *xmlWriter) bool(tag string, value bool) {
	if w.twisted(tag) {
		return
	}
	w.open(tag)
	w.buf = strconv.AppendBool(w.buf, value)
	w.close(tag)
}

// time writes a member, or nothing for the zero time: AWS leaves out what is not known yet.
func (w *xmlWriter) time(tag string, t time.Time) {
	if t.IsZero() || w.twisted(tag) {
		return
	}
	w.open(tag)
	w.buf = t.UTC().AppendFormat(w.buf, "2006-01-02T15:04:05.000Z")
	w.close(tag)
}

// list writes a list of strings, or nothing when it is empty.
func (w *xmlWriter) list(tag, item string, values []string) {
	if len(values) == 0 || w.twisted(tag) {
		return
	}
	w.open(tag)
	for _, v := range values {
		w.open(item)
		w.escape(v)
		w.close(item)
	}
	w.close(tag)
}

// tags writes tags in the order of their keys.
func (w *xmlWriter) tags(tag string, tags Tags) {
	if w.twisted(tag) {
		return
	}
	w.open(tag)
	for _, key := range tags.keys() {
		w.raw("<Tag>")
		w.text("Key", key)
		w.text("Value", tags[key])
		w.raw("</Tag>")
	}
	w.close(tag)
}

// escape writes text. What XML cannot hold in any form, control characters and broken UTF-8, becomes U+FFFD.
func (w *xmlWriter) escape(s string) {
	start := 0
	for i := 0; i < len(s); {
		width := 1
		entity := ""
		switch c := s[i]; {
		case c == '&':
			entity = "&amp;"
		case c == '<':
			entity = "&lt;"
		case c == '>':
			entity = "&gt;"
		case c == '"':
			entity = "&#34;"
		case c == '\r':
			entity = "&#13;"
		case c < ' ' && c != '\t' && c != '\n':
			entity = string(utf8.RuneError)
		case c >= utf8.RuneSelf:
			var r rune
			r, width = utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError || r == 0xFFFE || r == 0xFFFF {
				entity = string(utf8.RuneError)
			}
		}
		if entity != "" {
			w.buf = append(w.buf, s[start:i]...)
			w.buf = append(w.buf, entity...)
			start = i + width
		}
		i += width
	}
	w.buf = append(w.buf, s[start:]...)
}
