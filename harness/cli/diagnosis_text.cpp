// SPDX-License-Identifier: Apache-2.0
// Lays a diagnosis out: the certain first, the rest after it and shorter.
#include "harness/cli/diagnosis_text.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "harness/base/text.h"
#include "harness/record/json.h"
#include "harness/report/console.h"
#include "harness/report/text.h"
#include "harness/report/view.h"

namespace coroner::cli {
namespace {

using record::Finding;
using report::number_of;
using report::shown_line;

constexpr std::size_t most_unexplained_lines = 8;
constexpr std::size_t most_collected = 8;

/// What helps most when nothing, or nothing certain, was found.
struct NextStep {
  std::string_view what;
  std::string_view command;
};

constexpr auto next_steps = std::to_array<NextStep>({
    {"all of it, as one bundle", "coroner record"},
    {"the device plugin's log",
     "kubectl -n kube-system logs daemonset/nvidia-device-plugin-daemonset"},
    {"the pod that fails", "kubectl describe pod POD; kubectl logs POD --previous"},
    {"the nodes", "kubectl get nodes -o yaml"},
    {"the node's runtime", "journalctl -u containerd -u k3s -u kubelet --since -1h"},
    {"the node's kernel", "dmesg | grep -iE 'nvrm|nvidia|xid'"},
});

bool is_certain(const Finding& finding)
{
  return finding.confidence >= record::least_certain;
}

/// "2 causes found", "no cause is certain, 1 possible" or "nothing known was found".
std::string outcome(const record::Record& record)
{
  const auto& findings = record.findings;
  const auto certain =
      static_cast<std::size_t>(std::count_if(findings.begin(), findings.end(), is_certain));
  if (certain > 0) return number_of(certain, "cause") + " found";
  if (findings.empty()) return "nothing known was found";
  return fmt::format("no cause is certain, {} possible", findings.size());
}

std::string headline(const DiagnosisView& view)
{
  auto read = number_of(view.input.files, "file") + " read";
  if (view.input.passed_over > 0) read += fmt::format(", {} passed over", view.input.passed_over);
  if (view.input.bundle) read += ", a bundle";
  return fmt::format("{}: {} ({})", shown_line(view.input.name, 200),
                     outcome(view.assessment.record), read);
}

std::string one_line(const Finding& finding)
{
  return fmt::format("{} {}: {}", shown_line(finding.cause, 16),
                     report::confidence_text(finding.confidence), shown_line(finding.title, 120));
}

/// What of an evidence's line matched, where that is known.
std::string matched(const record::Evidence& evidence)
{
  const auto begin = static_cast<std::size_t>(std::max(evidence.column - 1, 0));
  return begin < evidence.text.size() ? evidence.text.substr(begin) : evidence.text;
}

std::string heading(std::string_view text, const report::Style& style)
{
  return "\n" + style.paint(text, "1") + "\n";
}

/// The possible ones: in full as far as nothing better is there, else a line each.
std::string possible_part(const record::Record& record, bool has_certain,
                          const report::Style& style)
{
  std::string all;
  std::vector<const Finding*> possible;
  for (const auto& finding : record.findings)
    if (!is_certain(finding)) possible.push_back(&finding);
  std::size_t first = 0;
  if (!has_certain && !possible.empty()) {
    auto stated = *possible.front();
    stated.is_notice = true;  // Nothing has failed by a mere possibility.
    all += "\n" + report::finding_block(record, stated, style);
    first = 1;
  }
  if (first < possible.size()) all += heading("Possible, but not shown by this alone", style);
  for (std::size_t i = first; i < possible.size(); ++i)
    all += "  " + style.plain(one_line(*possible[i])) + "\n";
  return all;
}

std::string unexplained_part(const graveyard::Diagnosis& diagnosis, const report::Style& style)
{
  if (diagnosis.unexplained.empty()) return {};
  auto all = heading("Errors that no cause explains", style);
  std::size_t count = 0;
  for (const auto& line : diagnosis.unexplained) {
    if (++count > most_unexplained_lines) break;
    const auto place = fmt::format("{}:{}", shown_line(line.source, 60), line.line);
    all += style.plain(fmt::format(
        "  {} | {}\n", place,
        shown_line(line.text,
                   style.columns - 6 - std::min<std::size_t>(report::columns(place), 60))));
  }
  if (diagnosis.unexplained.size() > most_unexplained_lines)
    all += fmt::format("  and {} more\n", diagnosis.unexplained.size() - most_unexplained_lines);
  return all;
}

/// "the nodes   kubectl get nodes -o yaml", one for each command, in the order of need.
std::string collect_part(const DiagnosisView& view, bool has_certain, const report::Style& style)
{
  std::vector<std::pair<std::string, std::string>> steps;
  const auto& findings = view.assessment.record.findings;
  for (const auto& missing : view.assessment.diagnosis.missing) {
    const auto finding = std::find_if(findings.begin(), findings.end(), [&](const auto& each) {
      return each.cause == missing.cause;
    });
    const bool is_open = finding != findings.end() &&
                         finding->confidence < graveyard::decisive_confidence &&
                         is_certain(*finding) == has_certain;
    if (!is_open) continue;
    const auto known = std::find_if(steps.begin(), steps.end(), [&](const auto& step) {
      return step.second == missing.collect;
    });
    if (known == steps.end())
      steps.emplace_back(missing.fact, missing.collect);
    else if (known->first.find(missing.fact) == std::string::npos)
      known->first += ", " + missing.fact;
  }
  if (findings.empty())
    for (const auto& [what, command] : next_steps) steps.emplace_back(what, command);
  if (steps.empty()) return {};
  auto all = heading(has_certain        ? "To be surer still, collect and diagnose again"
                     : findings.empty() ? "To look further, collect and diagnose again"
                                        : "To be certain, collect and diagnose again",
                     style);
  for (std::size_t i = 0; i < std::min(steps.size(), most_collected); ++i)
    all += style.plain(fmt::format("  {}\n      {}\n", shown_line(steps[i].first, 90),
                                   shown_line(steps[i].second, 300)));
  return all;
}

nlohmann::ordered_json json_list(const std::vector<Finding>& findings)
{
  auto list = nlohmann::ordered_json::array();
  for (const auto& finding : findings) list.push_back(record::to_json(finding));
  return list;
}

}  // namespace

std::string diagnosis_text(const DiagnosisView& view, const report::Style& style)
{
  const auto& record = view.assessment.record;
  const auto& diagnosis = view.assessment.diagnosis;
  const bool has_certain = std::any_of(record.findings.begin(), record.findings.end(), is_certain);
  auto all = style.paint(style.plain(headline(view)), "1") + "\n";
  for (const auto& finding : record.findings)
    if (is_certain(finding)) all += "\n" + report::finding_block(record, finding, style);
  all += possible_part(record, has_certain, style);
  if (!diagnosis.consequences.empty()) all += heading("Follows from these", style);
  for (const auto& finding : diagnosis.consequences)
    all += "  " + style.plain(one_line(finding)) + "\n";
  return all + unexplained_part(diagnosis, style) + collect_part(view, has_certain, style);
}

std::string diagnosis_short(const DiagnosisView& view)
{
  constexpr std::size_t widest_columns = 80;
  constexpr std::size_t most_findings = 9;  // Two lines each, a headline, and the version.
  const report::Style ascii{};
  const auto& record = view.assessment.record;
  std::string all;
  const auto add = [&](const std::string& line) {
    const auto whole = ascii.plain(shown_line(line));
    all += shown_line(whole, widest_columns) + "\n";
  };
  add(outcome(record) + " in " + std::filesystem::path(view.input.name).filename().string());
  for (std::size_t i = 0; i < std::min(record.findings.size(), most_findings); ++i) {
    const auto& finding = record.findings[i];
    add(one_line(finding));
    if (!finding.evidence.empty()) add("  | " + matched(finding.evidence.front()));
  }
  add("coroner " + record.tool_version);
  return all;
}

std::string diagnosis_json(const DiagnosisView& view)
{
  const auto& [record, diagnosis] = view.assessment;
  nlohmann::ordered_json value = {{"schema", "coroner.diagnosis/1"},
                                  {"tool_version", record.tool_version},
                                  {"input", view.input.name},
                                  {"certain", certain_findings(record)},
                                  {"findings", json_list(record.findings)},
                                  {"consequences", json_list(diagnosis.consequences)},
                                  {"unexplained", nlohmann::ordered_json::array()},
                                  {"missing", nlohmann::ordered_json::array()}};
  for (const auto& line : diagnosis.unexplained)
    value["unexplained"].push_back(
        {{"source", line.source}, {"line", line.line}, {"node", line.node}, {"text", line.text}});
  for (const auto& missing : diagnosis.missing)
    value["missing"].push_back(
        {{"cause", missing.cause}, {"fact", missing.fact}, {"collect", missing.collect}});
  return record::json_text(value) + "\n";
}

}  // namespace coroner::cli
