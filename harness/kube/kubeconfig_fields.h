// SPDX-License-Identifier: Apache-2.0
// One mapping of a kubeconfig document, its fields read with their place in every error.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "harness/base/yaml.h"
#include "harness/kube/access.h"

namespace coroner::kube {

/// A view of the mapping at `pointer`; every reader gives an empty value for an absent field and
/// ErrorKind::invalid "file:line:column: …" for one of another type.
class Fields {
 public:
  Fields(const base::Document& document, std::string pointer)
      : document_(&document), pointer_(std::move(pointer))
  {}

  bool has(const std::string& field) const;
  base::Result<std::string> text(const std::string& field) const;
  base::Result<bool> flag(const std::string& field) const;
  /// One line of visible ASCII: it will stand in a header.
  base::Result<std::string> secret(const std::string& field) const;
  /// scheme://host…, with one of `schemes`, without user information or control characters.
  base::Result<std::string> url(const std::string& field,
                                std::initializer_list<std::string_view> schemes) const;
  /// A host name or address alone.
  base::Result<std::string> host(const std::string& field) const;
  /// Relative paths are made absolute against `folder`.
  base::Result<std::filesystem::path> path(const std::string& field,
                                           const std::filesystem::path& folder) const;
  /// `field`-data (base64 of PEM), which wins, or the path in `field`.
  base::Result<Material> material(const std::string& field,
                                  const std::filesystem::path& folder) const;
  /// as, as-uid, as-groups, as-user-extra.
  base::Result<Impersonation> impersonation() const;
  /// exec; its cluster_info is `true` where provideClusterInfo asks for it.
  base::Result<std::optional<ExecPlugin>> exec_plugin(const std::filesystem::path& folder) const;

  tl::unexpected<base::Error> error(const std::string& field, std::string_view message) const;

 private:
  base::Result<std::vector<std::string>> texts(const std::string& field) const;
  const base::Document* document_;
  std::string pointer_;
};

/// /spec/cluster of an ExecCredential request (client.authentication.k8s.io/v1, Cluster).
nlohmann::json exec_cluster_info(const ClusterAccess& access);

/// Whether `text` can stand as a header's value: visible ASCII, spaces and tabs inside.
bool is_header_value(std::string_view text);

}  // namespace coroner::kube
