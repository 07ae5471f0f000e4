// SPDX-License-Identifier: Apache-2.0
// A cause laid out: what it is, how it is detected, how it is mended, what looks the same.
#include "harness/cli/explanation.h"

#include <algorithm>

#include "harness/cli/output.h"
#include "harness/graveyard/derived.h"
#include "harness/report/text.h"

namespace coroner::cli {
namespace {

using graveyard::Catalogue;
using graveyard::Cause;
using graveyard::Rule;

/// `because` and `verify` without a cluster: {node.distro} as <node.distro>, the rest as it is.
std::string unfilled(const std::string& text)
{
  std::string made;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text[at] == '{' ? text.find('}', at) : std::string::npos;
    const auto name = end == std::string::npos ? "" : text.substr(at + 1, end - at - 1);
    const bool is_name =
        !name.empty() &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.0123456789") == std::string::npos;
    if (!is_name) {
      made += text[at++];
      continue;
    }
    made += name == "node" ? "NODE" : name == "pod" ? "POD" : "<" + name + ">";
    at = end + 1;
  }
  return made;
}

/// The code of a cause by its name; "" for one that the catalogue does not have yet.
std::string code_of(const Catalogue& catalogue, const std::string& name)
{
  const auto& causes = catalogue.causes();
  const auto found = std::find_if(causes.begin(), causes.end(),
                                  [&](const Cause& cause) { return cause.name == name; });
  return found == causes.end() ? "" : found->id;
}

/// What collects a fact: nothing was collected yet, so every fact says it.
std::string collect_of(const std::string& fact)
{
  return graveyard::ask(evidence::FactStore{}, fact).collect;
}

/// The fixes, "any" last: it serves whom no other does.
std::vector<const record::Fix*> ordered_fixes(const Cause& cause)
{
  std::vector<const record::Fix*> fixes;
  for (const auto& [distro, fix] : cause.fixes)
    if (distro != "any") fixes.push_back(&fix);
  if (const auto any = cause.fixes.find("any"); any != cause.fixes.end())
    fixes.push_back(&any->second);
  return fixes;
}

std::string place_of_fix(const std::string& distro, std::size_t count)
{
  if (distro != "any") return distro;
  return count == 1 ? "any node" : "any other node";
}

/// Builds the text for a terminal.
class Page {
 public:
  explicit Page(const report::Style& style) : style_(style) {}

  void heading(std::string_view text) { all_ += "\n" + style_.paint(text, "1") + "\n"; }
  void line(const std::string& text) { all_ += style_.plain(text) + "\n"; }
  void paragraph(std::string_view text, std::size_t indent)
  {
    all_ += style_.plain(wrapped(text, indent, style_.columns));
  }

  /// Lines of a rule; a sentence that repeats the one above it is left out.
  void rule(const Rule& rule, bool says_weight)
  {
    std::string last;
    for (const auto& each : rule_in_words(rule)) {
      const std::string indent(2 + each.depth * 2, ' ');
      auto sentence = indent + each.text;
      if (says_weight && !each.weight.empty()) sentence += "   (" + each.weight + ")";
      if (sentence != last || each.pattern.empty()) line(sentence);
      last = sentence;
      if (!each.pattern.empty()) line(indent + "    " + each.pattern);
    }
  }

  std::string take() { return std::move(all_); }

 private:
  const report::Style& style_;
  std::string all_;
};

void add_detection(Page& page, const Cause& cause)
{
  page.heading("Detected by");
  page.rule(cause.when, true);
  if (!cause.raises.empty()) page.heading("Surer with");
  for (const auto& rule : cause.raises) page.rule(rule, false);
  if (!cause.unless.empty()) page.heading("Ruled out by");
  for (const auto& rule : cause.unless) page.rule(rule, false);
  if (!cause.needs.empty()) page.heading("Evidence that decides it");
  for (const auto& fact : cause.needs) {
    page.line("  " + fact);
    page.line("      " + collect_of(fact));
  }
}

void add_fixes(Page& page, const Cause& cause)
{
  for (const auto* fix : ordered_fixes(cause)) {
    page.heading("Fix on " + place_of_fix(fix->distro, cause.fixes.size()));
    page.paragraph(fix->text, 2);
    if (fix->patch.empty()) continue;
    page.line("  " + fix->patch_file + ":");
    for (const auto& line : report::lines_of(fix->patch)) page.line("  | " + line);
  }
  page.heading("Mended when");
  page.line("  " + unfilled(cause.verify));
}

std::string look_alike_name(const Catalogue& catalogue, const graveyard::LookAlike& other)
{
  const auto code = code_of(catalogue, other.name);
  return code.empty() ? other.name : code + " " + other.name;
}

std::vector<std::string> sentences(const Rule& rule)
{
  std::vector<std::string> all;
  for (const auto& line : rule_in_words(rule)) {
    std::string sentence(line.depth * 2, ' ');
    sentence += line.text;
    if (!line.pattern.empty()) sentence += " " + line.pattern;
    all.push_back(std::move(sentence));
  }
  return all;
}

nlohmann::ordered_json sentences(const std::vector<Rule>& rules)
{
  auto all = nlohmann::ordered_json::array();
  for (const auto& rule : rules)
    for (const auto& sentence : sentences(rule)) all.push_back(sentence);
  return all;
}

}  // namespace

std::string explanation_text(const Catalogue& catalogue, const Cause& cause,
                             const report::Style& style)
{
  Page page(style);
  page.line(style.paint(cause.id + " " + cause.name, "1") +
            "   layer: " + std::string(record::word(cause.layer)));
  page.line(cause.title);
  page.heading("Why");
  page.paragraph(unfilled(cause.because), 2);
  add_fixes(page, cause);
  add_detection(page, cause);
  if (!cause.look_alikes.empty()) page.heading("Looks the same, and is not");
  for (const auto& other : cause.look_alikes) {
    page.line("  " + look_alike_name(catalogue, other));
    page.paragraph("when " + other.told_apart_by, 6);
  }
  if (!cause.yields_to.empty()) page.heading("Follows from, where these are found");
  for (const auto& id : cause.yields_to) page.line("  " + id);
  page.heading("Known from");
  for (const auto& source : cause.sources) page.line("  " + source);
  if (!cause.examples.empty()) page.heading("Recorded words, in graveyard/examples");
  for (const auto& example : cause.examples) page.line("  " + example);
  return page.take();
}

std::string explanation_markdown(const Catalogue& catalogue, const Cause& cause)
{
  using report::markdown;
  constexpr std::size_t limit = 2000;
  std::string all = fmt::format("# {} {}\n\n{}\n\nLayer: {}.\n", cause.id, cause.name,
                                markdown(cause.title, limit), record::word(cause.layer));
  all += "\n## Why\n\n" + markdown(unfilled(cause.because), limit) + "\n";
  for (const auto* fix : ordered_fixes(cause)) {
    all += "\n## Fix on " + place_of_fix(fix->distro, cause.fixes.size()) + "\n\n" +
           markdown(fix->text, limit) + "\n";
    if (!fix->patch.empty()) all += "\n" + report::markdown_block(fix->patch, "yaml") + "\n";
  }
  all += "\nMended when:\n\n" + report::markdown_block(unfilled(cause.verify), "sh") + "\n";
  const auto list = [&](std::string_view heading, const std::vector<Rule>& rules) {
    if (rules.empty()) return;
    std::string lines;
    for (const auto& rule : rules)
      for (const auto& sentence : sentences(rule)) lines += sentence + "\n";
    all += fmt::format("\n## {}\n\n{}\n", heading, report::markdown_block(lines));
  };
  list("Detected by", {cause.when});
  list("Surer with", cause.raises);
  list("Ruled out by", cause.unless);
  if (!cause.look_alikes.empty()) all += "\n## Looks the same, and is not\n\n";
  for (const auto& other : cause.look_alikes)
    all += fmt::format("- {}: when {}\n", look_alike_name(catalogue, other),
                       markdown(other.told_apart_by, limit));
  all += "\n## Known from\n\n";
  for (const auto& source : cause.sources) all += "- " + markdown(source, limit) + "\n";
  return all;
}

nlohmann::ordered_json explanation_json(const Catalogue& catalogue, const Cause& cause)
{
  nlohmann::ordered_json value = {{"id", cause.id},
                                  {"name", cause.name},
                                  {"title", cause.title},
                                  {"layer", record::word(cause.layer)},
                                  {"because", cause.because},
                                  {"detected",
                                   {{"when", sentences(std::vector<Rule>{cause.when})},
                                    {"raises", sentences(cause.raises)},
                                    {"unless", sentences(cause.unless)}}},
                                  {"needs", nlohmann::ordered_json::array()},
                                  {"fixes", nlohmann::ordered_json::array()},
                                  {"verify", cause.verify},
                                  {"look_alikes", nlohmann::ordered_json::array()},
                                  {"yields_to", cause.yields_to},
                                  {"sources", cause.sources},
                                  {"examples", cause.examples}};
  for (const auto& fact : cause.needs)
    value["needs"].push_back({{"fact", fact}, {"collect", collect_of(fact)}});
  for (const auto* fix : ordered_fixes(cause))
    value["fixes"].push_back({{"distro", fix->distro},
                              {"text", fix->text},
                              {"patch_file", fix->patch_file},
                              {"patch", fix->patch}});
  for (const auto& other : cause.look_alikes)
    value["look_alikes"].push_back({{"name", other.name},
                                    {"code", code_of(catalogue, other.name)},
                                    {"told_apart_by", other.told_apart_by}});
  return value;
}

}  // namespace coroner::cli
