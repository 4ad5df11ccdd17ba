package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"golang.org/x/sync/errgroup"
)

// pageBare is the least that anybody must do: page through the clusters of all
// regions at once with the AWS SDK, and count them.
func pageBare(ctx context.Context, regions []string) error {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	// The lab answers so fast that the SDK's race between body and answer
	// would cost the bare loop repeated pages; the comparison is to be fair.
	cfg.HTTPClient = awsconn.PlainBodies(nil)
	counts := make([]int, len(regions))
	group, ctx := errgroup.WithContext(ctx)
	for i, region := range regions {
		group.Go(func() error {
			client := rds.NewFromConfig(cfg, func(o *rds.Options) { o.Region = region })
			pages := rds.NewDescribeDBClustersPaginator(client, &rds.DescribeDBClustersInput{
				MaxRecords: aws.Int32(100),
				Filters:    []types.Filter{{Name: aws.String("engine"), Values: []string{"neptune"}}},
			})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					return err
				}
				counts[i] += len(page.DBClusters)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	total := 0
	for _, n := range counts {
		total += n
	}
	fmt.Println(total)
	return nil
}
