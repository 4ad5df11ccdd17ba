package apply

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"gopkg.in/yaml.v3"
)

//go:embed prices.yaml
var priceFile string

// prices is the price list: USD per hour and instance, on demand.
type prices struct {
	Region string  `yaml:"region"`
	Date   string  `yaml:"date"`
	Hours  float64 `yaml:"hours"` // of a month
	// IOOptimized is the factor of clusters with I/O-optimized storage.
	IOOptimized float64            `yaml:"ioOptimized"`
	Serverless  float64            `yaml:"serverless"` // per capacity unit
	Sizes       map[string]float64 `yaml:"sizes"`
	Families    map[string]span    `yaml:"families"`
	Classes     map[string]float64 `yaml:"classes"`
}

// span is a price of which only the bounds are known.
type span struct {
	Low  float64 `yaml:"low"`
	High float64 `yaml:"high"`
}

func loadPrices() (*prices, error) {
	decoder := yaml.NewDecoder(strings.NewReader(priceFile))
	decoder.KnownFields(true)
	list := new(prices)
	if err := decoder.Decode(list); err != nil {
		return nil, fmt.Errorf("price list: %w", err)
	}
	return list, nil
}

// machine is an instance as it is billed.
type machine struct {
	class       string
	ioOptimized bool
	// units are the capacity units below which a serverless instance does not go.
	units float64
}

// hourly returns the price of a machine in USD per hour, and whether the list
// knows its class.
func (p *prices) hourly(m machine) (span, bool) {
	price, known := p.ofClass(m)
	if m.ioOptimized && m.class != serverlessClass {
		price.Low *= p.IOOptimized
		price.High *= p.IOOptimized
	}
	return price, known
}

const serverlessClass = "db.serverless"

func (p *prices) ofClass(m machine) (span, bool) {
	if m.class == serverlessClass {
		return span{m.units * p.Serverless, m.units * p.Serverless}, m.units > 0
	}
	if price, ok := p.Classes[m.class]; ok {
		return span{price, price}, true
	}
	dot := strings.LastIndex(m.class, ".")
	if dot < 0 {
		return span{}, false
	}
	family, known := p.Families[m.class[:dot]]
	size, sized := p.Sizes[m.class[dot+1:]]
	return span{family.Low * size, family.High * size}, known && sized
}

// cost is what machines add to the bill of a region in a month. A single class
// that the list does not know leaves the whole unknown.
func (p *prices) cost(region string, machines []machine) *fix.Cost {
	var sum span
	counts := make(map[string]int)
	for _, m := range machines {
		price, known := p.hourly(m)
		if !known {
			return &fix.Cost{Basis: fmt.Sprintf("the price list of %s does not have %s; look it up at https://aws.amazon.com/neptune/pricing/", p.Date, m.class)}
		}
		sum.Low += price.Low * p.Hours
		sum.High += price.High * p.Hours
		counts[m.name()]++
	}
	cost := &fix.Cost{Low: cents(sum.Low), High: cents(sum.High), Known: true, Basis: p.basis(region, counts)}
	if cost.Low < cost.High {
		cost.Basis += "; published prices of the class disagree, see https://aws.amazon.com/neptune/pricing/"
	}
	return cost
}

func (m machine) name() string {
	if m.class == serverlessClass {
		return fmt.Sprintf("%s at its least, %g capacity units,", m.class, m.units)
	}
	return m.class
}

func (p *prices) basis(region string, counts map[string]int) string {
	var classes []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		classes = append(classes, fmt.Sprintf("%d x %s", counts[name], name))
	}
	basis := fmt.Sprintf("%s for %g hours at the on-demand list price of %s as of %s", strings.Join(classes, ", "), p.Hours, p.Region, p.Date)
	if region != p.Region {
		basis += "; the price in " + region + " differs"
	}
	return basis
}

// cents rounds USD to cents.
func cents(usd float64) float64 { return float64(int64(usd*100+0.5)) / 100 }
