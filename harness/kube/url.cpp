// SPDX-License-Identifier: Apache-2.0
// Cutting URLs into origin, host and path.
#include "harness/kube/url.h"

#include <algorithm>

namespace coroner::kube {
namespace {

struct Parts {
  std::string_view scheme;
  std::string_view authority;
  std::string_view path;  ///< With its leading slash, or "".
};

Parts parts_of(std::string_view url)
{
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) return {{}, {}, url};
  const auto rest = url.substr(colon + 3);
  const auto slash = std::min(rest.find('/'), rest.size());
  return {url.substr(0, colon), rest.substr(0, slash), rest.substr(slash)};
}

/// Where the port's colon stands; npos without a port. IPv6 addresses stand in brackets.
std::size_t port_colon(std::string_view authority)
{
  const auto bracket = authority.rfind(']');
  const auto colon = authority.rfind(':');
  if (colon == std::string_view::npos) return colon;
  return bracket != std::string_view::npos && colon < bracket ? std::string_view::npos : colon;
}

}  // namespace

std::string origin_of(std::string_view url)
{
  const auto parts = parts_of(url);
  if (parts.scheme.empty()) return std::string(url);
  return std::string(parts.scheme) + "://" + host_and_port(url);
}

std::string host_and_port(std::string_view url)
{
  const auto parts = parts_of(url);
  auto authority = std::string(parts.authority);
  if (port_colon(authority) != std::string::npos) return authority;
  return authority + (parts.scheme == "https" ? ":443" : ":80");
}

bool is_loopback(std::string_view url)
{
  const auto parts = parts_of(url);
  const auto host = parts.authority.substr(0, port_colon(parts.authority));
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

std::string url_for(const Endpoint& endpoint, std::string_view path)
{
  if (endpoint.tls_server_name.empty()) return endpoint.url + std::string(path);
  const auto parts = parts_of(endpoint.url);
  const auto& name = endpoint.tls_server_name;
  const auto host = name.find(':') == std::string::npos ? name : "[" + name + "]";
  const auto all = host_and_port(endpoint.url);
  return std::string(parts.scheme) + "://" + host + all.substr(port_colon(all)) +
         std::string(parts.path) + std::string(path);
}

std::string same_origin_path(std::string_view url, std::string_view location)
{
  const bool is_path = location.starts_with('/') && !location.starts_with("//");
  if (!is_path && (parts_of(location).scheme.empty() || origin_of(location) != origin_of(url)))
    return {};
  const auto path = is_path ? location : parts_of(location).path;
  const auto prefix = parts_of(url).path;
  if (!path.starts_with(prefix) || path.find_first_of("\r\n ") != std::string_view::npos) return {};
  const auto rest = path.substr(prefix.size());
  return rest.starts_with('/') ? std::string(rest) : std::string{};
}

}  // namespace coroner::kube
