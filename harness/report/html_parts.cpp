// SPDX-License-Identifier: Apache-2.0
// Verdict, environment, matrix and the table of all checks.
#include "harness/report/html_parts.h"

#include <algorithm>
#include <set>

#include "harness/report/look.h"
#include "harness/report/text.h"
#include "harness/report/view.h"

namespace coroner::report::html_parts {

using record::CaseResult;
using record::Record;
using record::Verdict;

namespace {

/// Bounds that keep the page below largest_html_bytes.
constexpr std::size_t largest_matrix_bytes = 3U << 19U;
constexpr std::size_t most_nodes_in_full = 100;
constexpr std::size_t largest_checks_bytes = 9U << 19U;

std::string line(std::string_view untrusted, std::size_t limit = 300)
{
  return html(clean_line(untrusted, limit));
}

/// The glyph repeats the word, so it is hidden from readers that speak.
std::string state(const Look& look)
{
  return fmt::format(R"(<span class="state {}"><span aria-hidden="true">{}</span> {}</span>)",
                     look.key, look.glyph, look.word);
}

std::string facts(const std::vector<std::pair<std::string, std::string>>& pairs)
{
  std::string all = "<dl class=\"facts\">\n";
  for (const auto& [what, value] : pairs)
    all += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", line(what, 60), line(value));
  return all + "</dl>\n";
}

/// Nodes in the order of the record, then those that only results name.
std::vector<std::string> columns_of(const Record& record)
{
  std::vector<std::string> names;
  std::set<std::string> seen = {""};
  for (const auto& node : record.nodes)
    if (seen.insert(node.name).second) names.push_back(node.name);
  for (const auto& result : record.results)
    if (seen.insert(result.node).second) names.push_back(result.node);
  return names;
}

/// A case that concerns the cluster has one cell below all nodes.
std::string cluster_cell(const CaseResult& result, std::size_t nodes)
{
  return fmt::format(
      "<td colspan=\"{}\">{} <a class=\"took\" href=\"#{}\">{}</a> <span class=\"faint\">of the "
      "cluster</span></td>",
      std::max<std::size_t>(nodes, 1), state(look_of(result)), anchor(result),
      record::duration_text(result.took()));
}

std::string cell_of(const CaseResult* result)
{
  if (result == nullptr) return "<td><span class=\"faint\">not run here</span></td>";
  return fmt::format(R"(<td>{} <a class="took" href="#{}">{}</a></td>)", state(look_of(*result)),
                     anchor(*result), record::duration_text(result->took()));
}

}  // namespace

std::string anchor(const CaseResult& result)
{
  std::string id = "check/";
  for (const char c : clean_line(result.case_id + "/" + place_of(result), 200)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        byte < 0x80 && (std::isalnum(byte) != 0 || c == '/' || c == '.' || c == '_' || c == '-');
    id += is_plain ? c : '-';
  }
  return id;
}

std::string banner_list(const Record& record)
{
  std::string all;
  for (const auto& banner : banners(record))
    all += fmt::format("<p class=\"banner\"><strong>{}</strong> {}</p>\n", banner.mark,
                       line(banner.text, 500));
  return all;
}

std::string verdict(const Record& record)
{
  const auto word = verdict_word(record);
  const auto look = word == "PASS" ? "good" : word == "FAIL" ? "bad" : "";
  const auto counts = count(record);
  auto text = fmt::format("<div class=\"verdict {}\">\n<h1>{}: {}</h1>\n<p>{}: {}</p>\n", look,
                          word, line(cell_name(record), 100), number_of(counts.total, "check"),
                          counts_text(counts));
  text += fmt::format("<p class=\"faint\">{} in {}, {}</p>\n", record::time_text(record.started),
                      record::duration_text(record.ended - record.started),
                      number_of(record.nodes.size(), "node"));
  if (!record.findings.empty())
    text +=
        fmt::format("<p>First cause: <a href=\"#cause-1\">{} {}</a></p>\n",
                    line(record.findings.front().cause, 16), line(record.findings.front().title));
  return text + "</div>\n";
}

std::string environment_lists(const Record& record)
{
  auto all = facts(environment(record));
  for (std::size_t i = 0; i < std::min(record.nodes.size(), most_nodes_in_full); ++i) {
    const auto& node = record.nodes[i];
    all += fmt::format("<h3>{}</h3>\n", line(node.name, 80)) + facts(environment(node));
    std::vector<std::pair<std::string, std::string>> expected(node.expectations.begin(),
                                                              node.expectations.end());
    if (!expected.empty())
      all += "<details><summary>What is expected of this node</summary>\n" + facts(expected) +
             "</details>\n";
  }
  if (record.nodes.size() > most_nodes_in_full)
    all += fmt::format("<p>Trimmed for size: {}; report.json has all.</p>\n",
                       number_of(record.nodes.size() - most_nodes_in_full, "node"));
  return all;
}

std::string matrix(const Record& record)
{
  if (record.results.empty()) return "<p>Nothing was checked.</p>";
  const auto nodes = columns_of(record);
  std::map<std::pair<std::string_view, std::string_view>, const CaseResult*> cells;
  std::vector<std::string_view> cases;
  for (const auto& result : record.results) {
    if (std::find(cases.rbegin(), cases.rend(), result.case_id) == cases.rend())
      cases.push_back(result.case_id);
    cells[{result.case_id, result.node}] = &result;
  }
  std::string all =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Matrix of checks and "
      "nodes\">\n<table class=\"matrix\">\n<caption>Rows are checks, columns are nodes</caption>\n"
      "<thead><tr><th scope=\"col\">check</th>";
  for (const auto& node : nodes) all += fmt::format("<th scope=\"col\">{}</th>", line(node, 80));
  all += "</tr></thead>\n<tbody>\n";
  std::size_t left_out = 0;
  for (const auto& id : cases) {
    if (left_out > 0) {
      ++left_out;
      continue;
    }
    std::string row = fmt::format("<tr><th scope=\"row\">{}</th>", line(id, 130));
    const auto of_cluster = cells.find({id, ""});
    if (of_cluster != cells.end()) row += cluster_cell(*of_cluster->second, nodes.size());
    for (const auto& node : nodes) {
      const auto found = cells.find({id, node});
      const bool is_run = found != cells.end();
      if (is_run || of_cluster == cells.end()) row += cell_of(is_run ? found->second : nullptr);
    }
    if (all.size() + row.size() > largest_matrix_bytes)
      ++left_out;
    else
      all += row + "</tr>\n";
  }
  all += "</tbody>\n</table>\n</div>\n";
  if (left_out > 0)
    all += fmt::format("<p>Trimmed for size: {} of the matrix; report.json has all.</p>\n",
                       number_of(left_out, "row"));
  return all;
}

std::string state_options(const Record& record)
{
  std::string all = "<option value=\"\">all</option>";
  const auto counts = count(record);
  for (const auto& [verdict, text] : record::Words<Verdict>::table)
    if (counts.of(verdict) > 0)
      all += fmt::format("<option value=\"{}\">{}</option>", text, look_of(verdict).word);
  if (counts.flaky > 0) all += "<option value=\"flaky\">FLAKY</option>";
  return all;
}

namespace {

std::string details_of(const Record& record, const CaseResult& result)
{
  std::string all;
  if (const auto* metadata = record.find_case(result.case_id))
    all += fmt::format("<p>{} <span class=\"faint\">{}</span></p>",
                       line(metadata->requirement, 400), line(metadata->source, 200));
  for (std::size_t i = 0; i < result.attempts.size(); ++i) {
    const auto& attempt = result.attempts[i];
    all += fmt::format("<p>attempt {}: {} {} {}</p>", i + 1, state(look_of(attempt.verdict)),
                       record::duration_text(attempt.took), line(attempt.reason, 400));
    std::vector<std::pair<std::string, std::string>> proof(attempt.proof.begin(),
                                                           attempt.proof.end());
    if (!proof.empty()) all += "<p>proof</p>" + facts(proof);
    for (const auto& reference : attempt.evidence)
      all +=
          fmt::format("<p>evidence <code>{}:{}</code></p>", line(reference.path), reference.line);
  }
  if (!result.waiver.empty()) all += "<p>waiver: " + line(result.waiver) + "</p>";
  return all;
}

std::string row_of(const Record& record, const CaseResult& result, const std::string& id)
{
  const auto& look = look_of(result);
  auto row = fmt::format(
      R"(<tr id="{}" data-state="{}"><td>{}</td><th scope="row">{}</th><td>{}</td><td>{}</td>)", id,
      look.key, state(look), line(result.case_id, 130), line(place_of(result), 80),
      record::duration_text(result.took()));
  row += fmt::format("<td>{}{}<details><summary>details</summary>{}</details></td></tr>\n",
                     line(why_of(result), 300),
                     result.cause.empty() ? "" : " <b>" + line(result.cause, 16) + "</b>",
                     details_of(record, result));
  return row;
}

}  // namespace

Part checks(const Record& record)
{
  Part part;
  part.text =
      "<table id=\"checks\" class=\"checks\">\n<caption>Each check on each node</caption>\n"
      "<thead><tr><th scope=\"col\">state</th><th scope=\"col\">check</th><th scope=\"col\">node"
      "</th><th scope=\"col\">took</th><th scope=\"col\">why</th></tr></thead>\n<tbody>\n";
  std::set<std::string> ids;
  std::size_t left_out = 0;
  for (const auto& result : record.results) {
    if (left_out > 0) {
      ++left_out;
      continue;
    }
    auto id = anchor(result);
    for (int copy = 2; !ids.insert(id).second; ++copy)
      id = fmt::format("{}.{}", anchor(result), copy);
    const auto row = row_of(record, result, id);
    if (part.text.size() + row.size() > largest_checks_bytes) {
      ++left_out;
      continue;
    }
    part.text += row;
    ++part.count;
  }
  part.text += "</tbody>\n</table>\n";
  if (left_out > 0)
    part.text += fmt::format("<p>Trimmed for size: {}; report.json has all.</p>\n",
                             number_of(left_out, "check"));
  return part;
}

}  // namespace coroner::report::html_parts
