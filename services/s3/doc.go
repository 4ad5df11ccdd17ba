// Package s3 is what Holdfast knows of Amazon S3 as far as backups go: whether
// buckets keep old versions and lock objects.
//
// Buckets belong to an account, not to a region: their list is read once in an
// account, whatever regions are scanned, and each bucket is then asked in the
// region where it is.
package s3
