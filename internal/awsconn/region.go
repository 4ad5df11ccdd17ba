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

// Regions lists the regions of an account that were asked for. Only for "all"
// is AWS asked, with one call; regions given by name are taken as they are, so
// that a disabled one shows as a gap and not as nothing.
func (s *Session) Regions(ctx context.Context, account *Account) (Regions, error) {
	asked := s.options.Regions
	if len(asked) > 0 && !slices.Contains(asked, AllRegions) {
		for _, name := range asked {
			if !regionName.MatchString(name) {
				return Regions{}, fmt.Errorf("%q is no region name such as eu-west-1", name)
			}
		}
		sorted := slices.Clone(asked)
		slices.Sort(sorted)
		return Regions{Enabled: slices.Compact(sorted)}, nil
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
	slices.Sort(found.Enabled)
	slices.Sort(found.NotOptedIn)
	return found, nil
}

// HomePlace is the account's configured region, for calls that are not about
// a region.
func (s *Session) HomePlace(account *Account) Place { return s.place(account, account.base.Region) }
