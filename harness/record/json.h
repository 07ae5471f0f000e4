// SPDX-License-Identifier: Apache-2.0
// Records and their parts as JSON (reports/schema/record-1.json), written and read back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "harness/record/record.h"

namespace coroner::record {

/// The version of the schema: readers refuse a higher one. New optional fields do not raise it.
inline constexpr int schema_version = 1;

/// Bounds of a record that is read; beyond them it is refused.
inline constexpr std::size_t largest_record_bytes = 64U << 20U;
inline constexpr std::size_t deepest_record_levels = 16;
inline constexpr std::size_t most_elements = 200'000;  ///< Of any one list.

/// The whole record: {"schema": 1, "run_id": ..., "summary": {...}, ...} as the schema says.
/// `summary` repeats counts, verdict and exit code for readers; it is not read back.
nlohmann::ordered_json to_json(const Record& record);

/// Parts of it, in the same shape, for line-wise output.
nlohmann::ordered_json to_json(const CaseResult& result);
nlohmann::ordered_json to_json(const Finding& finding);
nlohmann::ordered_json to_json(const Node& node);
nlohmann::ordered_json to_json(const Counts& counts);

/// JSON text in ASCII, so that no terminal, log viewer or workflow runner acts on it: everything
/// else is escaped, also DEL and `##`; bytes that are not UTF-8 become U+FFFD.
/// `indent` spaces a level; negative: one line.
std::string json_text(const nlohmann::ordered_json& value, int indent = 2);

/// Reads what json_text(to_json(record)) wrote. ErrorKind::invalid names the JSON pointer of the
/// first part that is missing, of another type, no known word or beyond a bound. Unknown fields
/// are left out.
base::Result<Record> parse_record(std::string_view text);

}  // namespace coroner::record
