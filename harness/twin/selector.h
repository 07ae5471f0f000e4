// SPDX-License-Identifier: Apache-2.0
// Label and field selectors, as the lists and watches of the Kubernetes API take them.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"

namespace coroner::twin {

inline constexpr std::size_t longest_selector_bytes = 4096;
inline constexpr std::size_t most_requirements = 64;

/// One comma-separated part of a selector.
struct Requirement {
  enum class Operation { in, not_in, exists, absent };
  std::string key;  ///< A label, or a path of members ("spec.nodeName").
  Operation operation = Operation::exists;
  std::set<std::string> values;
};

/// All requirements of a label and of a field selector; empty ones fit everything.
class Selector {
 public:
  Selector() = default;

  /// Labels as apimachinery 0.34 (pkg/labels/selector.go) has them, less `<` and `>`; fields as its
  /// pkg/fields/selector.go, with any path of members, an absent one being "". ErrorKind::invalid
  /// names the part that does not read.
  static base::Result<Selector> parse(std::string_view labels, std::string_view fields);

  bool fits(const nlohmann::json& object) const;

  /// Whether only objects fit whose label `key` is one of `values`.
  bool demands(const std::string& key, const std::set<std::string>& values) const;

 private:
  std::vector<Requirement> labels_;
  std::vector<Requirement> fields_;
};

}  // namespace coroner::twin
