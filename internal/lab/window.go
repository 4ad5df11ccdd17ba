package lab

import (
	"strconv"
	"strings"
)

const week = 7 * 24 * 60 // minutes

// judgeWindows refuses backup and maintenance windows that are malformed or, when one of them was sent, overlap.
func judgeWindows(backup, maintenance string, sent bool) *Error {
	if !sent {
		return nil
	}
	from, length, ok := daily(backup)
	if !ok {
		return invalidValue("Invalid backup window format: %s. Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC) of at least 30 minutes.", backup)
	}
	begin, duration, ok := weekly(maintenance)
	if !ok {
		return invalidValue("Invalid maintenance window format: %s. Should be specified as a range ddd:hh24:mi-ddd:hh24:mi (24H Clock UTC) of at least 30 minutes.", maintenance)
	}
	for day := range 7 {
		start := from + day*24*60
		if (begin-start+week)%week < length || (start-begin+week)%week < duration {
			return invalidValue("The backup window and maintenance window must not overlap.")
		}
	}
	return nil
}

// daily reads hh24:mi-hh24:mi as its first minute of the day and its length in minutes.
func daily(window string) (from, length int, ok bool) {
	a, b, found := strings.Cut(window, "-")
	from, ok1 := clock(a)
	to, ok2 := clock(b)
	length = (to - from + 24*60) % (24 * 60)
	return from, length, found && ok1 && ok2 && length >= 30
}

// weekly reads ddd:hh24:mi-ddd:hh24:mi as its first minute of the week and its length in minutes.
func weekly(window string) (from, length int, ok bool) {
	a, b, found := strings.Cut(strings.ToLower(window), "-")
	from, ok1 := dayClock(a)
	to, ok2 := dayClock(b)
	length = (to - from + week) % week
	return from, length, found && ok1 && ok2 && length >= 30
}

func dayClock(s string) (int, bool) {
	day, rest, _ := strings.Cut(s, ":")
	at := strings.Index("sunmontuewedthufrisat", day)
	minutes, ok := clock(rest)
	return at/3*24*60 + minutes, ok && len(day) == 3 && at%3 == 0
}

func clock(s string) (int, bool) {
	h, m, _ := strings.Cut(s, ":")
	hours, err1 := strconv.Atoi(h)
	minutes, err2 := strconv.Atoi(m)
	return hours*60 + minutes, err1 == nil && err2 == nil && len(h) == 2 && len(m) == 2 && hours < 24 && minutes < 60 && hours >= 0 && minutes >= 0
}
