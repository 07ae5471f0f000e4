// SPDX-License-Identifier: Apache-2.0
// `coroner record`: the evidence of a cluster, or of the node that this runs on, as one file.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>

#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/connection.h"
#include "harness/cli/output.h"
#include "harness/cli/program.h"
#include "harness/cli/signals.h"
#include "harness/cli/verbs.h"
#include "harness/collect/collect.h"
#include "harness/collect/host.h"
#include "harness/evidence/reader.h"

namespace coroner::cli {
namespace {

using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

/// Bytes of one container's log, from its end.
constexpr std::size_t log_bytes = 1U << 20U;

struct RecordWords {
  ConnectionOptions connection;
  std::string output;
  bool is_host = false;
  std::string root = "/";
  std::string node;
  std::vector<std::string> logs;
  int timeout_seconds = 300;
  std::string version;
};

/// A bundle on its way to a folder or, through a folder of its own, to a file.
class Destination {
 public:
  static Result<Destination> make(const RecordWords& words, const std::string& run)
  {
    Destination made;
    made.output_ =
        words.output.empty() ? fs::path("coroner-" + run + ".tar.zst") : fs::path(words.output);
    std::error_code code;
    const bool is_there = fs::exists(made.output_, code);
    if (!made.output_.string().ends_with(".tar.zst")) {
      if (is_there && (!fs::is_directory(made.output_, code) || !fs::is_empty(made.output_, code)))
        return base::error_with_hint(ErrorKind::invalid,
                                     made.output_.string() + " is there already",
                                     "give the name of a new folder, or of a .tar.zst file");
      made.folder_ = made.output_;
      return made;
    }
    if (is_there)
      return base::error_with_hint(ErrorKind::invalid, made.output_.string() + " is there already",
                                   "move it away: evidence is never overwritten");
    const auto parent = made.output_.has_parent_path() ? made.output_.parent_path() : fs::path(".");
    TRY_ASSIGN(aside, base::ScopedDirectory::make(parent, ".coroner-"));
    made.aside_ = std::make_unique<base::ScopedDirectory>(std::move(aside));
    made.folder_ = made.aside_->path() / run;
    return made;
  }

  const fs::path& folder() const { return folder_; }
  const fs::path& output() const { return output_; }

  Result<void> close(evidence::Writer& writer) const
  {
    TRY_ASSIGN(manifest, writer.finish());
    if (aside_) TRY(evidence::pack(folder_, output_));
    std::size_t secrets = 0;
    for (const auto& [kind, count] : manifest.redactions) secrets += count;
    say(fmt::format("wrote {} files{}", manifest.files.size(),
                    secrets == 0 ? "" : fmt::format(", {} secrets taken out", secrets)));
    return {};
  }

 private:
  fs::path output_;
  fs::path folder_;
  std::unique_ptr<base::ScopedDirectory> aside_;
};

void say_missing(const std::vector<std::string>& missing)
{
  for (const auto& line : missing) say("  not collected: " + line);
}

std::vector<nlohmann::json> gpu_components(const std::vector<nlohmann::json>& pods)
{
  std::vector<nlohmann::json> found;
  for (const auto& pod : pods)
    if (collect::is_gpu_component(pod)) found.push_back(pod);
  return found;
}

Result<void> read_cluster(Connection& connection, evidence::Writer& writer,
                          const base::Deadline& deadline, const std::stop_token& stop)
{
  say("reading objects ...");
  auto snapshot =
      collect::collect_objects(*connection.cluster, writer, collect::Depth::record, deadline, stop);
  if (!snapshot) return tl::unexpected(std::move(snapshot).error());
  const auto pods = gpu_components(snapshot->pods);
  say(fmt::format("  {} nodes, {} pods, {} of them of the GPU stack", snapshot->nodes.size(),
                  snapshot->pods.size(), pods.size()));
  say_missing(snapshot->missing);
  say("reading logs ...");
  return collect::collect_logs(*connection.cluster, writer, pods, log_bytes, deadline, stop);
}

/// The next step, and the result on stdout.
int announce(const Destination& destination)
{
  const auto path = destination.output().string();
  say("next: coroner diagnose " + path);
  std::printf("%s\n", path.c_str());
  return exit_good;
}

int failed(const base::Error& error, const SignalStop& signals)
{
  if (signals.number() == 0) return report_error(error);
  say("coroner: interrupted");
  return 128 + signals.number();
}

int run_cluster(const RecordWords& words)
{
  const SignalStop signals;
  const auto run = new_run();
  auto destination = Destination::make(words, run);
  if (!destination) return report_error(destination.error());
  auto connection = connect(words.connection, signals.token());
  if (!connection && signals.number() != 0) return failed(connection.error(), signals);
  if (!connection) return report_connection_error(connection.error());
  const auto& who = connection->identity;
  auto writer = evidence::Writer::create(
      destination->folder(), {.run = run,
                              .created = {},
                              .tool = "coroner " + words.version,
                              .cluster = {who.uid, connection->access.server, who.version}});
  if (!writer) return report_error(writer.error());
  const auto deadline = base::Deadline::in(std::chrono::seconds(words.timeout_seconds));
  auto done = read_cluster(*connection, *writer, deadline, signals.token());
  if (!done && signals.number() != 0) return failed(done.error(), signals);
  if (!done && done.error().kind == ErrorKind::internal) return report_error(done.error());
  if (!done) return report_connection_error(done.error());
  done = destination->close(*writer);
  if (!done) return failed(done.error(), signals);
  return announce(*destination);
}

/// The name that the kubelet takes where nobody says another: the host's in lower case
/// (k8s.io/kubernetes v1.34, pkg/util/node, GetHostname).
std::string host_name(const std::string& root)
{
  std::string name;
  if (root != "/") {
    name =
        std::string(base::trim(base::read_file(fs::path(root) / "etc/hostname", 256).value_or("")));
  } else {
    std::array<char, 256> buffer{};
    if (::gethostname(buffer.data(), buffer.size() - 1) == 0) name = buffer.data();
  }
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return name;
}

int run_host(const RecordWords& words)
{
  const SignalStop signals;
  const auto run = new_run();
  collect::HostRequest request;
  request.root = words.root;
  request.node = words.node.empty() ? host_name(words.root) : words.node;
  request.logs = words.logs;
  if (request.node.empty())
    return report_error({ErrorKind::invalid, "the node's name is not known", {}, "pass --node"});
  auto destination = Destination::make(words, run);
  if (!destination) return report_error(destination.error());
  auto writer = evidence::Writer::create(
      destination->folder(), {.run = run, .created = {}, .tool = "coroner " + words.version});
  if (!writer) return report_error(writer.error());
  say(fmt::format("reading node {} (below {}) ...", request.node, words.root));
  const auto deadline = base::Deadline::in(std::chrono::seconds(words.timeout_seconds));
  const auto summary = collect::record_host(*writer, request, deadline, signals.token());
  if (!summary) return failed(summary.error(), signals);
  say(fmt::format("  {} files", summary->files));
  say_missing(summary->missing);
  const auto closed = destination->close(*writer);
  if (!closed) return failed(closed.error(), signals);
  return announce(*destination);
}

}  // namespace

void add_record(CLI::App& program, Chosen& chosen, const std::string& version)
{
  const auto words = std::make_shared<RecordWords>();
  words->version = version;
  auto* record = program.add_subcommand(
      "record", "Save the evidence of a cluster (or, with --host, of this node) as one file");
  add_connection_options(*record, words->connection);
  record->add_option("--output,-o", words->output,
                     "A new FILE.tar.zst or folder (default: coroner-<time>.tar.zst here)");
  auto* host = record->add_flag("--host", words->is_host,
                                "Read this node's files, journal and kernel log (most need root)");
  record->add_option("--root", words->root, "With --host: where the node's / is (default: /)")
      ->needs(host);
  record
      ->add_option("--node", words->node,
                   "With --host: the node's name in the cluster (default: the host's name)")
      ->needs(host);
  record
      ->add_option("--log", words->logs,
                   "With --host: a log file of the node, where containerd or kubelet has no "
                   "journal; repeatable")
      ->allow_extra_args(false)
      ->needs(host);
  record->add_option("--timeout", words->timeout_seconds, "Seconds for reading (default: 300)")
      ->check(CLI::Range(1, 3600));
  record->footer(
      "Nothing is created or changed. Secrets are taken out before anything is written.\n"
      "Examples:\n"
      "  coroner record                                 the cluster of KUBECONFIG\n"
      "  coroner record --kubeconfig k --context prod -o prod.tar.zst\n"
      "  sudo coroner record --host --node worker-1     on the node itself\n"
      "  coroner record --host --root /host             in a pod that mounts the node's /\n"
      "  coroner record --host --log /var/log/containerd/current     a node without systemd");
  record->callback([&chosen, words] {
    chosen.action = [words] { return words->is_host ? run_host(*words) : run_cluster(*words); };
  });
}

}  // namespace coroner::cli
