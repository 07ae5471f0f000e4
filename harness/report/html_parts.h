// SPDX-License-Identifier: Apache-2.0
// The parts of the page. Every text of a record goes through html() in these two files.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "harness/record/record.h"

namespace coroner::report::html_parts {

/// A part, and how many rows or articles are in it: bounds may leave some out, said in the part.
struct Part {
  std::string text;
  std::size_t count = 0;
};

std::string banner_list(const record::Record& record);
std::string verdict(const record::Record& record);
std::string environment_lists(const record::Record& record);

/// One row a case, one column a node; each cell a glyph, a word and a duration.
std::string matrix(const record::Record& record);

/// One article per finding, best first.
Part causes(const record::Record& record);

/// The section of failures without cause, or "".
std::string unexplained_section(const record::Record& record);

/// One row per result.
Part checks(const record::Record& record);

/// <option>s of the states that occur.
std::string state_options(const record::Record& record);

/// Sections for leftovers, what must be known, and the command of this run; or "".
std::string notes(const record::Record& record);

/// The id of a result's row: "check/smoke/nvidia_smi/nixos-1"; of hostile names, what is left of
/// them.
std::string anchor(const record::CaseResult& result);

}  // namespace coroner::report::html_parts
