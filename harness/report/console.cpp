// SPDX-License-Identifier: Apache-2.0
// Check lines and the summary of a run, for a terminal or a log.
#include "harness/report/console.h"

#include <algorithm>

#include "harness/report/text.h"
#include "harness/report/view.h"

namespace coroner::report {

using record::CaseResult;
using record::Finding;
using record::Record;
using record::Verdict;

namespace {

/// What takes longer than this is named as slow.
constexpr std::chrono::seconds slow_from{60};

/// Lists longer than this end with how many more there are.
constexpr std::size_t longest_list = 40;

std::string verdict_text(const Record& record, const Style& style, const record::Judging& judging)
{
  const auto line = style.plain(shown_line(verdict_line(record, judging)));
  const auto word = verdict_word(record, judging);
  const auto colour = word == "PASS" ? "1;32" : word == "FAIL" ? "1;31" : "1;33";
  return style.paint(line, colour) + "\n";
}

std::string banner_lines(const Record& record, const Style& style)
{
  std::string all;
  for (const auto& banner : banners(record))
    all += style.paint(banner.mark, "1;33") + ": " + style.plain(shown_line(banner.text)) + "\n";
  return all;
}

/// A heading with its lines, or nothing when there are none.
std::string section(const std::string& heading, const std::vector<std::string>& lines,
                    const Style& style)
{
  if (lines.empty()) return {};
  auto all = style.paint(heading, "1") + "\n";
  for (std::size_t i = 0; i < std::min(lines.size(), longest_list); ++i)
    all += "  " + style.plain(lines[i]) + "\n";
  if (lines.size() > longest_list)
    all += fmt::format("  and {} more\n", lines.size() - longest_list);
  return all;
}

std::vector<std::string> cause_lines(const Record& record)
{
  std::vector<std::string> lines;
  for (const auto& finding : record.findings) {
    const auto nodes =
        listed(finding.nodes, [](const std::string& node) { return shown_line(node, 63); });
    lines.push_back(fmt::format(
        "{}  {}  {}, {}{}{}", shown_line(finding.cause, 16), shown_line(finding.title, 120),
        number_of(results_of(record, finding).size(), "check"), confidence_text(finding.confidence),
        nodes.empty() ? "" : ", ", nodes));
  }
  return lines;
}

std::vector<std::string> result_lines(const std::vector<const CaseResult*>& results)
{
  std::vector<std::string> lines;
  for (const auto* result : results) {
    auto line = shown_line(result->case_id + " on " + place_of(*result), 120);
    const auto reason = why_of(*result);
    if (!reason.empty()) line += ": " + shown_line(reason, 160);
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> slow_lines(const Record& record)
{
  std::vector<std::string> lines;
  for (const auto& result : record.results)
    if (result.took() >= slow_from)
      lines.push_back(fmt::format("{}  {}", shown_line(result.case_id + " on " + place_of(result)),
                                  record::duration_text(result.took())));
  return lines;
}

std::vector<std::string> reproduce_lines(const Record& record)
{
  std::vector<std::string> lines;
  for (const auto& result : record.results)
    if (record::fails_a_run(result.verdict()) && result.verdict() != Verdict::blocked)
      lines.push_back(shown_line(reproduce_line(result)));
  return lines;
}

std::vector<std::string> shown_lines(const std::vector<std::string>& texts)
{
  std::vector<std::string> lines;
  for (const auto& text : texts) lines.push_back(shown_line(text, 300));
  return lines;
}

}  // namespace

std::string check_line(std::size_t index, std::size_t total, const std::string& cell,
                       const CaseResult& result, const Style& style)
{
  const auto width = fmt::format("{}", total).size();
  auto line = fmt::format(
      "[{:>{}}/{}] {} {}/{} {}  {}", index, width, total, style.state(look_of(result)),
      style.plain(shown_line(cell, 63)), style.plain(shown_line(place_of(result), 63)),
      style.plain(shown_line(result.case_id, 130)), record::duration_text(result.took()));
  if (result.took() >= slow_from) line += "  SLOW";
  const auto reason = why_of(result);
  const bool says_why = result.verdict() != Verdict::pass || result.is_flaky();
  if (says_why && !reason.empty()) line += "  " + style.plain(shown_line(reason, 160));
  return line + "\n";
}

std::string summary(const Record& record, const Style& style, const record::Judging& judging)
{
  std::vector<std::string> reports;
  for (const auto& report : record.reports)
    reports.push_back(
        fmt::format("{:<9} {}", shown_line(report.format, 9), shown_line(report.path, 300)));
  if (!record.bundle.empty()) reports.push_back("bundle    " + shown_line(record.bundle, 300));
  auto all = verdict_text(record, style, judging);
  all += section("Causes", cause_lines(record), style);
  all += section("Unexplained", result_lines(unexplained(record)), style);
  all += section("Warnings", result_lines(results_with(record, Verdict::warn)), style);
  all += section("Flaky", result_lines(flaky_results(record)), style);
  all += section("Slow", slow_lines(record), style);
  all += section("Waived", result_lines(results_with(record, Verdict::waived)), style);
  all += section("Skipped", result_lines(results_with(record, Verdict::skip)), style);
  all += section("Know", shown_lines(record.disclosed), style);
  all += section("Left over in the cluster", shown_lines(record.leftovers), style);
  all += section("Reports", reports, style);
  all += section("Reproduce", reproduce_lines(record), style);
  return all + verdict_text(record, style, judging);
}

std::string console(const Record& record, const Style& style, const record::Judging& judging)
{
  auto all = banner_lines(record, style);
  std::size_t index = 0;
  for (const auto& result : record.results)
    all += check_line(++index, record.results.size(), cell_name(record), result, style);
  for (const auto& finding : record.findings) all += "\n" + finding_block(record, finding, style);
  for (const auto* result : unexplained(record)) all += "\n" + unexplained_block(*result, style);
  return all + "\n" + summary(record, style, judging);
}

}  // namespace coroner::report
