package lab

// operation answers one call: it writes the result into the call or returns the refusal.
type operation func(*call) *Error

// service is one AWS service as the lab serves it.
type service struct {
	protocol   protocol
	operations map[string]operation
}

// services lists what the lab serves, by the service name in the credential scope of a signature. A further service is
// a file of its own and a line here.
func services() map[string]service {
	return map[string]service{
		"backup":            backupService(),
		"dynamodb":          dynamoService(),
		"ec2":               ec2Service(),
		"elasticache":       elasticacheService(),
		"elasticfilesystem": efsService(),
		"fsx":               fsxService(),
		"kms":               kmsService(),
		"rds":               rdsService(),
		"redshift":          redshiftService(),
		"s3":                s3Service(),
		"sts":               stsService(),
	}
}
