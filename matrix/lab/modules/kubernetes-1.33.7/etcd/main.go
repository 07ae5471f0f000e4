// SPDX-License-Identifier: Apache-2.0

// Etcd is the etcd server, built under the name it is known by: its own package is named after a
// folder called server.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
