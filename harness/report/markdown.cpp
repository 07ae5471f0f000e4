// SPDX-License-Identifier: Apache-2.0
// The summary that a CI server shows on a job's page.
#include <algorithm>

#include "harness/report/documents.h"
#include "harness/report/excerpt.h"
#include "harness/report/look.h"
#include "harness/report/text.h"
#include "harness/report/view.h"

namespace coroner::report {

using record::CaseResult;
using record::Finding;
using record::Record;
using record::Verdict;

namespace {

constexpr std::size_t longest_list = 50;

std::string counts_table(const Record& record)
{
  const auto counts = record::count(record);
  std::string head = "| total |";
  std::string rule = "| ---: |";
  auto row = fmt::format("| {} |", counts.total);
  for (const auto& [verdict, text] : record::Words<Verdict>::table) {
    head += fmt::format(" {} |", text == "stale_waiver" ? "stale waiver" : text);
    rule += " ---: |";
    row += fmt::format(" {} |", counts.of(verdict));
  }
  return head + " flaky |\n" + rule + " ---: |\n" + row + fmt::format(" {} |\n", counts.flaky);
}

std::string finding_part(const Record& record, const Finding& finding)
{
  const auto nodes =
      listed(finding.nodes, [](const std::string& node) { return markdown(node, 63); });
  auto text = fmt::format("### {} {}\n\n", markdown(finding.cause, 16), markdown(finding.title));
  text += fmt::format("{}, {}{}\n\n", markdown(confidence_text(finding.confidence)),
                      number_of(results_of(record, finding).size(), "check"),
                      nodes.empty() ? "" : ", on " + nodes);
  if (!finding.evidence.empty()) {
    const auto& evidence = finding.evidence.front();
    const auto parts = excerpt_of(evidence, 400);
    text += "**Evidence:** " + markdown(source_of(evidence)) + "\n\n" +
            markdown_block(shown_line(parts.before + parts.match + parts.after, 500)) + "\n";
  }
  text += "**Why:** " + markdown(finding.because, 2000) + "\n\n";
  text += "**Fix:** " + markdown(finding.fix.text, 2000) + "\n\n";
  if (!finding.fix.patch.empty())
    text += markdown_block(clipped(finding.fix.patch, 4000), "yaml") + "\n";
  if (!finding.verify.empty())
    text += "**Verify:**\n\n" + markdown_block(finding.verify, "sh") + "\n";
  return text;
}

std::string list_part(std::string_view heading, const std::vector<const CaseResult*>& results,
                      bool with_command)
{
  if (results.empty()) return {};
  auto text = fmt::format("### {}\n\n", heading);
  for (std::size_t i = 0; i < std::min(results.size(), longest_list); ++i) {
    const auto& result = *results[i];
    text += fmt::format("- **{}** {} on {}", look_of(result).word, markdown(result.case_id, 130),
                        markdown(place_of(result), 63));
    const auto why = why_of(result);
    text += why.empty() ? "\n" : ": " + markdown(why, 300) + "\n";
    if (with_command) text += "\n  <code>" + markdown(reproduce_line(result)) + "</code>\n";
  }
  if (results.size() > longest_list)
    text += fmt::format("- and {} more\n", results.size() - longest_list);
  return text + "\n";
}

std::string texts_part(std::string_view heading, const std::vector<std::string>& texts)
{
  if (texts.empty()) return {};
  auto text = fmt::format("### {}\n\n", heading);
  for (std::size_t i = 0; i < std::min(texts.size(), longest_list); ++i)
    text += "- " + markdown(texts[i]) + "\n";
  return text + "\n";
}

}  // namespace

std::string markdown_summary(const Record& record)
{
  std::vector<std::string> parts;
  for (const auto& banner : banners(record))
    parts.push_back(fmt::format("> **{}**: {}\n\n", banner.mark, markdown(banner.text)));
  parts.push_back("## coroner: " + markdown(verdict_line(record)) + "\n\n");
  parts.push_back(counts_table(record) + "\n");
  for (const auto& finding : record.findings) parts.push_back(finding_part(record, finding));
  parts.push_back(list_part("Unexplained", unexplained(record), true));
  parts.push_back(list_part("Warnings", results_with(record, Verdict::warn), false));
  parts.push_back(list_part("Flaky", flaky_results(record), true));
  parts.push_back(list_part("Skipped", results_with(record, Verdict::skip), false));
  parts.push_back(list_part("Waived", results_with(record, Verdict::waived), false));
  parts.push_back(texts_part("Left over in the cluster", record.leftovers));
  parts.push_back(texts_part("To know", record.disclosed));
  const auto end = fmt::format("run {}, coroner {}\n", markdown(record.run_id, 64),
                               markdown(record.tool_version, 32));
  constexpr std::string_view cut =
      "_More is in report.html: this summary is cut for its size._\n\n";
  // A part is left out whole: half of one could leave a code fence open.
  std::string all;
  bool was_cut = false;
  for (const auto& part : parts) {
    const bool fits = all.size() + part.size() + cut.size() + end.size() <= largest_markdown_bytes;
    if (fits) all += part;
    was_cut = was_cut || !fits;
  }
  return all + (was_cut ? std::string(cut) : std::string()) + end;
}

}  // namespace coroner::report
