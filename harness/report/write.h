// SPDX-License-Identifier: Apache-2.0
// All documents of one record, written beside each other.
#pragma once

#include <filesystem>
#include <vector>

#include "harness/base/result.h"
#include "harness/record/record.h"

namespace coroner::report {

/// Writes report.json, report.ndjson, junit.xml, report.html and summary.md into `directory`, which
/// is made where it does not exist, each aside, flushed to disk and renamed; all carry the run's
/// id and the paths of each other. What comes back goes into `record.reports` for the console.
/// An error means exit code 8: ErrorKind::denied, internal, invalid; what was written stays.
base::Result<std::vector<record::ReportFile>> write_reports(const record::Record& record,
                                                            const std::filesystem::path& directory);

}  // namespace coroner::report
