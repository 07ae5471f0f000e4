// SPDX-License-Identifier: Apache-2.0

// Coredns is CoreDNS with the plugins that a cluster's DNS uses and no other: the full set of
// plugins brings the libraries of three cloud providers, and most of the build time with them.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/loadbalance"
	_ "github.com/coredns/coredns/plugin/log"
	_ "github.com/coredns/coredns/plugin/loop"
	_ "github.com/coredns/coredns/plugin/metrics"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/reload"
	_ "github.com/coredns/coredns/plugin/rewrite"
	_ "github.com/coredns/coredns/plugin/template"
	_ "github.com/coredns/coredns/plugin/whoami"
)

// order is the order in which the plugins of a server block see a query, as CoreDNS's own
// plugin.cfg has it: a plugin that is missing here would be refused in a Corefile.
var order = []string{
	"reload", "bind", "ready", "health", "prometheus", "errors", "log", "loadbalance", "cache", "rewrite",
	"template", "hosts", "kubernetes", "loop", "forward", "whoami",
}

func main() {
	dnsserver.Directives = order
	coremain.Run()
}
