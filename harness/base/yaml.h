// SPDX-License-Identifier: Apache-2.0
// YAML written by other people, read as JSON with the place of every value.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"

namespace coroner::base {

/// Bounds of one YAML text; beyond them it is refused (YAML bombs: reliability of the reader).
inline constexpr std::size_t largest_yaml_bytes = 1U << 20U;
inline constexpr std::size_t deepest_yaml_levels = 64;
inline constexpr std::size_t most_yaml_nodes = 100'000;

/// Line and column, both counted from 1; 0 when unknown.
struct Position {
  int line = 0;
  int column = 0;
};

/// One YAML document: its value, and where each part of it stands.
struct Document {
  nlohmann::json value;                       ///< Plain scalars resolved by YAML 1.2's core schema.
  std::string source;                         ///< File name for messages.
  std::map<std::string, Position> positions;  ///< By JSON pointer, "" is the root.

  /// The position of `pointer`, or of its nearest ancestor that has one.
  Position position(std::string_view pointer) const;

  /// ErrorKind::invalid "file:line:column: message" at `pointer`.
  tl::unexpected<Error> error_at(std::string_view pointer, std::string_view message) const;
};

/// All documents of `text` (split by `---`; empty ones are left out). Anchors and aliases,
/// duplicate keys, keys that are not scalars, and anything beyond the bounds are refused with
/// ErrorKind::invalid naming file, line and column.
Result<std::vector<Document>> parse_yaml_documents(std::string_view text, std::string source);

/// The only document of `text`; ErrorKind::invalid when there is none or more than one.
Result<Document> parse_yaml(std::string_view text, std::string source);

/// Refuses keys of the object at `pointer` that are not in `known`, naming the nearest right one.
Result<void> check_keys(const Document& document, const std::string& pointer,
                        const std::vector<std::string>& known);

/// The string at `pointer`; ErrorKind::invalid at its place when it is absent or no string.
Result<std::string> string_at(const Document& document, const std::string& pointer);

}  // namespace coroner::base
