// SPDX-License-Identifier: Apache-2.0
// An evidence line cut to what can be shown, with the place of what matched in it.
#pragma once

#include <string>
#include <string_view>

#include "harness/record/finding.h"

namespace coroner::report {

/// A line in three parts; what matched is in the middle, or the whole line is.
struct Excerpt {
  std::string before;
  std::string match;
  std::string after;
};

/// The parts of `evidence.text`, raw. A column or length beyond the line, or inside a code point,
/// is moved to the nearest place that exists. At most `limit` columns around and with the match.
Excerpt excerpt_of(const record::Evidence& evidence, std::size_t limit);

/// "logs/plugin.log:14 on nixos-1", raw.
std::string source_of(const record::Evidence& evidence);

}  // namespace coroner::report
