package lab

import (
	"net/http"
	"strconv"
)

// Bucket is an S3 bucket of an account.
type Bucket struct {
	Name       string
	Region     string // us-east-1 unless set
	Versioning string // Enabled, Suspended; empty where it was never turned on
	Lock       bool   // Object Lock
	LockMode   string // of the default retention: GOVERNANCE, COMPLIANCE, or empty for no default retention
	LockDays   int
	Tags       Tags
}

// AddBucket puts a bucket into the account.
func (a *Account) AddBucket(b Bucket) *Account {
	setDefault(&b.Region, "us-east-1")
	b.Tags = b.Tags.clone()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.buckets.put(b.Name, &b)
	return a
}

func s3Service() service {
	return service{
		protocol: restProtocol{xml: true, routes: []route{
			{"GET", "/", "ListBuckets"},
			{"GET", "/{Bucket}?versioning", "GetBucketVersioning"},
			{"PUT", "/{Bucket}?versioning", "PutBucketVersioning"},
			{"GET", "/{Bucket}?object-lock", "GetObjectLockConfiguration"},
			{"GET", "/{Bucket}?tagging", "GetBucketTagging"},
			{"GET", "/{Bucket}?location", "GetBucketLocation"},
		}},
		operations: map[string]operation{
			"GetBucketLocation":          ofBucket(getBucketLocation),
			"GetBucketTagging":           ofBucket(getBucketTagging),
			"GetBucketVersioning":        ofBucket(getBucketVersioning),
			"GetObjectLockConfiguration": ofBucket(getObjectLock),
			"ListBuckets":                listBuckets,
			"PutBucketVersioning":        ofBucket(putBucketVersioning),
		},
	}
}

const s3Namespace = `xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`

func listBuckets(c *call) *Error {
	page, refused := c.pageOf("max-buckets", "continuation-token", 10_000)
	if refused != nil {
		return refused
	}
	w := &c.out
	w.raw("<ListAllMyBucketsResult " + s3Namespace + "><Buckets>")
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	for key, b := range c.account.buckets.after(page.from) {
		if !page.take(key) {
			break
		}
		c.oddly(key, nil, func() {
			w.raw("<Bucket>")
			w.text("Name", b.Name)
			if len(c.params) > 0 { // S3 tells the region only to those who ask for pages
				w.text("BucketRegion", b.Region)
			}
			w.raw("</Bucket>")
		})
	}
	w.raw("</Buckets>")
	w.str("ContinuationToken", page.token())
	w.raw("</ListAllMyBucketsResult>")
	return nil
}

// ofBucket finds the bucket, and sends those on who ask in another region.
func ofBucket(op func(*call, *Bucket)) operation {
	return func(c *call) *Error {
		c.account.mu.Lock()
		defer c.account.mu.Unlock()
		b, ok := c.account.buckets.get(c.params["Bucket"])
		if !ok {
			return refuse(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
		}
		if b.Region != c.region.Name && c.operation != "GetBucketLocation" {
			c.header = map[string]string{"X-Amz-Bucket-Region": b.Region}
			return refuse(http.StatusMovedPermanently, "PermanentRedirect",
				"The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.")
		}
		return c.answerBucket(op, b)
	}
}

// answerBucket runs the operation, with the refusals of settings that are not there.
func (c *call) answerBucket(op func(*call, *Bucket), b *Bucket) *Error {
	switch {
	case c.operation == "GetObjectLockConfiguration" && !b.Lock:
		return refuse(http.StatusNotFound, "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket")
	case c.operation == "PutBucketVersioning" && c.versioning() == "":
		return refuse(http.StatusBadRequest, "IllegalVersioningConfigurationException", "The Versioning element must be specified")
	case c.operation == "GetBucketTagging" && len(b.Tags) == 0:
		return refuse(http.StatusNotFound, "NoSuchTagSet", "The TagSet does not exist")
	}
	op(c, b)
	return nil
}

func getBucketVersioning(c *call, b *Bucket) {
	c.out.raw("<VersioningConfiguration " + s3Namespace + ">")
	c.out.str("Status", b.Versioning)
	c.out.raw("</VersioningConfiguration>")
}

func getObjectLock(c *call, b *Bucket) {
	w := &c.out
	w.raw("<ObjectLockConfiguration " + s3Namespace + "><ObjectLockEnabled>Enabled</ObjectLockEnabled>")
	if b.LockMode != "" {
		w.raw("<Rule><DefaultRetention>")
		w.text("Mode", b.LockMode)
		w.text("Days", strconv.Itoa(max(1, b.LockDays)))
		w.raw("</DefaultRetention></Rule>")
	}
	w.raw("</ObjectLockConfiguration>")
}

func getBucketTagging(c *call, b *Bucket) {
	c.out.raw("<Tagging " + s3Namespace + ">")
	c.out.tags("TagSet", b.Tags)
	c.out.raw("</Tagging>")
}

func getBucketLocation(c *call, b *Bucket) {
	region := b.Region
	if region == "us-east-1" {
		region = "" // S3's first region has no name here
	}
	c.out.raw("<LocationConstraint " + s3Namespace + ">")
	c.out.escape(region)
	c.out.raw("</LocationConstraint>")
}
