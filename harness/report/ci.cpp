// SPDX-License-Identifier: Apache-2.0
// Markers that CI servers read from a log.
#include <algorithm>

#include "harness/report/console.h"
#include "harness/report/excerpt.h"
#include "harness/report/text.h"
#include "harness/report/view.h"

namespace coroner::report {

namespace {

/// GitHub shows ten of each kind a step.
constexpr std::size_t most_annotations = 10;

/// Escapes of workflow commands: actions/toolkit, packages/core/src/command.ts.
std::string command_text(const std::string& untrusted, bool is_property)
{
  std::string safe;
  for (const char c : clean(untrusted)) {
    const bool needs_escape =
        c == '%' || c == '\r' || c == '\n' || (is_property && (c == ':' || c == ','));
    safe +=
        needs_escape ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return safe;
}

std::string command(const std::string& title, const std::string& message)
{
  return fmt::format("::error title={}::{}\n", command_text(title, true),
                     command_text(clipped(message, 2000), false));
}

/// Letters, digits and _ of `title`, for GitLab's section names.
std::string section_name(const std::string& title)
{
  std::string name = "coroner_";
  for (const char c : title.substr(0, 60)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    name += is_plain ? c : '_';
  }
  return name;
}

}  // namespace

std::string annotations(const record::Record& record, Ci ci)
{
  if (ci != Ci::github) return {};
  std::vector<std::string> lines;
  for (const auto& finding : record.findings) {
    if (finding.is_notice) continue;
    auto message = finding.because;
    if (!finding.evidence.empty())
      message += "\n" + source_of(finding.evidence.front()) + ": " + finding.evidence.front().text;
    message += "\nfix: " + finding.fix.text;
    lines.push_back(command(finding.cause + " " + finding.title, message));
  }
  for (const auto* result : unexplained(record))
    lines.push_back(command(result->case_id + " on " + place_of(*result), result->reason()));
  std::string all;
  for (std::size_t i = 0; i < std::min(lines.size(), most_annotations); ++i) all += lines[i];
  return all;
}

std::string section_begin(Ci ci, const std::string& title, long long unix_seconds)
{
  if (ci == Ci::github) return fmt::format("::group::{}\n", command_text(title, false));
  if (ci == Ci::gitlab)
    return fmt::format("\x1b[0Ksection_start:{}:{}\r\x1b[0K{}\n", unix_seconds, section_name(title),
                       shown_line(title, 100));
  return {};
}

std::string section_end(Ci ci, const std::string& title, long long unix_seconds)
{
  if (ci == Ci::github) return "::endgroup::\n";
  if (ci == Ci::gitlab)
    return fmt::format("\x1b[0Ksection_end:{}:{}\r\x1b[0K\n", unix_seconds, section_name(title));
  return {};
}

}  // namespace coroner::report
