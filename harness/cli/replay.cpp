// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/replay.h"

#include "harness/base/files.h"
#include "harness/cli/program.h"
#include "harness/cli/verbs.h"
#include "harness/embedded/embedded.h"
#include "harness/engine/plan.h"
#include "harness/evidence/reader.h"
#include "harness/objects/object.h"
#include "harness/twin/twin.h"

namespace coroner::cli {
namespace {

using base::Result;

/// The twin is this machine's own and this run's alone: its rate need not be bounded.
constexpr double twin_requests_per_second = 1000;

constexpr std::string_view demonstration_bundle = "reports/demonstration/bundle.tar.zst";

/// Takes over from the recorded plan what makes the same pods again: the twin has no others.
Result<void> take_plan(const evidence::Reader& bundle, engine::Options& options)
{
  TRY_ASSIGN(events, bundle.events());
  for (const auto& event : events) {
    if (event.kind != evidence::EventKind::plan) continue;
    options.run_id = objects::text_at(event.data, "/run");
    options.nonce_seed = objects::text_at(event.data, "/seed");
    options.image = objects::text_at(event.data, "/image");
    if (!objects::at(event.data, "/pods").empty()) return {};
    options.ceiling = record::Effect::reads;
    return {};
  }
  options.ceiling = record::Effect::reads;  // evidence that was only collected
  return {};
}

Result<Connection> connect_to(const twin::Twin& twin, const std::stop_token& stop)
{
  Connection made;
  made.access = twin.access();
  kube::Options options;
  options.requests_per_second = twin_requests_per_second;
  options.burst_requests = twin_requests_per_second;
  TRY_ASSIGN(cluster, kube::connect(made.access, options));
  made.cluster = std::move(cluster);
  TRY_ASSIGN(identity, made.cluster->identity(base::Deadline::in(std::chrono::seconds(20)), stop));
  made.identity = std::move(identity);
  return made;
}

}  // namespace

int run_replay(const Replay& replay, const ProbeWords& words, const SignalStop& signals,
               const RunOn& run_on)
{
  const auto bundle = evidence::Reader::open(replay.bundle);
  if (!bundle) return report_error(bundle.error());
  auto own = words;
  own.options.mode = replay.mode;
  own.evidence = replay.bundle;  // what was read on nodes; the API cannot tell it again
  if (const auto taken = take_plan(*bundle, own.options); !taken)
    return report_error(taken.error());
  if (replay.mode == record::Mode::replay)
    say("REPLAY of " + replay.bundle + " (run " + bundle->manifest().run +
        "): no cluster is asked");
  const auto twin = twin::Twin::start(*bundle);
  if (!twin) return report_error(twin.error());
  auto connection = connect_to(**twin, signals.token());
  if (!connection) return report_error(connection.error());
  connection->access.context = "replay";
  return run_on(*connection, own, signals);
}

int run_demonstration(const ProbeWords& words, const SignalStop& signals, const RunOn& run_on)
{
  const auto content = embedded::file(demonstration_bundle);
  if (!content) {
    say("coroner: this build holds no recorded run; name a cluster by --kubeconfig");
    return exit_unprepared;
  }
  auto folder =
      base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "coroner-demo-");
  if (!folder) return report_error(folder.error());
  const auto file = folder->path() / "demonstration.tar.zst";
  if (const auto put = base::write_file(file, *content); !put) return report_error(put.error());
  return run_replay({.bundle = file.string(), .mode = record::Mode::demonstration}, words, signals,
                    run_on);
}

}  // namespace coroner::cli
