// SPDX-License-Identifier: Apache-2.0
// `coroner lab break` and `coroner lab mend`.
#include "harness/lab/breaks.h"

#include <cstdio>
#include <memory>

#include "harness/base/text.h"
#include "harness/cli/program.h"
#include "harness/cli/signals.h"
#include "harness/cli/verbs.h"
#include "harness/lab/boot.h"

namespace coroner::cli {
namespace {

struct BreakWords {
  std::string code;
  std::string name;
};

int run_break(const BreakWords& words)
{
  const auto places = lab::find_places();
  if (!places) return report_error(places.error());
  const SignalStop signals;
  const auto seen = lab::break_cell(*places, words.name, words.code, say, signals.token());
  if (!seen) return report_error(seen.error());
  say(fmt::format("cell {} is broken as {}; the {} says:", words.name, words.code, seen->source));
  std::printf("%s\n", base::printable(seen->line).c_str());
  return exit_good;
}

/// Mends what is named, or all that the cell's state lists.
int run_mend(const BreakWords& words)
{
  const auto places = lab::find_places();
  if (!places) return report_error(places.error());
  const auto state = lab::running_cell(*places, words.name);
  if (!state) return report_error(state.error());
  const auto codes = words.code.empty() ? state->broken : std::vector<std::string>{words.code};
  if (codes.empty()) say(fmt::format("cell {} is not broken", words.name));
  const SignalStop signals;
  for (const auto& code : codes) {
    const auto mended = lab::mend_cell(*places, words.name, code, say, signals.token());
    if (!mended) return report_error(mended.error());
    say(fmt::format("cell {} is mended: the verify command of {} passes", words.name, code));
  }
  return exit_good;
}

}  // namespace

void add_breaks(CLI::App& lab, Chosen& chosen)
{
  const auto words = std::make_shared<BreakWords>();
  auto* broken = lab.add_subcommand(
      "break", "Break a cell as a cause tells; prints the real component's own words");
  broken->add_option("cause", words->code, "A code, such as GY005")->required();
  broken->add_option("name", words->name, "The cell's name")->required();
  broken->footer("Example:\n  coroner lab break GY005 nixos");
  broken->callback([&chosen, words] { chosen.action = [words] { return run_break(*words); }; });
  auto* mend = lab.add_subcommand(
      "mend", "Apply the fix of what is broken, and prove it by its verify command");
  mend->add_option("name", words->name, "The cell's name")->required();
  mend->add_option("cause", words->code, "Only this code (default: all that are broken)");
  mend->callback([&chosen, words] { chosen.action = [words] { return run_mend(*words); }; });
}

}  // namespace coroner::cli
