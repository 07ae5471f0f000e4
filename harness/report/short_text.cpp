// SPDX-License-Identifier: Apache-2.0
// The form for pasting into a thread.
#include <array>

#include "harness/base/text.h"
#include "harness/report/console.h"
#include "harness/report/text.h"
#include "harness/report/view.h"

namespace coroner::report {

namespace {

constexpr std::size_t most_lines = 20;
constexpr std::size_t widest = 80;

/// Lines up to a bound, each cut to its width.
class Paste {
 public:
  void add(const std::string& line) { lines_.push_back(fit(line)); }

  /// Adds what fits below `most_lines`, `kept` lines being left for later.
  void add_list(const std::vector<std::string>& lines, std::size_t kept)
  {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const bool is_last_place = lines_.size() + 1 + kept >= most_lines;
      if (is_last_place && i + 1 < lines.size()) {
        add(fmt::format("  and {} more", lines.size() - i));
        return;
      }
      add(lines[i]);
    }
  }

  std::string text() const { return base::join(lines_, "\n") + "\n"; }

 private:
  static std::string fit(const std::string& line)
  {
    return shown_line(Style{}.plain(shown_line(line, widest)), widest);
  }

  std::vector<std::string> lines_;
};

std::string versions_line(const record::Record& record)
{
  std::vector<std::string> parts = {"coroner " + record.tool_version};
  for (const auto& [what, version] : record.versions) parts.push_back(what + " " + version);
  return base::join(parts, ", ");
}

std::string node_line(const record::Node& node)
{
  std::vector<std::string> parts = {node.name, node.distro, node.runtime};
  for (const auto* what : {"driver", "toolkit", "kernel"})
    if (const auto found = node.versions.find(what); found != node.versions.end())
      parts.push_back(fmt::format("{} {}", what, found->second));
  parts.push_back(gpus_text(node));
  return "  " + base::join(parts, ", ");
}

std::vector<std::string> finding_lines(const record::Record& record)
{
  std::vector<std::string> lines;
  for (const auto& finding : record.findings) {
    lines.push_back(fmt::format("{} {}", finding.cause, finding.title));
    if (!finding.evidence.empty()) lines.push_back("  | " + finding.evidence.front().text);
  }
  for (const auto* result : unexplained(record))
    lines.push_back(fmt::format("{} {} on {}: {}", look_of(*result).word, result->case_id,
                                place_of(*result), result->reason()));
  return lines;
}

}  // namespace

std::string short_text(const record::Record& record, const record::Judging& judging)
{
  Paste paste;
  paste.add(verdict_line(record, judging));
  paste.add(versions_line(record));
  std::vector<std::string> nodes;
  for (const auto& node : record.nodes) nodes.push_back(node_line(node));
  constexpr std::size_t kept_for_findings = 10;
  paste.add_list(nodes, kept_for_findings);
  paste.add_list(finding_lines(record), 1);
  paste.add("run " + record.run_id);
  return paste.text();
}

}  // namespace coroner::report
