package lab

import (
	"regexp"
	"strings"
)

// area is a region as DescribeRegions knows it.
type area struct {
	name  string
	optIn bool // must be enabled by the account before use
}

// areas lists the regions of a partition, in the order of their names.
func areas(partition string) []area {
	switch partition {
	case "aws-cn":
		return []area{{"cn-north-1", false}, {"cn-northwest-1", false}}
	case "aws-us-gov":
		return []area{{"us-gov-east-1", false}, {"us-gov-west-1", false}}
	}
	return []area{
		{"af-south-1", true}, {"ap-east-1", true}, {"ap-northeast-1", false}, {"ap-northeast-2", false},
		{"ap-northeast-3", false}, {"ap-south-1", false}, {"ap-south-2", true}, {"ap-southeast-1", false},
		{"ap-southeast-2", false}, {"ap-southeast-3", true}, {"ap-southeast-4", true}, {"ap-southeast-5", true},
		{"ca-central-1", false}, {"ca-west-1", true}, {"eu-central-1", false}, {"eu-central-2", true},
		{"eu-north-1", false}, {"eu-south-1", true}, {"eu-south-2", true}, {"eu-west-1", false}, {"eu-west-2", false},
		{"eu-west-3", false}, {"il-central-1", true}, {"me-central-1", true}, {"me-south-1", true}, {"mx-central-1", true},
		{"sa-east-1", false}, {"us-east-1", false}, {"us-east-2", false}, {"us-west-1", false}, {"us-west-2", false},
	}
}

// partitionOf tells the partition in which a region lies.
func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// suffixOf is the DNS suffix of a region.
func suffixOf(region string) string {
	if partitionOf(region) == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

func needsOptIn(region string) bool {
	for _, a := range areas(partitionOf(region)) {
		if a.name == region {
			return a.optIn
		}
	}
	return false
}

func validRegion(name string) bool {
	ok, err := regexp.MatchString(`^[a-z]{2}(-[a-z]+){1,2}-[0-9]$`, name)
	return err == nil && ok
}

// zonesOf names the three availability zones that every region of the lab has.
func zonesOf(region string) []string { return []string{region + "a", region + "b", region + "c"} }

// zoneID is the account-independent name of a zone, such as euw1-az1.
func zoneID(zone string) string {
	region, letter := zone[:len(zone)-1], zone[len(zone)-1]
	short := ""
	for i, part := range strings.Split(region, "-") {
		switch {
		case i == 0:
			short = part
		case part == "northeast", part == "southeast", part == "northwest", part == "southwest":
			short += part[:1] + part[5:6]
		default:
			short += part[:1]
		}
	}
	return short + "-az" + string(rune('1'+letter-'a'))
}
