package awsconn

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// Regions are the regions of one account, in alphabetical order.
type Regions struct {
	Enabled []string
	// NotOptedIn are regions that exist and that the account has not enabled.
	NotOptedIn []string
}

var regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d+$`)

// NamedRegions lists the regions that were asked for by name, in alphabetical
// order and each once; none when all regions were asked for.
func (s *Session) NamedRegions() ([]string, error) {
	asked := s.options.Regions
	for _, name := range asked {
		if name != AllRegions && !regionName.MatchString(name) {
			return nil, &OptionError{
				Problem: fmt.Sprintf("%q is no region name such as eu-west-1", name),
				Try:     "holdfast scan --region eu-west-1,us-east-1, or --region all",
			}
		}
	}
	if slices.Contains(asked, AllRegions) {
		return nil, nil
	}
	sorted := slices.Sorted(slices.Values(asked))
	return slices.Compact(sorted), nil
}

// Regions lists the regions of an account that were asked for. Only for "all"
// is AWS asked, with one call; regions given by name are taken as they are, so
// that a disabled one shows as a gap and not as nothing.
func (s *Session) Regions(ctx context.Context, account *Account) (Regions, error) {
	if named, err := s.NamedRegions(); err != nil || len(named) > 0 {
		return Regions{Enabled: named}, err
	}
	client := ec2.NewFromConfig(s.equip(account.base, account.ID, account.base.Region))
	out, err := client.DescribeRegions(ctx, &ec2.DescribeRegionsInput{AllRegions: aws.Bool(true)})
	if err != nil {
		return Regions{}, err
	}
	var found Regions
	for _, region := range out.Regions {
		name := aws.ToString(region.RegionName)
		if aws.ToString(region.OptInStatus) == "not-opted-in" {
			found.NotOptedIn = append(found.NotOptedIn, name)
			continue
		}
		found.Enabled = append(found.Enabled, name)
	}
	if len(found.Enabled) == 0 {
		return Regions{}, OddAnswerError("the service listed no enabled region")
	}
	slices.Sort(found.Enabled)
	slices.Sort(found.NotOptedIn)
	return found, nil
}

// HomePlace is the account's configured region, for calls that are not about
// a region.
func (s *Session) HomePlace(account *Account) Place { return s.place(account, account.base.Region) }
