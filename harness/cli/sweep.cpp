// SPDX-License-Identifier: Apache-2.0
// `coroner sweep`: what dead runs left in a cluster; lists it, and deletes it with --yes.
#include "harness/engine/sweep.h"

#include <algorithm>
#include <memory>

#include "harness/cli/connection.h"
#include "harness/cli/output.h"
#include "harness/cli/probe_words.h"
#include "harness/cli/program.h"
#include "harness/cli/signals.h"
#include "harness/cli/verbs.h"
#include "harness/record/record.h"

namespace coroner::cli {
namespace {

constexpr std::chrono::seconds patience{120};

struct SweepWords {
  ConnectionOptions connection;
  bool may_delete = false;
  bool takes_unexpired = false;
  std::string run_id;
};

bool is_wanted(const engine::Leftover& each, const SweepWords& words)
{
  if (!words.run_id.empty()) return each.run_id == words.run_id;
  return each.is_expired || words.takes_unexpired;
}

void print_table(const std::vector<engine::Leftover>& found, const SweepWords& words)
{
  std::vector<std::vector<std::string>> rows = {{"OBJECT", "RUN", "EXPIRES", "SWEPT"}};
  for (const auto& each : found)
    rows.push_back({each.title, each.run_id, each.expires_at,
                    is_wanted(each, words) ? "yes" : "no, not expired"});
  print(table(rows));
}

int run(const SweepWords& words)
{
  const SignalStop signals;
  auto connection = connect(words.connection, signals.token());
  if (!connection) return report_connection_error(connection.error());
  const auto deadline = base::Deadline::in(patience);
  auto found = engine::find_leftovers(*connection->cluster, deadline, signals.token());
  if (!found) return report_connection_error(found.error());
  if (found->empty()) {
    say("nothing is left of any run");
    return exit_good;
  }
  print_table(*found, words);
  std::erase_if(*found, [&](const auto& each) { return !is_wanted(each, words); });
  if (found->empty()) {
    say("nothing has expired; --unexpired takes running runs too, --run ID one run");
    return exit_good;
  }
  if (!words.may_delete) {
    say("nothing was deleted; to delete: coroner sweep --yes");
    return static_cast<int>(record::ExitCode::leftovers);
  }
  const auto left =
      engine::remove_leftovers(*connection->cluster, *found, deadline, signals.token());
  if (!left) return report_connection_error(left.error());
  say(fmt::format("{} deleted, {} still there", found->size() - left->size(), left->size()));
  for (const auto& each : *left) say("  still there: " + each.title);
  return left->empty() ? exit_good : static_cast<int>(record::ExitCode::leftovers);
}

}  // namespace

void add_sweep(CLI::App& program, Chosen& chosen)
{
  const auto words = std::make_shared<SweepWords>();
  auto* sweep = program.add_subcommand(
      "sweep", "List what killed runs left in a cluster; with --yes delete it");
  add_connection_options(*sweep, words->connection);
  sweep->add_flag("--yes", words->may_delete, "Delete what is listed as swept");
  sweep->add_flag("--unexpired", words->takes_unexpired, "Also what may belong to a running probe");
  sweep->add_option("--run", words->run_id, "Only of this run, expired or not");
  sweep->footer(
      "Found by labels, expiry and name together; what lacks one of them is never touched.\n"
      "Examples:\n"
      "  coroner sweep                 what is there\n"
      "  coroner sweep --yes           delete what has expired\n"
      "  coroner sweep --yes --run 1f2e3d4c5b");
  sweep->callback([&chosen, words] { chosen.action = [words] { return run(*words); }; });
}

}  // namespace coroner::cli
