package lab

import (
	"strconv"
	"strings"
	"time"
)

// Scale generates clusters: each is computed from its index when it is asked for, so that a region can hold a hundred
// thousand of them in constant memory. A generated cluster that is changed becomes an ordinary one and stays at its
// place in listings.
type Scale struct {
	Clusters int
	// Prefix begins the identifiers; they go on with the index in eight digits. "scale-" unless set.
	Prefix string
	// Members is the number of instances of each cluster, at most 9, in the zones of the region in turn. 0 means 1;
	// -1 means none.
	Members int
	// Vary changes generated cluster i; it must give the same result each time. Identifier and members are set before.
	// Nil leaves every cluster as AWS makes new ones.
	Vary func(i int, c *Cluster)

	template Cluster
	adopted  map[int]bool
}

// Generate fills the region with generated clusters, listed after the ones that were added.
func (r *Region) Generate(s Scale) *Region {
	r.mu.Lock()
	defer r.mu.Unlock()
	setDefault(&s.Prefix, "scale-")
	s.Prefix = strings.ToLower(s.Prefix)
	if s.Members == 0 {
		s.Members = 1
	}
	s.Members = max(0, min(s.Members, 9))
	s.template = Cluster{ID: s.Prefix, CreateTime: r.now().Add(-90 * 24 * time.Hour)}
	r.completeCluster(&s.template)
	s.template.MultiAZ = s.Members > 1
	s.adopted = map[int]bool{}
	r.scale = &s
	return r
}

// at computes cluster i into c.
func (s *Scale) at(r *Region, i int, c *Cluster) {
	members := c.Members[:0]
	*c = s.template
	id := make([]byte, 0, 32)
	id = append(id, s.Prefix...)
	id = appendIndex(id, i)
	c.ID = string(id)
	c.ResourceID = "cluster-G" + strings.ToUpper(letters(r.account.ID+r.Name, 17)) + c.ID[len(s.Prefix):]
	for m := range s.Members {
		members = append(members, Member{ID: c.ID + "-" + string(rune('1'+m)), Writer: m == 0, PromotionTier: 1,
			ParameterStatus: "in-sync"})
	}
	c.Members = members
	if s.Vary != nil {
		s.Vary(i, c)
	}
}

func appendIndex(b []byte, i int) []byte {
	digits := strconv.Itoa(i)
	for n := len(digits); n < 8; n++ {
		b = append(b, '0')
	}
	return append(b, digits...)
}

// index tells which generated cluster an identifier names.
func (s *Scale) index(id string) (int, bool) {
	rest, ok := strings.CutPrefix(strings.ToLower(id), s.Prefix)
	if !ok || len(rest) != 8 {
		return 0, false
	}
	i, err := strconv.Atoi(rest)
	return i, err == nil && i >= 0 && i < s.Clusters
}

func (s *Scale) byID(r *Region, id string) (Cluster, bool) {
	i, ok := s.index(id)
	if !ok || s.adopted[i] {
		return Cluster{}, false
	}
	var c Cluster
	s.at(r, i, &c)
	return c.clone(), true
}

// adopt turns a generated cluster and its instances into ordinary ones.
func (s *Scale) adopt(r *Region, id string) {
	c, ok := s.byID(r, id)
	if !ok {
		return
	}
	i, _ := s.index(id)
	s.adopted[i] = true
	members := c.Members
	c.Members = nil
	cl := &cluster{Cluster: c}
	r.clusters.put(c.ID, cl)
	for m := range members {
		r.addInstance(s.instance(r, &c, m))
	}
}

// instance computes member m of a generated cluster.
func (s *Scale) instance(r *Region, c *Cluster, m int) Instance {
	zones := zonesOf(r.Name)
	return Instance{ID: c.ID + "-" + string(rune('1'+m)), ClusterID: c.ID, Engine: c.Engine,
		EngineVersion: c.EngineVersion, Zone: zones[m%len(zones)], CreateTime: c.CreateTime}
}

func (s *Scale) adoptInstance(r *Region, id string) {
	if at := strings.LastIndexByte(id, '-'); at > 0 {
		s.adopt(r, id[:at])
	}
}
