// SPDX-License-Identifier: Apache-2.0
// Causes with their evidence, what no cause explains, and the notes at the end of the page.
#include <algorithm>

#include "harness/report/excerpt.h"
#include "harness/report/html_parts.h"
#include "harness/report/look.h"
#include "harness/report/text.h"
#include "harness/report/view.h"

namespace coroner::report::html_parts {

using record::Evidence;
using record::Finding;
using record::Record;

namespace {

constexpr std::size_t largest_causes_bytes = 1U << 20U;
constexpr std::size_t lines_around = 10;
constexpr std::size_t most_evidence = 10;
constexpr std::size_t most_unexplained = 100;
constexpr std::size_t longest_list = 200;

std::string line(std::string_view untrusted, std::size_t limit = 300)
{
  return html(clean_line(untrusted, limit));
}

std::string names(const std::vector<std::string>& texts)
{
  return listed(texts, [](const std::string& text) { return line(text, 130); });
}

std::string log_line(int number, const std::string& safe_text, bool is_hit)
{
  return fmt::format("<span{}><span class=\"number\">{}</span>{}</span>",
                     is_hit ? " class=\"hit\"" : "", number > 0 ? fmt::format("{}", number) : "",
                     safe_text);
}

std::string evidence_block(const Evidence& evidence)
{
  constexpr std::size_t widest = 400;
  const auto around = [&](const std::string& text, int distance) {
    return log_line(evidence.line > 0 ? std::max(evidence.line + distance, 0) : 0,
                    line(text, widest), false);
  };
  std::string lines;
  const auto shown_before = std::min(lines_around, evidence.before.size());
  for (std::size_t i = evidence.before.size() - shown_before; i < evidence.before.size(); ++i)
    lines += around(evidence.before[i], -static_cast<int>(evidence.before.size() - i));
  const auto parts = excerpt_of(evidence, widest);
  // A cut sequence at a border must not hide text: each part is made harmless for itself.
  lines += log_line(evidence.line,
                    fmt::format("{}<mark>{}</mark>{}", line(parts.before, widest * 2),
                                line(parts.match, widest * 2), line(parts.after, widest * 2)),
                    true);
  for (std::size_t i = 0; i < std::min(lines_around, evidence.after.size()); ++i)
    lines += around(evidence.after[i], static_cast<int>(i) + 1);
  return fmt::format(
      "<p>{}{}</p>\n<pre class=\"log\" tabindex=\"0\" role=\"region\" aria-label=\"evidence\">{}"
      "</pre>\n",
      line(source_of(evidence)), evidence.fact.empty() ? "" : ": " + line(evidence.fact, 100),
      lines);
}

/// A command with a copy button, which script shows.
std::string command(const std::string& text, const std::string& id)
{
  return fmt::format(
      "<div class=\"command\"><pre id=\"{0}\">{1}</pre><button type=\"button\" data-copies=\"{0}\" "
      "hidden>Copy</button></div>\n",
      id, html(clean_line(text, 2000)));
}

std::string fix_part(const record::Fix& fix, const std::string& id)
{
  if (fix.text.empty() && fix.patch.empty()) return {};
  const bool is_of_distro = !fix.distro.empty() && fix.distro != "any";
  auto text =
      fmt::format("<h4>Fix{}</h4>\n<p>{}</p>\n", is_of_distro ? " on " + line(fix.distro, 40) : "",
                  html(clipped(fix.text, 4000)));
  if (fix.patch.empty()) return text;
  return text + fmt::format(
                    "<div class=\"command\"><pre id=\"{0}\">{1}</pre><button type=\"button\" "
                    "data-copies=\"{0}\" hidden>Copy</button></div>\n",
                    id, html(clipped(fix.patch, 16'000)));
}

std::string article(const Record& record, const Finding& finding, std::size_t number)
{
  const auto id = fmt::format("cause-{}", number);
  auto text = fmt::format(
      "<article class=\"card{}\" id=\"{}\" aria-labelledby=\"{}-title\">\n<h3 id=\"{}-title\">{} "
      "{}</h3>\n",
      finding.is_notice ? " notice" : "", id, id, id, line(finding.cause, 16), line(finding.title));
  text += fmt::format("<p>{}{}, layer {}, {}{}</p>\n",
                      finding.is_notice ? "a notice, no failure; " : "",
                      confidence_text(finding.confidence), word(finding.layer),
                      number_of(results_of(record, finding).size(), "check"),
                      finding.nodes.empty() ? "" : ", on " + names(finding.nodes));
  if (!finding.explains.empty()) text += "<p>Fails: " + names(finding.explains) + "</p>\n";
  if (!finding.blocked.empty()) text += "<p>Blocks: " + names(finding.blocked) + "</p>\n";
  if (!finding.evidence.empty()) text += "<h4>Evidence</h4>\n";
  for (std::size_t i = 0; i < std::min(most_evidence, finding.evidence.size()); ++i)
    text += evidence_block(finding.evidence[i]);
  if (finding.evidence.size() > most_evidence)
    text += fmt::format("<p>{} in report.json</p>\n",
                        number_of(finding.evidence.size() - most_evidence, "more place"));
  if (!finding.because.empty())
    text += "<h4>Why</h4>\n<p>" + html(clipped(finding.because, 4000)) + "</p>\n";
  text += fix_part(finding.fix, id + "-patch");
  if (!finding.verify.empty())
    text += "<h4>Verify</h4>\n" + command(finding.verify, id + "-verify");
  text += "<h4>More</h4>\n" + command("coroner explain " + finding.cause, id + "-explain");
  if (!finding.sources.empty())
    text += "<p class=\"faint\">Sources: " + names(finding.sources) + "</p>\n";
  return text + "</article>\n";
}

std::string list(std::string_view heading, const std::vector<std::string>& texts)
{
  if (texts.empty()) return {};
  auto all = fmt::format("<section><h2>{}</h2>\n<ul>\n", heading);
  for (std::size_t i = 0; i < std::min(texts.size(), longest_list); ++i)
    all += "<li>" + line(texts[i], 300) + "</li>\n";
  if (texts.size() > longest_list)
    all += fmt::format("<li>and {} more in report.json</li>\n", texts.size() - longest_list);
  return all + "</ul></section>\n";
}

}  // namespace

Part causes(const Record& record)
{
  Part part;
  for (const auto& finding : record.findings) {
    const auto text = article(record, finding, part.count + 1);
    if (part.text.size() + text.size() > largest_causes_bytes) break;
    part.text += text;
    ++part.count;
  }
  if (part.count < record.findings.size())
    part.text += fmt::format("<p>Trimmed for size: {}; report.json has all.</p>\n",
                             number_of(record.findings.size() - part.count, "cause"));
  if (record.findings.empty()) part.text = "<p>No cause was found.</p>\n";
  return part;
}

std::string unexplained_section(const Record& record)
{
  const auto results = unexplained(record);
  if (results.empty()) return {};
  std::string all =
      "<section aria-labelledby=\"unexplained-heading\"><h2 id=\"unexplained-heading\">Unexplained"
      "</h2>\n<p>No known cause fits these; nothing is guessed.</p>\n";
  for (std::size_t i = 0; i < std::min(results.size(), most_unexplained); ++i) {
    const auto& result = *results[i];
    all += fmt::format("<div class=\"card\">\n<h3>{} {} on {}</h3>\n<p>{}</p>\n",
                       look_of(result).word, line(result.case_id, 130), line(place_of(result), 80),
                       line(result.reason(), 400));
    all += command(reproduce_line(result), fmt::format("reproduce-{}", i + 1)) + "</div>\n";
  }
  if (results.size() > most_unexplained)
    all +=
        fmt::format("<p>and {} more in the table below</p>\n", results.size() - most_unexplained);
  return all + "</section>\n";
}

std::string notes(const Record& record)
{
  auto all = list("Left over in the cluster", record.leftovers);
  all += list("To know", record.disclosed);
  if (!record.reproduce.empty())
    all += "<section><h2>This run again</h2>\n" + command(record.reproduce, "reproduce-run") +
           "</section>\n";
  return all;
}

}  // namespace coroner::report::html_parts
