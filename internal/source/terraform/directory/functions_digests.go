package directory

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"path"

	"github.com/zclconf/go-cty/cty/function"
)

// sums are the digests, by the name of the function that makes them.
func sums() map[string]func([]byte) string {
	return map[string]func([]byte) string{
		"md5":          func(b []byte) string { s := md5.Sum(b); return hex.EncodeToString(s[:]) },
		"sha1":         func(b []byte) string { s := sha1.Sum(b); return hex.EncodeToString(s[:]) },
		"sha256":       func(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) },
		"sha512":       func(b []byte) string { s := sha512.Sum512(b); return hex.EncodeToString(s[:]) },
		"base64sha256": func(b []byte) string { s := sha256.Sum256(b); return base64.StdEncoding.EncodeToString(s[:]) },
		"base64sha512": func(b []byte) string { s := sha512.Sum512(b); return base64.StdEncoding.EncodeToString(s[:]) },
	}
}

// fileDigests are the same over the content of a file.
func fileDigests() map[string]func([]byte) string {
	all := make(map[string]func([]byte) string)
	for name, sum := range sums() {
		all["file"+name] = sum
	}
	return all
}

// digests are the functions that hash a text or take a path apart.
func digests() map[string]function.Function {
	all := map[string]function.Function{
		"basename": textFunction(func(s string) (string, error) { return path.Base(s), nil }),
		"dirname":  textFunction(func(s string) (string, error) { return path.Dir(s), nil }),
	}
	for name, sum := range sums() {
		all[name] = textFunction(func(s string) (string, error) { return sum([]byte(s)), nil })
	}
	return all
}
