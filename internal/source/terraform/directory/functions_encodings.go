package directory

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"golang.org/x/text/encoding/ianaindex"
)

// encodings are the functions that turn one text into another.
func encodings() map[string]function.Function {
	return map[string]function.Function{
		"base64gzip":   textFunction(zip),
		"base64gunzip": textFunction(gunzip),
		"base64encode": textFunction(func(s string) (string, error) { return base64.StdEncoding.EncodeToString([]byte(s)), nil }),
		"base64decode": textFunction(func(s string) (string, error) {
			data, err := base64.StdEncoding.DecodeString(s)
			if err != nil {
				return "", err
			}
			return utf8Text(data)
		}),
		"urlencode":        textFunction(func(s string) (string, error) { return url.QueryEscape(s), nil }),
		"urldecode":        textFunction(url.QueryUnescape),
		"textencodebase64": transcode(encodeText),
		"textdecodebase64": transcode(decodeText),
	}
}

func textFunction(change func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "str", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := change(args[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			return cty.StringVal(text), nil
		},
	})
}

// zip flushes before it closes, as Terraform does: both leave their bytes.
func zip(s string) (string, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(s))
	err = errors.Join(err, w.Flush(), w.Close())
	return base64.StdEncoding.EncodeToString(out.Bytes()), err
}

func gunzip(s string) (string, error) {
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return "", err
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return "", err
	}
	if len(plain) > maxFile {
		return "", errors.New("the content is too large to be looked at")
	}
	return utf8Text(plain)
}

func transcode(change func(text, name string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "string", Type: cty.String}, {Name: "encoding", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := change(args[0].AsString(), args[1].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			return cty.StringVal(text), nil
		},
	})
}

func encodeText(text, name string) (string, error) {
	encoding, err := ianaindex.IANA.Encoding(name)
	if err != nil || encoding == nil {
		return "", fmt.Errorf("%q is no supported IANA encoding name", name)
	}
	data, err := encoding.NewEncoder().Bytes([]byte(text))
	return base64.StdEncoding.EncodeToString(data), err
}

func decodeText(text, name string) (string, error) {
	encoding, err := ianaindex.IANA.Encoding(name)
	if err != nil || encoding == nil {
		return "", fmt.Errorf("%q is no supported IANA encoding name", name)
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", err
	}
	plain, err := encoding.NewDecoder().Bytes(data)
	return string(plain), err
}
