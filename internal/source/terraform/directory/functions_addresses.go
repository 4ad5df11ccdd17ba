package directory

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"

	"github.com/hashicorp/go-cty-funcs/cidr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// addresses are the functions on addresses of networks.
func addresses() map[string]function.Function {
	return map[string]function.Function{
		"cidrcontains": decimal(cidrContainsFunction()), "cidrhost": decimal(cidr.HostFunc),
		"cidrnetmask": decimal(netmaskFunction()), "cidrsubnet": decimal(cidr.SubnetFunc),
		"cidrsubnets": decimal(cidr.SubnetsFunc),
	}
}

// leadingZeros are those of the parts of an IPv4 address.
var leadingZeros = regexp.MustCompile(`(^|\.)0+([0-9])`)

// decimal makes a function take the parts of an IPv4 address as decimal numbers
// also with zeros in front, as Terraform always has. Go refuses them.
func decimal(f function.Function) function.Function {
	return function.New(&function.Spec{
		Params: f.Params(), VarParam: f.VarParam(), Type: f.ReturnTypeForValues,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			for i, argument := range args {
				if argument.Type() == cty.String {
					args[i] = cty.StringVal(leadingZeros.ReplaceAllString(argument.AsString(), "$1$2"))
				}
			}
			return f.Call(args)
		},
	})
}

func cidrContainsFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "containing_prefix", Type: cty.String}, {Name: "contained_ip_or_prefix", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			outer, err := netip.ParsePrefix(args[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			inner, err := addressOrPrefix(args[1].AsString())
			switch {
			case err != nil:
				return cty.NilVal, err
			case inner.Addr().Is4() != outer.Addr().Is4():
				return cty.NilVal, fmt.Errorf("%s and %s are of different families", outer, inner)
			}
			return cty.BoolVal(inner.Bits() >= outer.Bits() && outer.Contains(inner.Addr())), nil
		},
	})
}

func addressOrPrefix(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

// netmaskFunction refuses IPv6, which has no such masks.
func netmaskFunction() function.Function {
	return textFunction(func(s string) (string, error) {
		_, network, err := net.ParseCIDR(s)
		if err != nil {
			return "", err
		}
		if network.IP.To4() == nil {
			return "", errors.New("IPv6 addresses cannot have a netmask")
		}
		return net.IP(network.Mask).String(), nil
	})
}
