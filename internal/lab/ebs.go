package lab

import (
	"net/http"
	"slices"
)

// Volume is an EBS volume.
type Volume struct {
	ID        string // vol-…
	State     string // in-use unless set
	Encrypted bool
	Tags      Tags
}

// EBSSnapshot is an EBS snapshot of the account.
type EBSSnapshot struct {
	ID         string // snap-…
	VolumeID   string
	Encrypted  bool
	SharedWith []string // accounts, and "all" for everybody
	Tags       Tags
}

// SharingBlock is the setting that keeps the snapshots of a region from being public.
type SharingBlock struct {
	State     string // unblocked unless set, block-new-sharing or block-all-sharing
	ManagedBy string // account unless set, or declarative-policy
}

// AddVolume puts an EBS volume into the region.
func (r *Region) AddVolume(v Volume) *Region {
	setDefault(&v.State, "in-use")
	v.Tags = v.Tags.clone()
	return add(r, &r.stores.volumes, v.ID, v)
}

// AddEBSSnapshot puts an EBS snapshot into the region.
func (r *Region) AddEBSSnapshot(s EBSSnapshot) *Region {
	s.Tags, s.SharedWith = s.Tags.clone(), slices.Clone(s.SharedWith)
	return add(r, &r.stores.blocks, s.ID, s)
}

// BlockSharing sets whether snapshots of the region may be public.
func (r *Region) BlockSharing(b SharingBlock) *Region {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stores.sharing = b
	return r
}

func getSharingBlock(c *call) *Error {
	b := c.region.stores.sharing
	c.out.text("state", or(b.State, "unblocked"))
	c.out.text("managedBy", or(b.ManagedBy, "account"))
	return nil
}

func describeVolumes(c *call) *Error {
	page, refused := c.pageOf("MaxResults", "NextToken", 1000)
	if refused != nil {
		return refused
	}
	w := &c.out
	w.raw("<volumeSet>")
	for key, v := range c.region.stores.volumes.after(page.from) {
		if !page.take(key) {
			break
		}
		c.oddly(key, nil, func() {
			w.raw("<item>")
			w.text("volumeId", v.ID)
			w.text("status", v.State)
			w.bool("encrypted", v.Encrypted)
			w.ec2Tags(v.Tags)
			w.raw("</item>")
		})
	}
	w.raw("</volumeSet>")
	w.str("nextToken", page.token())
	return nil
}

func describeEBSSnapshots(c *call) *Error {
	page, refused := c.pageOf("MaxResults", "NextToken", 1000)
	if refused != nil {
		return refused
	}
	everybody := slices.Contains(c.params.list("RestorableBy", "member"), "all")
	w := &c.out
	w.raw("<snapshotSet>")
	for key, s := range c.region.stores.blocks.after(page.from) {
		if everybody && !slices.Contains(s.SharedWith, "all") {
			continue
		}
		if !page.take(key) {
			break
		}
		c.oddly(key, nil, func() {
			w.raw("<item>")
			w.text("snapshotId", s.ID)
			w.str("volumeId", s.VolumeID)
			w.text("status", "completed")
			w.text("ownerId", c.account.ID)
			w.bool("encrypted", s.Encrypted)
			w.ec2Tags(s.Tags)
			w.raw("</item>")
		})
	}
	w.raw("</snapshotSet>")
	w.str("nextToken", page.token())
	return nil
}

func describeEBSSnapshotAttribute(c *call) *Error {
	id, refused := c.params.required("SnapshotId")
	if refused != nil {
		return refused
	}
	s, ok := c.region.stores.blocks.get(id)
	if !ok {
		return refuse(http.StatusBadRequest, "InvalidSnapshot.NotFound", "The snapshot '%s' does not exist.", id)
	}
	w := &c.out
	w.text("snapshotId", s.ID)
	c.oddly(s.ID, nil, func() {
		if w.twisted("createVolumePermission") {
			return
		}
		w.raw("<createVolumePermission>")
		for _, with := range s.SharedWith {
			w.raw("<item>")
			if with == "all" {
				w.text("group", "all")
			} else {
				w.text("userId", with)
			}
			w.raw("</item>")
		}
		w.raw("</createVolumePermission>")
	})
	return nil
}

// ec2Tags writes tags as EC2 does.
func (w *xmlWriter) ec2Tags(tags Tags) {
	w.raw("<tagSet>")
	for _, key := range tags.keys() {
		w.raw("<item>")
		w.text("key", key)
		w.text("value", tags[key])
		w.raw("</item>")
	}
	w.raw("</tagSet>")
}
