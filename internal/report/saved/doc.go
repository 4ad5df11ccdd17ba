// Package saved reads a scan that the json or ndjson format wrote and replays
// it as a stream, so that it can be compared or written in another format.
//
// It is strict: a file that was cut short, reordered, edited into something
// else or written in another version is refused with its line and field. It
// holds one finding at a time, whatever the size of the file. Within a finding
// or message the names of fields match in any letter case and null stands for
// an empty field, as encoding/json has it. It must not judge, repair or fill in
// anything.
package saved
