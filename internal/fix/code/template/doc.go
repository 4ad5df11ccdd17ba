// Package template finds and writes values in CloudFormation templates and in
// the parameter files beside them, in YAML and in JSON.
//
// Which node decides a property is the source's to say: this package follows no
// reference and evaluates nothing. A layout is a file as nodes that know their
// bytes. A change is what becomes of one node: other text, more fields, more
// items. Bytes that belong to no change stay as they are, with comments,
// anchors, order, quotes, tags, line ends and indentation.
//
// Every result is read once more and compared with the file before: a change
// that cannot be made without touching anything else is refused. The package
// must not write files, and must not edit what the CDK wrote.
package template
