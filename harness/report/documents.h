// SPDX-License-Identifier: Apache-2.0
// A record as documents for programs and browsers: JUnit, HTML, JSON, NDJSON, Markdown.
#pragma once

#include <cstddef>
#include <string>

#include "harness/base/result.h"
#include "harness/record/record.h"

namespace coroner::report {

/// Bounds that consumers impose; what is cut says so.
inline constexpr std::size_t largest_case_text_bytes = 64U << 10U;  ///< JUnit, per case.
inline constexpr std::size_t largest_junit_bytes = 10U << 20U;      ///< Of the whole file.
inline constexpr std::size_t most_junit_nodes = 50'000;             ///< Elements of the file.
inline constexpr std::size_t largest_markdown_bytes = 64U << 10U;
inline constexpr std::size_t largest_html_bytes = 8U << 20U;

/// JUnit XML as Jenkins and GitLab read it (Surefire's dialect): one testsuite for the cell, one
/// testcase for each case and node, `failure` where the check was wrong, `error` where it could not
/// be done, `flakyFailure` and `rerunFailure` for retries. ErrorKind::internal when what was
/// written does not parse again or holds a character that XML 1.0 forbids.
base::Result<std::string> junit(const record::Record& record);

/// One HTML page that needs no script, no network and no other file. The same record gives the same
/// bytes.
std::string html_page(const record::Record& record);

/// The record itself, reports/schema/record-1.json.
std::string json_document(const record::Record& record);

/// One JSON object a line, each with `type` and `run_id`: run, node…, finding…, result…, end. `end`
/// has the counts; a file without it is incomplete.
std::string ndjson(const record::Record& record);

/// For a job's summary page: verdict, causes with fix, failures with commands, what was skipped; at
/// most largest_markdown_bytes.
std::string markdown_summary(const record::Record& record);

}  // namespace coroner::report
