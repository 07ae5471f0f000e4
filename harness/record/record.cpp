// SPDX-License-Identifier: Apache-2.0
// What a record says as a whole: counts, exit code, verdict.
#include "harness/record/record.h"

#include <algorithm>
#include <numeric>

namespace coroner::record {

Verdict CaseResult::verdict() const
{
  return attempts.empty() ? Verdict::broken : attempts.back().verdict;
}

std::string CaseResult::reason() const
{
  return attempts.empty() ? "no attempt was recorded" : attempts.back().reason;
}

bool CaseResult::is_flaky() const
{
  if (verdict() != Verdict::pass && verdict() != Verdict::warn) return false;
  return std::any_of(attempts.begin(), attempts.end(), [](const Attempt& attempt) {
    return attempt.verdict == Verdict::fail || attempt.verdict == Verdict::broken;
  });
}

std::chrono::milliseconds CaseResult::took() const
{
  return std::accumulate(attempts.begin(), attempts.end(), std::chrono::milliseconds{0},
                         [](auto sum, const Attempt& attempt) { return sum + attempt.took; });
}

bool Record::is_simulated() const
{
  return std::any_of(nodes.begin(), nodes.end(),
                     [](const Node& node) { return node.gpu_kind == cell::GpuKind::simulated; });
}

const CaseResult* Record::find(std::string_view case_id, std::string_view node) const
{
  const auto found = std::find_if(results.begin(), results.end(), [&](const CaseResult& result) {
    return result.case_id == case_id && result.node == node;
  });
  return found == results.end() ? nullptr : &*found;
}

const CaseMetadata* Record::find_case(std::string_view case_id) const
{
  const auto found = std::find_if(cases.begin(), cases.end(), [&](const CaseMetadata& metadata) {
    return metadata.id == case_id;
  });
  return found == cases.end() ? nullptr : &*found;
}

Counts count(const Record& record)
{
  Counts counts;
  for (const auto& result : record.results) {
    ++counts.total;
    ++counts.by_verdict.at(static_cast<std::size_t>(result.verdict()));
    if (result.is_flaky()) ++counts.flaky;
  }
  return counts;
}

namespace {

bool has_failed(const Record& record, const Counts& counts, const Judging& judging)
{
  for (const auto& [verdict, text] : Words<Verdict>::table)
    if (fails_a_run(verdict) && counts.of(verdict) > 0) return true;
  if (judging.fail_on_warn && counts.of(Verdict::warn) > 0) return true;
  return std::any_of(record.findings.begin(), record.findings.end(), [](const Finding& finding) {
    return !finding.is_notice && finding.confidence >= least_certain;
  });
}

}  // namespace

ExitCode exit_code(const Record& record, const Judging& judging)
{
  const auto counts = count(record);
  if (record.ending == Ending::interrupted) return ExitCode::interrupted;
  if (record.ending == Ending::terminated) return ExitCode::terminated;
  if (judging.reports_failed) return ExitCode::reports_not_written;
  if (!record.is_complete()) return ExitCode::incomplete;
  if (has_failed(record, counts, judging)) return ExitCode::failures;
  if (counts.total == 0)
    return record.nodes.empty() ? ExitCode::no_cluster : ExitCode::nothing_selected;
  if (!record.leftovers.empty()) return ExitCode::leftovers;
  if (judging.fail_on_flaky && counts.flaky > 0) return ExitCode::flaky;
  if (counts.of(Verdict::pass) + counts.of(Verdict::warn) + counts.of(Verdict::waived) == 0)
    return ExitCode::all_skipped;
  if (record.mode == Mode::demonstration) return ExitCode::no_cluster;
  return ExitCode::good;
}

std::string_view verdict_word(const Record& record, const Judging& judging)
{
  // A report that could not be written says nothing about the cluster.
  auto of_cluster = judging;
  of_cluster.reports_failed = false;
  switch (exit_code(record, of_cluster)) {
    case ExitCode::good:
      return count(record).of(Verdict::warn) > 0 ? "WARN" : "PASS";
    case ExitCode::failures:
      return "FAIL";
    case ExitCode::flaky:
      return "FLAKY";
    case ExitCode::leftovers:
      return "LEFTOVERS";
    case ExitCode::all_skipped:
      return "SKIPPED";
    case ExitCode::no_cluster:
      return record.mode == Mode::demonstration && !record.results.empty() ? "DEMONSTRATION"
                                                                           : "NOTHING";
    case ExitCode::nothing_selected:
      return "NOTHING";
    default:
      return "INCOMPLETE";
  }
}

}  // namespace coroner::record
