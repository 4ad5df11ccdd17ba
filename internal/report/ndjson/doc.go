// Package ndjson writes a scan as one JSON message per line, as it happens:
//
//	{"scan":{"format":1,"tool":…,"controls":[…]}}
//	{"finding":{…}}
//	{"gap":{…}}
//	{"summary":{"finished":…,"coverage":{…},"summary":{…}}}
//
// The scan comes first and the summary last; a file without its summary was cut
// short. Package saved reads it back.
package ndjson
