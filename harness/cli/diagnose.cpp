// SPDX-License-Identifier: Apache-2.0
// `coroner diagnose`: saved evidence or pasted text in, causes out; no cluster is asked.
#include <memory>

#include "harness/cli/catalogue.h"
#include "harness/cli/diagnosis_text.h"
#include "harness/cli/output.h"
#include "harness/cli/program.h"
#include "harness/cli/verbs.h"

namespace coroner::cli {
namespace {

struct DiagnoseWords {
  std::string place;
  std::string output = "text";
};

int run_diagnose(const DiagnoseWords& words, const std::string& version)
{
  const auto input = read_input(words.place);
  if (!input) return report_error(input.error());
  const auto catalogue = load_catalogue();
  if (!catalogue) return report_error(catalogue.error());
  const auto assessment = assess(*input, *catalogue, version);
  if (!assessment) return report_error(assessment.error());
  const DiagnosisView view{*input, *assessment};
  if (words.output == "json")
    print(diagnosis_json(view));
  else if (words.output == "short")
    print(diagnosis_short(view));
  else
    print(diagnosis_text(view, stdout_style()));
  return certain_findings(assessment->record) > 0 ? exit_findings : exit_good;
}

}  // namespace

void add_diagnose(CLI::App& program, Chosen& chosen, const std::string& version)
{
  auto* verb = program.add_subcommand(
      "diagnose", "Name causes from a bundle, a folder of logs, a file or pasted text; offline");
  const auto words = std::make_shared<DiagnoseWords>();
  verb->add_option("evidence", words->place,
                   "A bundle (folder or .tar.zst), a folder, a file, or - for stdin")
      ->required();
  verb->add_option("--output", words->output, "text, short (for pasting) or json (default: text)")
      ->check(CLI::IsMember({"text", "short", "json"}));
  verb->footer(R"(Examples:
  kubectl -n kube-system logs daemonset/nvidia-device-plugin-daemonset | coroner diagnose -
  coroner diagnose plugin.log
  coroner diagnose ./saved-logs --output short
  coroner diagnose bundle.tar.zst --output json

What is read is text of any component, or objects as `kubectl get -o yaml` prints them.
Exit codes: 0 nothing certain, 1 a cause was found, 2 not readable as it is, 3 not there.)");
  verb->callback([&chosen, words, version] {
    chosen.action = [words, version] { return run_diagnose(*words, version); };
  });
}

}  // namespace coroner::cli
