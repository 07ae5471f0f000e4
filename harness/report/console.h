// SPDX-License-Identifier: Apache-2.0
// A record for people: check lines, failure blocks, the final summary, a form short enough to
// paste.
#pragma once

#include <string>

#include "harness/record/record.h"
#include "harness/report/style.h"

namespace coroner::report {

/// Everything below for a run that is over: banners, one line per check, a block per cause and per
/// unexplained failure, then the summary. Ends with a newline, as all of these do.
std::string console(const record::Record& record, const Style& style,
                    const record::Judging& judging = {});

/// "[ 12/240] ✓ PASS    nixos/nixos-1 smoke/nvidia_smi  1.8s  reason".
std::string check_line(std::size_t index, std::size_t total, const std::string& cell,
                       const record::CaseResult& result, const Style& style);

/// FAIL [GY005] title, where, evidence with three lines around it and a caret row, why, fix, verify
/// and the explain command.
std::string finding_block(const record::Record& record, const record::Finding& finding,
                          const Style& style);

/// The same for a failure that no cause explains: its reason and where its evidence lies.
std::string unexplained_block(const record::CaseResult& result, const Style& style);

/// Verdict line first and last; between them causes, unexplained, flaky, slow, skipped with their
/// reasons, what must be known, leftovers, reports, and one command per failure.
std::string summary(const record::Record& record, const Style& style,
                    const record::Judging& judging = {});

/// `--output short`: at most 20 lines of at most 80 columns in ASCII without colour, so that it can
/// be pasted anywhere: verdict, versions, causes, failures.
std::string short_text(const record::Record& record, const record::Judging& judging = {});

/// At most 10 `::error` workflow commands of GitHub, one per finding or unexplained failure; ""
/// for any other CI. What the record says in them is escaped as the runner asks.
std::string annotations(const record::Record& record, Ci ci);

/// Fold markers of a CI's log around a part named `title`: `::group::`, GitLab's section lines, or
/// nothing. `unix_seconds` is GitLab's time stamp.
std::string section_begin(Ci ci, const std::string& title, long long unix_seconds);
std::string section_end(Ci ci, const std::string& title, long long unix_seconds);

}  // namespace coroner::report
