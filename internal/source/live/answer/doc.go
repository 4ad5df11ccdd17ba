// Package answer turns what AWS answers into properties and pages: a field that
// AWS always sends and did not send is unknown and never a default, a page that
// cannot be is a gap and never an empty account, and one resource that could
// not be read hides no other.
//
// Its nouns: a Field yields one property of an SDK object; a Page is one answer
// of a list; Walk turns the pages. The package knows no service.
package answer
