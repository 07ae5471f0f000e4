// SPDX-License-Identifier: Apache-2.0
// Conformance: the results of a record as GoogleTests, so that filters, shards and listings work as
// people know them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/record/record.h"

namespace coroner::conformance {

/// Where the record comes from.
struct Words {
  std::filesystem::path record;        ///< A report directory or report.json; "" runs the probe.
  std::string probe = "coroner";       ///< The program that probes.
  std::vector<std::string> arguments;  ///< Handed on to `coroner probe`.
};

/// Takes --record, --probe and everything behind `--` out of `line` and leaves the rest (which
/// GoogleTest reads). ErrorKind::invalid for an option without its value.
base::Result<Words> take_words(std::vector<std::string>& line);

/// The record of `words`: read, or of one run of the probe. Errors: those of reading; unreachable
/// when the probe itself gave no record, with its last words.
base::Result<record::Record> record_for(const Words& words);

/// How many tests were registered: one for each result, suite "smoke", name
/// "cuda_vector_add/<node>". A failure's message is the finding: code, evidence line, fix. Skips
/// carry their reason. `record` must outlive the tests.
std::size_t register_results(const record::Record& record);

/// The exit code of the whole: 4 when nothing was selected, 77 when all that ran was skipped, else
/// what GoogleTest says; `record`'s own where no test could show it (leftovers, incomplete).
int exit_code(const record::Record& record, int gtest_code);

}  // namespace coroner::conformance
