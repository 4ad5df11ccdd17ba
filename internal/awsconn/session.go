package awsconn

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"golang.org/x/sync/errgroup"
)

// Options say how to connect.
type Options struct {
	// Profile is a name in the shared AWS configuration; empty for the default.
	Profile string
	// Roles are role ARNs to assume, one account each. Empty: the account of
	// the credentials themselves.
	Roles []string
	// ExternalID is sent with every assumed role, if not empty.
	ExternalID string
	// Regions are region names, or the single word "all" for every region
	// that the account has enabled. Empty means all.
	Regions []string
	// Allowed lists the operations, as rds:DescribeDBClusters, that may be
	// called beside those the package itself needs.
	Allowed []string
	// Rate is the greatest number of calls per second to one service in one
	// region of one account. 0 means DefaultRate, below 0 no limit.
	Rate float64
	// Version is sent in the user agent, so that CloudTrail names the caller.
	Version string
	// Fixed, when set, stands in for the environment and the shared AWS files:
	// it is how the demo and the tests speak to a lab.
	Fixed *Fixed
	// AttemptTimeout bounds one attempt of one call; 0 means 30 seconds.
	AttemptTimeout time.Duration
}

// Fixed is an endpoint for every service with its credentials.
type Fixed struct{ Endpoint, Region, AccessKey, SecretKey string }

// DefaultRate leaves headroom for the workload: RDS starts to throttle an
// account well above 20 calls a second per region.
const DefaultRate = 20

// AllRegions asks for every enabled region.
const AllRegions = "all"

// Account is one account to work in.
type Account struct {
	ID        string
	Partition string
	// Role is the assumed role, empty for the credentials' own account.
	Role string
	base aws.Config
}

// Place is one region of one account, ready to be called.
type Place struct {
	Account, Region, Partition string
	Config                     aws.Config
	// Memo holds what several readers of one scan need of the place; nil
	// remembers nothing.
	Memo *Memo
}

// Session connects to the accounts of one run.
type Session struct {
	options Options
	base    aws.Config
	budget  *budget
	calls   *recorder

	mu       sync.Mutex
	accounts map[string]*Account
}

// Open loads the credentials and settings from the environment and the shared
// AWS files, as every AWS tool does. It makes no call yet.
func Open(ctx context.Context, options Options) (*Session, error) {
	if options.AttemptTimeout == 0 {
		options.AttemptTimeout = 30 * time.Second
	}
	s := &Session{options: options, budget: newBudget(options.Rate), calls: newRecorder(), accounts: map[string]*Account{}}
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(httpClient(options.AttemptTimeout)),
		config.WithRetryer(func() aws.Retryer { return newRetryer() }),
		config.WithLogger(logging.Nop{}), // errors are returned, never logged beside
		config.WithAppID("holdfast-" + options.Version),
	}
	if fixed := options.Fixed; fixed != nil {
		load = append(load,
			config.WithBaseEndpoint(fixed.Endpoint), config.WithRegion(fixed.Region),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(fixed.AccessKey, fixed.SecretKey, "")),
			config.WithSharedConfigFiles([]string{}), config.WithSharedCredentialsFiles([]string{}))
	}
	if options.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(options.Profile))
	}
	base, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, &CredentialsError{Cause: err}
	}
	if base.Region == "" {
		base.Region = firstRegion(options.Regions)
	}
	base.HTTPClient = PlainBodies(base.HTTPClient)
	s.base = base
	return s, nil
}

// firstRegion is where STS and the list of regions are asked when no region is
// configured.
func firstRegion(regions []string) string {
	for _, region := range regions {
		if region != AllRegions {
			return region
		}
	}
	return "us-east-1"
}

var roleARN = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::(\d{12}):role/.+$`)

// entering is how many roles are assumed side by side.
const entering = 16

// Accounts lists the accounts to work in, in the order of the roles. One that
// cannot be entered is an *AccountError in the second result and does not stop
// the others; the third is set when there are no usable credentials at all, or
// when the options cannot be.
func (s *Session) Accounts(ctx context.Context) ([]*Account, []*AccountError, error) {
	if _, err := s.NamedRegions(); err != nil {
		return nil, nil, err
	}
	if len(s.options.Roles) == 0 {
		account, err := s.ownAccount(ctx)
		if err != nil {
			return nil, nil, err
		}
		return []*Account{account}, nil, nil
	}
	accounts, err := s.named()
	if err != nil {
		return nil, nil, err
	}
	causes := make([]error, len(accounts))
	group := new(errgroup.Group)
	group.SetLimit(entering)
	for i, account := range accounts {
		group.Go(func() error {
			_, causes[i] = account.base.Credentials.Retrieve(ctx)
			return nil
		})
	}
	_ = group.Wait() // every error is kept with its account
	var found []*Account
	var faults []*AccountError
	for i, account := range accounts {
		if causes[i] != nil {
			faults = append(faults, &AccountError{Account: account.ID, Role: account.Role, Operation: "sts:AssumeRole", Cause: causes[i]})
			continue
		}
		s.remember(account)
		found = append(found, account)
	}
	return found, faults, nil
}

// named reads the roles. A role given twice counts once; a second role of the
// same account is refused, since everything there would be read twice.
func (s *Session) named() ([]*Account, error) {
	var accounts []*Account
	seen := make(map[string]string)
	for _, role := range s.options.Roles {
		parts := roleARN.FindStringSubmatch(role)
		if parts == nil {
			return nil, &OptionError{
				Problem: fmt.Sprintf("%q is no role ARN such as arn:aws:iam::111122223333:role/holdfast-read", role),
				Try:     "holdfast scan --role-arn arn:aws:iam::111122223333:role/holdfast-read",
			}
		}
		switch other := seen[parts[2]]; other {
		case role:
			continue
		case "":
			seen[parts[2]] = role
			accounts = append(accounts, &Account{ID: parts[2], Partition: parts[1], Role: role, base: s.assume(role)})
		default:
			return nil, &OptionError{
				Problem: fmt.Sprintf("%s and %s are in the same account, %s, which would be read twice", other, role, parts[2]),
				Try:     "holdfast scan --role-arn " + other,
			}
		}
	}
	return accounts, nil
}

func (s *Session) ownAccount(ctx context.Context) (*Account, error) {
	cfg := s.equip(s.base, "", s.base.Region)
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, &CredentialsError{Cause: err}
	}
	if aws.ToString(out.Account) == "" {
		return nil, &CredentialsError{Cause: errors.New("sts:GetCallerIdentity answered without an account")}
	}
	arn := strings.SplitN(aws.ToString(out.Arn), ":", 3)
	partition := "aws"
	if len(arn) == 3 {
		partition = arn[1]
	}
	account := &Account{ID: aws.ToString(out.Account), Partition: partition, base: s.base}
	s.remember(account)
	return account, nil
}

func (s *Session) remember(account *Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts[account.ID] = account
}

// assume returns the configuration of an assumed role, whose credentials are
// renewed before they expire.
func (s *Session) assume(role string) aws.Config {
	cfg := s.base.Copy()
	client := sts.NewFromConfig(s.equip(s.base, "", s.base.Region))
	provider := stscreds.NewAssumeRoleProvider(client, role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = "holdfast"
		if s.options.ExternalID != "" {
			o.ExternalID = aws.String(s.options.ExternalID)
		}
	})
	cfg.Credentials = aws.NewCredentialsCache(provider, func(o *aws.CredentialsCacheOptions) {
		o.ExpiryWindow = 5 * time.Minute
	})
	return cfg
}

// Place opens a region of an account that Accounts has returned.
func (s *Session) Place(account, region string) (Place, error) {
	s.mu.Lock()
	known := s.accounts[account]
	s.mu.Unlock()
	if known == nil {
		return Place{}, fmt.Errorf("account %s is not among the accounts of these credentials", account)
	}
	return s.place(known, region), nil
}

func (s *Session) place(account *Account, region string) Place {
	return Place{Account: account.ID, Region: region, Partition: account.Partition, Config: s.equip(account.base, account.ID, region)}
}

// Config opens a region of an account and returns only its configuration.
func (s *Session) Config(_ context.Context, account, region string) (aws.Config, error) {
	place, err := s.Place(account, region)
	return place.Config, err
}

// equip adds the list of allowed operations, the budget and the record of
// calls to a configuration.
func (s *Session) equip(base aws.Config, account, region string) aws.Config {
	cfg := base.Copy()
	cfg.Region = region
	allowed := newGuard(s.options.Allowed)
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), func(stack *middleware.Stack) error {
		if err := stack.Initialize.Add(allowed, middleware.Before); err != nil {
			return err
		}
		attempt := &attemptMiddleware{budget: s.budget, calls: s.calls, account: account, region: region}
		return stack.Finalize.Insert(attempt, "Retry", middleware.After)
	})
	return cfg
}

// Calls returns how often each operation was called, attempts that were
// repeated included.
func (s *Session) Calls() map[string]int { return s.calls.snapshot() }

// CallCount is the sum of Calls.
func (s *Session) CallCount() int { return s.calls.total() }

// CredentialsError says that there are no credentials that AWS accepts.
type CredentialsError struct{ Cause error }

func (e *CredentialsError) Error() string {
	if errors.Is(e.Cause, context.Canceled) {
		return "interrupted before anything was read"
	}
	return "no AWS credentials that work: " + brief(e.Cause)
}

// Unwrap returns the cause.
func (e *CredentialsError) Unwrap() error { return e.Cause }

// Hint names the usual ways out.
func (e *CredentialsError) Hint() string {
	switch Classify(e.Cause).Reason {
	case finding.GapExpired:
		return "aws sso login, then the same command again"
	case finding.GapInterrupted:
		return ""
	}
	return "aws sts get-caller-identity, or holdfast demo to go on without an account"
}

// OptionError says that a connection cannot be as it was asked for.
type OptionError struct{ Problem, Try string }

func (e *OptionError) Error() string { return e.Problem }

// Hint returns the command to try.
func (e *OptionError) Hint() string { return e.Try }

// AccountError says that one account could not be entered.
type AccountError struct {
	Account, Role, Operation string
	Cause                    error
}

func (e *AccountError) Error() string {
	return fmt.Sprintf("enter account %s with %s: %s", e.Account, e.Role, brief(e.Cause))
}

// Unwrap returns the cause.
func (e *AccountError) Unwrap() error { return e.Cause }

// brief keeps the last, most telling part of an SDK error.
func brief(err error) string {
	var api interface {
		error
		ErrorCode() string
		ErrorMessage() string
	}
	if errors.As(err, &api) {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return err.Error()
}
