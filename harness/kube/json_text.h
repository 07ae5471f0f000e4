// SPDX-License-Identifier: Apache-2.0
// JSON written by others, read within bounds.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"

namespace coroner::kube {

/// Deeper nesting is refused before a parser sees it.
inline constexpr std::size_t deepest_json_levels = 128;

/// One JSON value. ErrorKind::invalid for what is no JSON, not UTF-8, cut off, or too deep; the
/// text names what and the offset, not the content.
base::Result<nlohmann::json> parse_json(std::string_view text);

/// The first bytes of `text` on one line, safe for a terminal: for error messages.
std::string excerpt(std::string_view text);

/// `text` with each line longer than `line_bytes` cut there and marked; final newline kept.
std::string with_lines_capped(std::string_view text, std::size_t line_bytes);

}  // namespace coroner::kube
