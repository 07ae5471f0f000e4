// SPDX-License-Identifier: Apache-2.0
// `coroner explain`: what the catalogue knows of a cause; offline.
#include <algorithm>
#include <memory>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/catalogue.h"
#include "harness/cli/explanation.h"
#include "harness/cli/output.h"
#include "harness/cli/program.h"
#include "harness/cli/verbs.h"
#include "harness/evidence/json_text.h"
#include "harness/record/json.h"

namespace coroner::cli {
namespace {

using base::ErrorKind;
using base::Result;
using graveyard::Catalogue;
using graveyard::Cause;

struct ExplainWords {
  std::string cause;
  std::string from;
  std::string format = "text";
  bool is_list = false;
};

/// "gy005" is GY005; names are lower case anyway.
Result<const Cause*> find_cause(const Catalogue& catalogue, std::string word)
{
  if (base::is_label(word) && word.starts_with("gy"))
    std::transform(word.begin(), word.end(), word.begin(), [](char letter) {
      return static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    });
  auto found = catalogue.find(word);
  if (!found) found.error().kind = ErrorKind::invalid;  // A person can correct it: exit code 2.
  return found;
}

/// Codes of the causes that a report.json, or what `diagnose --output json` printed, has found.
Result<std::vector<std::string>> causes_in(const std::string& file)
{
  TRY_ASSIGN(text, base::read_file(file, record::largest_record_bytes));
  const auto value = evidence::parse_json(text);
  if (!value) return base::pass_on(value.error(), "while reading " + file);
  const bool has_findings =
      value->is_object() && value->contains("findings") && value->at("findings").is_array();
  if (!has_findings)
    return base::error_with_hint(ErrorKind::invalid, file + " has no list /findings",
                                 "give it a report.json, or what `diagnose --output json` printed");
  std::vector<std::string> codes;
  for (const auto& finding : value->at("findings")) {
    if (!finding.is_object() || !finding.contains("cause") || !finding.at("cause").is_string())
      return base::error(ErrorKind::invalid, "{}: a finding has no text /cause", file);
    const auto code = finding.at("cause").get<std::string>();
    if (std::find(codes.begin(), codes.end(), code) == codes.end()) codes.push_back(code);
  }
  return codes;
}

void print_list(const Catalogue& catalogue, const std::string& format)
{
  auto json = nlohmann::ordered_json::array();
  std::string markdown = "| code | layer | name | title |\n| --- | --- | --- | --- |\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& cause : catalogue.causes()) {
    const std::string layer(record::word(cause.layer));
    json.push_back(
        {{"code", cause.id}, {"layer", layer}, {"name", cause.name}, {"title", cause.title}});
    markdown += fmt::format("| {} | {} | {} | {} |\n", cause.id, layer, cause.name, cause.title);
    rows.push_back({cause.id, layer, cause.name, cause.title});
  }
  if (format == "json") return print(record::json_text(json) + "\n");
  print(format == "md" ? markdown : table(rows));
}

void print_causes(const Catalogue& catalogue, const std::vector<const Cause*>& causes,
                  const std::string& format)
{
  auto json = nlohmann::ordered_json::array();
  bool is_first = true;
  for (const auto* cause : causes) {
    if (format == "json") {
      json.push_back(explanation_json(catalogue, *cause));
      continue;
    }
    if (!is_first) print("\n");
    is_first = false;
    print(format == "md" ? explanation_markdown(catalogue, *cause)
                         : explanation_text(catalogue, *cause, stdout_style()));
  }
  if (format == "json") print(record::json_text(json) + "\n");
}

int run_explain(const ExplainWords& words)
{
  const auto catalogue = load_catalogue();
  if (!catalogue) return report_error(catalogue.error());
  if (words.is_list) {
    print_list(*catalogue, words.format);
    return exit_good;
  }
  std::vector<const Cause*> causes;
  if (words.from.empty()) {
    const auto cause = find_cause(*catalogue, words.cause);
    if (!cause) return report_error(cause.error());
    causes.push_back(*cause);
  } else {
    const auto codes = causes_in(words.from);
    if (!codes) return report_error(codes.error());
    if (codes->empty()) say(words.from + " names no cause");
    for (const auto& code : *codes) {
      const auto cause = find_cause(*catalogue, code);
      if (cause)
        causes.push_back(*cause);
      else
        say("coroner: " + cause.error().what + " in this version of the program");
    }
    if (causes.empty()) return codes->empty() ? exit_good : exit_usage;
  }
  print_causes(*catalogue, causes, words.format);
  return exit_good;
}

}  // namespace

void add_explain(CLI::App& program, Chosen& chosen)
{
  auto* verb = program.add_subcommand(
      "explain", "What a cause is, how it is detected, mended and told from others; offline");
  const auto words = std::make_shared<ExplainWords>();
  auto* cause = verb->add_option("cause", words->cause, "GY005, or its name");
  auto* list = verb->add_flag("--list", words->is_list, "All causes, a line each")->excludes(cause);
  verb->add_option("--from", words->from, "Every cause that a report.json has found")
      ->excludes(cause)
      ->excludes(list);
  verb->add_option("--format", words->format, "text, md or json (a list; default: text)")
      ->check(CLI::IsMember({"text", "md", "json"}));
  verb->footer(R"(Examples:
  coroner explain GY005
  coroner explain nvml-lib-not-on-search-path --format md
  coroner explain --list
  coroner explain --from report.json)");
  verb->callback([&chosen, words] {
    if (words->cause.empty() && words->from.empty() && !words->is_list)
      throw CLI::RequiredError("cause (GY005, or its name; --list names them all)");
    chosen.action = [words] { return run_explain(*words); };
  });
}

}  // namespace coroner::cli
