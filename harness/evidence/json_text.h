// SPDX-License-Identifier: Apache-2.0
// JSON of other people as values, values as JSON text, and the line on which a part stands.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"

namespace coroner::evidence {

/// Deepest nesting of arrays and objects that is read.
inline constexpr int deepest_json_levels = 100;

/// The value of `text`. ErrorKind::invalid when it is no JSON or nested too deeply.
base::Result<nlohmann::json> parse_json(std::string_view text);

/// One line of ASCII, so that no terminal acts on it; bytes that are no UTF-8 become U+FFFD.
std::string dump_json(const nlohmann::json& value);

/// One value a line, indented by one space, with a final newline: how objects stand in a bundle.
std::string pretty_json(const nlohmann::json& value);

/// The line of pretty_json(value) on which the part at `pointer` begins, from 1; 0 when it is not
/// there.
int line_of(const nlohmann::json& value, std::string_view pointer);

}  // namespace coroner::evidence
