// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/run.h"

#include <csignal>
#include <optional>

#include "harness/base/files.h"
#include "harness/engine/assess.h"
#include "harness/engine/marks.h"
#include "harness/engine/parallel.h"
#include "harness/evidence/path.h"
#include "harness/evidence/reader.h"

namespace coroner::engine {
namespace {

using base::Deadline;
using base::ErrorKind;
using base::Result;
using nlohmann::json;

/// How the run came to its end.
record::Ending ending_of(const Result<void>& carried, const Deadline& deadline,
                         const Request& request, const std::stop_token& stop)
{
  if (stop.stop_requested())
    return request.signal() == SIGTERM ? record::Ending::terminated : record::Ending::interrupted;
  if (deadline.has_passed()) return record::Ending::deadline;
  return carried ? record::Ending::complete : record::Ending::lost;
}

/// Takes the files of nodes from another bundle: what `record --host` wrote there.
Result<void> take_in(const std::filesystem::path& place, evidence::Writer& writer)
{
  TRY_ASSIGN(other, evidence::Reader::open(place));
  for (const auto& path : other.files()) {
    const auto names = evidence::names_of(path);
    if (names.folder != "host") continue;
    TRY_ASSIGN(content, other.content(path));
    TRY(writer.host_file(names.node, names.name, content));
  }
  TRY_ASSIGN(events, other.events());
  for (const auto& event : events) {
    const auto place_name = event.data.is_object() ? event.data.value("place", "") : "";
    if (!place_name.starts_with("host/")) continue;
    const auto node = event.data.value("node", "");
    if (event.kind == evidence::EventKind::collected) TRY(writer.collected(place_name, node));
    if (event.kind == evidence::EventKind::not_collected)
      TRY(writer.not_collected(place_name, node, event.data.value("reason", "")));
  }
  return {};
}

json end_of_run(const Request& request, record::Ending ending, const std::string& note,
                const kube::Statistics& statistics)
{
  return {{"ending", record::word(ending)},   {"note", note},
          {"cluster", request.cluster_name},  {"cell", request.options.cell},
          {"reproduce", request.reproduce},   {"requests", statistics.requests},
          {"throttles", statistics.throttles}};
}

/// Closes the bundle and judges what is in it, as anybody who is given the bundle would.
Result<record::Record> conclude(const Request& request, const graveyard::Catalogue& catalogue,
                                evidence::Writer& writer, const json& end)
{
  TRY(writer.verdict(end));
  TRY(writer.finish());
  TRY_ASSIGN(reader, evidence::Reader::open(request.bundle));
  TRY_ASSIGN(record, assess(reader, catalogue));
  record.mode = request.options.mode;
  record.bundle = request.bundle.string();
  return record;
}

}  // namespace

Result<record::Record> run_probe(kube::Cluster& cluster, const kube::Identity& identity,
                                 const graveyard::Catalogue& catalogue, const Request& wanted,
                                 const Listener& listener, const std::stop_token& stop)
{
  auto request = wanted;
  if (request.options.run_id.empty()) {
    TRY_ASSIGN(id, random_digits(run_id_digits));
    request.options.run_id = std::move(id);
  }
  const auto deadline = Deadline::in(request.options.timeout);
  TRY_ASSIGN(writer,
             evidence::Writer::create(
                 request.bundle, {.run = request.options.run_id,
                                  .created = "",
                                  .tool = request.tool,
                                  .cluster = {identity.uid, identity.server, identity.version}}));
  if (!request.evidence.empty()) TRY(take_in(request.evidence, writer));
  listener.phase("plan");
  TRY_ASSIGN(plan, make_plan(cluster, request.options, writer, deadline, stop));
  const auto carried = carry_out(cluster, plan, request.options, writer, listener, deadline, stop);
  const auto ending = ending_of(carried, deadline, request, stop);
  const auto end =
      end_of_run(request, ending, carried ? "" : carried.error().what, cluster.statistics());
  listener.phase("clean up");
  CleanUp cleaned;
  std::optional<Result<record::Record>> concluded;
  TRY(in_parallel({[&]() -> Result<void> {
                     cleaned = clean_up(cluster, plan, Deadline::in(clean_up_patience));
                     return {};
                   },
                   [&]() -> Result<void> {
                     concluded = conclude(request, catalogue, writer, end);
                     if (*concluded) listener.judged(**concluded);
                     return {};
                   }}));
  if (!*concluded) return tl::unexpected(concluded->error());
  auto record = std::move(**concluded);
  record.leftovers = std::move(cleaned.leftovers);
  if (!carried) record.note = carried.error().text();
  return record;
}

Result<Plan> plan_probe(kube::Cluster& cluster, const Options& options, const std::stop_token& stop)
{
  TRY_ASSIGN(folder,
             base::ScopedDirectory::make(std::filesystem::temp_directory_path(), "coroner-plan-"));
  TRY_ASSIGN(writer, evidence::Writer::create(folder.path() / "bundle",
                                              {.run = "plan", .tool = "coroner"}));
  return make_plan(cluster, options, writer, Deadline::in(options.timeout), stop);
}

}  // namespace coroner::engine
