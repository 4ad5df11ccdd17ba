package recover

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

const day = 24 * time.Hour

// longest bounds a span: no service keeps anything for a hundred years.
const longest = 100 * 365 * day

var (
	spanText = regexp.MustCompile(`^(?:[0-9]{1,6}[wdhm])+$`)
	spanPart = regexp.MustCompile(`([0-9]+)([wdhm])`)
)

// ParseSpan reads a length of time such as 6d, 36h, 2w or 1d12h: weeks, days of
// 24 hours, hours and minutes. It is more than nothing and less than a hundred
// years.
func ParseSpan(text string) (time.Duration, error) {
	if !spanText.MatchString(text) {
		return 0, fmt.Errorf("%q is no length of time such as 6d, 36h or 2w", text)
	}
	var sum time.Duration
	for _, part := range spanPart.FindAllStringSubmatch(text, -1) {
		count, err := strconv.Atoi(part[1])
		if err != nil {
			return 0, err
		}
		unit := map[string]time.Duration{"w": 7 * day, "d": day, "h": time.Hour, "m": time.Minute}[part[2]]
		if time.Duration(count) > longest/unit {
			return 0, fmt.Errorf("%s is longer than a hundred years", text)
		}
		if sum += time.Duration(count) * unit; sum > longest {
			return 0, fmt.Errorf("%s is longer than a hundred years", text)
		}
	}
	if sum == 0 {
		return 0, errors.New("it is no time at all")
	}
	return sum, nil
}

// ParseMoment reads a moment in RFC 3339, or a date, which means its beginning
// in UTC.
func ParseMoment(text string) (time.Time, error) {
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither a date such as 2026-11-16 nor a time such as 2026-11-16T09:30:00Z", text)
	}
	return at.UTC(), nil
}
