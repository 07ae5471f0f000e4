// SPDX-License-Identifier: Apache-2.0
// The failure block: what is wrong, where it shows, why, how it is mended, how that is shown.
#include <algorithm>

#include "harness/base/text.h"
#include "harness/report/console.h"
#include "harness/report/excerpt.h"
#include "harness/report/text.h"
#include "harness/report/view.h"

namespace coroner::report {

using record::Evidence;
using record::Finding;
using record::Record;

namespace {

constexpr std::size_t lines_around = 3;
constexpr std::size_t most_evidence = 3;
constexpr int label_width = 9;

/// "  why      text", further lines below the first; empty text gives nothing.
std::string labelled(std::string_view label, const std::string& text)
{
  std::string all;
  for (const auto& line : lines_of(text)) {
    all += fmt::format("  {:<{}}{}\n", all.empty() ? label : "", label_width, line);
  }
  return all;
}

std::string numbered(const Style& style, bool is_hit, int line, const std::string& text)
{
  const auto number = line > 0 ? fmt::format("{}", line) : std::string();
  const auto gutter = fmt::format("  {} {:>6} | ", is_hit ? ">" : " ", number);
  return (is_hit ? style.paint(gutter, "1") : gutter) + text + "\n";
}

std::string hit_lines(const Evidence& evidence, const Style& style, std::size_t width)
{
  const auto parts = excerpt_of(evidence, width);
  const auto limit = width * 4;
  const auto before = style.plain(shown_line(parts.before, limit));
  const auto match = style.plain(shown_line(parts.match, limit));
  const auto after = style.plain(shown_line(parts.after, limit));
  auto all = numbered(style, true, evidence.line, before + style.paint(match, "1;31") + after);
  if (evidence.column > 0)
    all += fmt::format(
        "  {:>8} | {}{}\n", "", std::string(columns(before), ' '),
        style.paint(std::string(std::max<std::size_t>(columns(match), 1), '^'), "1;31"));
  return all;
}

std::string evidence_lines(const Evidence& evidence, const Style& style)
{
  const auto width = style.columns - 13;
  const auto shown_before = std::min(lines_around, evidence.before.size());
  std::string all;
  for (std::size_t i = evidence.before.size() - shown_before; i < evidence.before.size(); ++i) {
    const auto distance = static_cast<int>(evidence.before.size() - i);
    all += numbered(style, false, evidence.line - distance,
                    style.plain(shown_line(evidence.before[i], width)));
  }
  all += hit_lines(evidence, style, width);
  for (std::size_t i = 0; i < std::min(lines_around, evidence.after.size()); ++i)
    all += numbered(style, false, evidence.line > 0 ? evidence.line + 1 + static_cast<int>(i) : 0,
                    style.plain(shown_line(evidence.after[i], width)));
  return all;
}

std::string where_text(const Record& record, const Finding& finding)
{
  const auto places =
      listed(finding.nodes, [](const std::string& node) { return shown_line(node, 80); });
  auto text = cell_name(record);
  // Of a pasted log nobody knows more than its name.
  const bool has_places = !places.empty() || !record.nodes.empty() || !record.results.empty();
  if (has_places) text += ": " + (places.empty() ? "cluster" : places);
  if (!finding.explains.empty()) text += "\nfails " + base::join(finding.explains, ", ");
  if (!finding.blocked.empty()) text += "\nblocks " + base::join(finding.blocked, ", ");
  return shown(text);
}

std::string fix_text(const record::Fix& fix)
{
  auto text = shown(fix.text);
  if (!fix.distro.empty() && fix.distro != "any") text = "on " + shown(fix.distro) + ": " + text;
  for (const auto& line : lines_of(fix.patch)) text += "\n| " + shown_line(line);
  return text;
}

}  // namespace

std::string finding_block(const Record& record, const Finding& finding, const Style& style)
{
  const auto& look = look_of(finding.is_notice ? record::Verdict::warn : record::Verdict::fail);
  const auto word = finding.is_notice ? std::string_view("NOTE") : look.word;
  auto all = fmt::format(
      "{} {}\n",
      style.paint(fmt::format("{} [{}]", word, style.plain(shown_line(finding.cause, 16))),
                  look.colour),
      style.plain(shown_line(finding.title)));
  const auto add = [&](std::string_view label, const std::string& text) {
    all += style.plain(labelled(label, text));
  };
  add("where", where_text(record, finding));
  if (finding.confidence < 0.9) add("sure", confidence_text(finding.confidence));
  for (std::size_t i = 0; i < std::min(most_evidence, finding.evidence.size()); ++i) {
    add("evidence", shown_line(source_of(finding.evidence[i])));
    all += evidence_lines(finding.evidence[i], style);
  }
  if (finding.evidence.size() > most_evidence)
    add("", number_of(finding.evidence.size() - most_evidence, "more place") + " in the report");
  add("why", shown(finding.because));
  add("fix", fix_text(finding.fix));
  add("verify", shown(finding.verify));
  add("more", "coroner explain " + shown_line(finding.cause, 16));
  return all;
}

std::string unexplained_block(const record::CaseResult& result, const Style& style)
{
  const auto& look = look_of(result);
  auto all =
      fmt::format("{} {}\n", style.paint(fmt::format("{} [unexplained]", look.word), look.colour),
                  style.plain(shown_line(result.case_id + " on " + place_of(result))));
  const auto add = [&](std::string_view label, const std::string& text) {
    all += style.plain(labelled(label, text));
  };
  add("reason", shown(result.reason()));
  if (!result.attempts.empty())
    for (const auto& reference : result.attempts.back().evidence)
      add("evidence",
          shown_line(reference.line > 0 ? fmt::format("{}:{}", reference.path, reference.line)
                                        : reference.path));
  add("again", shown_line(reproduce_line(result)));
  return all;
}

}  // namespace coroner::report
