package cloudformation

// Root is a template that no other one nests: that of a stack of its own.
type Root struct {
	// File is the template, as the origins of its resources name it.
	File string
	// Stack, Account and Region are what a cloud assembly says of the stack;
	// empty where it says nothing, and for templates outside of one.
	Stack, Account, Region string
}

// Roots lists the root templates below the paths, in the order in which they are
// read. What cannot be looked at is left out; reading it says why.
func (s *Source) Roots() []Root {
	var roots []Root
	for _, one := range find(s.paths, s.disk).roots {
		roots = append(roots, Root{
			File: one.file, Stack: one.pseudo["AWS::StackName"],
			Account: one.pseudo["AWS::AccountId"], Region: one.pseudo["AWS::Region"],
		})
	}
	return roots
}
