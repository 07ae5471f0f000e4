// SPDX-License-Identifier: Apache-2.0
// `coroner probe`: one run against a live cluster, and what came of it.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/catalogue.h"
#include "harness/cli/connection.h"
#include "harness/cli/output.h"
#include "harness/cli/probe_words.h"
#include "harness/cli/program.h"
#include "harness/cli/replay.h"
#include "harness/cli/signals.h"
#include "harness/cli/verbs.h"
#include "harness/engine/run.h"
#include "harness/report/console.h"
#include "harness/report/documents.h"
#include "harness/report/progress.h"
#include "harness/report/view.h"
#include "harness/report/write.h"

namespace coroner::cli {
namespace {

using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

/// Progress on stderr while a run goes on: phases, heartbeats, rows on a terminal.
class ProgressPrinter {
 public:
  explicit ProgressPrinter(const std::string& cell)
      : cell_(cell),
        text_(stderr_style(), ::isatty(STDERR_FILENO) == 1, std::chrono::steady_clock::now()),
        ticker_([this](const std::stop_token& stop) {
          while (base::wait_for(std::chrono::milliseconds(500), stop)) put(report::Tick{});
        })
  {}

  void phase(const std::string& name) { put(report::PhaseBegun{cell_, name}); }

  ~ProgressPrinter()
  {
    ticker_.request_stop();
    if (ticker_.joinable()) ticker_.join();
    write(text_.finish());
  }

 private:
  void put(const report::Progress& progress)
  {
    const std::lock_guard lock(mutex_);
    write(text_.text(progress, std::chrono::steady_clock::now()));
  }
  static void write(const std::string& text) { std::fputs(text.c_str(), stderr); }

  std::string cell_;
  std::mutex mutex_;
  report::ProgressText text_;
  std::jthread ticker_;
};

/// Where the bundle and the reports go.
Result<fs::path> report_directory(const ProbeWords& words)
{
  if (words.report_directory.empty()) {
    const auto made = base::cache_directory() / "runs" / new_run();
    TRY(base::make_directories(made));
    return made;
  }
  const fs::path wanted = words.report_directory;
  std::error_code code;
  if (fs::exists(wanted / "bundle", code))
    return base::error_with_hint(
        ErrorKind::invalid, (wanted / "bundle").string() + " is there already",
        "name a new folder by --report-dir: evidence is never overwritten");
  TRY(base::make_directories(wanted));
  return wanted;
}

/// Prints what a run came to, writes its reports, and gives the exit code.
int announce(record::Record record, const ProbeWords& words, const fs::path& directory)
{
  record::Judging judging{.fail_on_warn = words.fail_on == "warn",
                          .fail_on_flaky = words.flaky == "fail"};
  auto written = report::write_reports(record, directory);
  if (!written) {
    report_error(written.error());
    judging.reports_failed = true;
  } else {
    record.reports = std::move(*written);
  }
  std::fputs(report::console(record, stderr_style(), judging).c_str(), stderr);
  if (words.output == "json") print(report::json_document(record));
  if (words.output == "ndjson") print(report::ndjson(record));
  if (words.output == "short") print(report::short_text(record, judging));
  std::fputs(report::annotations(record, report::ci_of(process_environment())).c_str(), stderr);
  return static_cast<int>(record::exit_code(record, judging));
}

int run_on(Connection& connection, const ProbeWords& words, const SignalStop& signals)
{
  if (words.is_dry_run) {
    const auto plan = engine::plan_probe(*connection.cluster, words.options, signals.token());
    if (!plan) return report_probe_error(plan.error());
    print(base::printable(engine::plan_text(*plan)));
    return exit_good;
  }
  const auto directory = report_directory(words);
  if (!directory) return report_error(directory.error());
  const auto catalogue = load_catalogue();
  if (!catalogue) return report_error(catalogue.error());
  engine::Request request{.options = words.options,
                          .bundle = *directory / "bundle",
                          .tool = "coroner " + words.version,
                          .cluster_name = connection.access.context.empty()
                                              ? connection.access.cluster
                                              : connection.access.context,
                          .reproduce = words.command_line,
                          .evidence = words.evidence,
                          .signal = [&] { return signals.number(); }};
  Result<record::Record> record = base::error(ErrorKind::internal, "no run");
  {
    ProgressPrinter progress(request.cluster_name.empty() ? "cluster" : request.cluster_name);
    engine::Listener listener;
    listener.phase = [&](const std::string& name) { progress.phase(name); };
    // Kubernetes waits five seconds before it empties a namespace: nobody should wait for that to
    // know (v1.34, pkg/controller/namespace/namespace_controller.go, namespaceDeletionGracePeriod).
    listener.judged = [&](const record::Record& judged) {
      progress.phase("clean up, after " + report::verdict_line(judged));
    };
    record = engine::run_probe(*connection.cluster, connection.identity, *catalogue, request,
                               listener, signals.token());
  }
  if (!record && signals.number() != 0) return 128 + signals.number();
  if (!record) return report_probe_error(record.error());
  if (!words.options.cell.empty()) record->cluster.cell = words.options.cell;
  return announce(std::move(*record), words, *directory);
}

int run(const ProbeWords& words)
{
  const SignalStop signals;
  if (!words.replay.empty()) {
    return run_replay({.bundle = words.replay, .mode = record::Mode::replay}, words, signals,
                      run_on);
  }
  auto connection = connect(words.connection, signals.token());
  if (connection) return run_on(*connection, words, signals);
  if (signals.number() != 0) return 128 + signals.number();
  const bool is_ci = std::getenv("CI") != nullptr;
  if (connection.error().kind != ErrorKind::not_found || is_ci)
    return report_connection_error(connection.error());
  say("No cluster is configured here. This is a DEMONSTRATION: a recorded run on a broken "
      "cluster.");
  return run_demonstration(words, signals, run_on);
}

}  // namespace

int report_probe_error(const base::Error& error)
{
  const int code = report_error(error);
  if (error.kind == ErrorKind::not_found)
    return static_cast<int>(record::ExitCode::nothing_selected);
  return code == exit_findings ? exit_unprepared : code;
}

void add_probe(CLI::App& program, Chosen& chosen, const std::string& version,
               const std::vector<std::string>& line)
{
  const auto words = std::make_shared<ProbeWords>();
  words->version = version;
  words->command_line = command_line(line);
  auto* probe = program.add_subcommand(
      "probe", "Probe the GPU stack of a cluster, name the cause of each failure, leave nothing");
  add_connection_options(*probe, words->connection);
  add_probe_options(*probe, *words);
  probe->callback([&chosen, words] {
    chosen.action = [words] {
      const auto effect = record::from_word<record::Effect>(words->effect);
      if (!effect) return report_error(effect.error());
      words->options.ceiling = *effect;
      return run(*words);
    };
  });
}

}  // namespace coroner::cli
