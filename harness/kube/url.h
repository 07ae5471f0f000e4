// SPDX-License-Identifier: Apache-2.0
// The few questions about a server's URL that connecting to it asks.
#pragma once

#include <string>
#include <string_view>

#include "harness/kube/transport.h"

namespace coroner::kube {

/// "https://a:6443" of "https://a:6443/k8s"; what has no scheme comes back whole.
std::string origin_of(std::string_view url);

/// "a:6443" of "https://a:6443/k8s"; the scheme's port where none is written.
std::string host_and_port(std::string_view url);

/// Whether the host is localhost or a loopback address.
bool is_loopback(std::string_view url);

/// The URL of `path` at the endpoint, with tls_server_name in the place of the host if there is
/// one.
std::string url_for(const Endpoint& endpoint, std::string_view path);

/// The path and query below `url` that a redirect to `location` asks for; "" when it leads to
/// another origin or out of the path of `url`.
std::string same_origin_path(std::string_view url, std::string_view location);

}  // namespace coroner::kube
