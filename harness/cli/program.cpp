// SPDX-License-Identifier: Apache-2.0
// Reads the command line with CLI11 and runs the verb that was chosen.
#include "harness/cli/program.h"

#include <cstdio>

#include "harness/base/text.h"
#include "harness/cli/verbs.h"

namespace coroner::cli {
namespace {

constexpr const char* footer = R"(Examples:
  coroner probe                     does GPU work get through, and if not, why: the cluster of KUBECONFIG
  coroner probe --effect reads      the same by looking alone
  coroner explain GY005             what a cause is, how it is found and mended
  coroner lab up nixos              boot a real Kubernetes node with a simulated GPU; prints its kubeconfig
  coroner lab break GY005 nixos     break it as a field report tells, and see the real component's words
  coroner lab down nixos            leave nothing behind

Exit codes: 0 good, 1 failed, 2 wrong usage or a file to correct, 3 could not be prepared, 130 interrupted.)";

std::string nearest_verb(const CLI::App& program, const std::vector<std::string>& words)
{
  const CLI::App* app = &program;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].starts_with('-')) continue;
    std::vector<std::string> names;
    const CLI::App* next = nullptr;
    for (const auto* each :
         app->get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); })) {
      names.push_back(each->get_name());
      if (each->get_name() == words[i]) next = each;
    }
    if (names.empty()) return {};
    if (next == nullptr) return base::nearest(words[i], names);
    app = next;
  }
  return {};
}

}  // namespace

int report_error(const base::Error& error)
{
  std::fprintf(stderr, "coroner: %s\n", base::printable(error.text()).c_str());
  switch (error.kind) {
    case base::ErrorKind::invalid:
      return exit_usage;
    case base::ErrorKind::unreachable:
    case base::ErrorKind::denied:
    case base::ErrorKind::not_found:
      return exit_unprepared;
    case base::ErrorKind::timed_out:
    case base::ErrorKind::internal:
      return exit_findings;
  }
  return exit_findings;
}

void say(const std::string& line)
{
  std::fprintf(stderr, "%s\n", base::printable(line).c_str());
}

int run_program(const std::vector<std::string>& words, const std::string& version)
{
  CLI::App program{
      "coroner names the root cause of GPU failures on Kubernetes, with proof and the fix."};
  program.footer(footer);
  program.set_version_flag("--version", "coroner " + version);
  program.require_subcommand(1);
  Chosen chosen;
  add_probe(program, chosen, version, words);
  add_diagnose(program, chosen, version);
  add_explain(program, chosen);
  add_report(program, chosen, version);
  add_list(program, chosen);
  add_image(program, chosen);
  add_record(program, chosen, version);
  add_sweep(program, chosen);
  add_lab(program, chosen);
  std::vector<std::string> reversed(words.rbegin(), words.rend() - 1);
  try {
    program.parse(reversed);
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) return program.exit(problem);
    const auto near = nearest_verb(program, words);
    std::fprintf(stderr, "coroner: %s\n%s  see: coroner --help\n",
                 base::printable(problem.what()).c_str(),
                 near.empty() ? "" : ("  did you mean '" + near + "'?\n").c_str());
    return exit_usage;
  }
  return chosen.action ? chosen.action() : exit_usage;
}

}  // namespace coroner::cli
