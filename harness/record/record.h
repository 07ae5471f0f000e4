// SPDX-License-Identifier: Apache-2.0
// Record: the whole result of a run. Every report is made from it alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/cell/cell.h"
#include "harness/record/case.h"
#include "harness/record/finding.h"
#include "harness/record/time.h"
#include "harness/record/verdict.h"

namespace coroner::record {

/// Where the evidence came from.
enum class Mode {
  live,           ///< A cluster answered.
  replay,         ///< A bundle was read because that was asked for.
  demonstration,  ///< A bundle was read because there is no cluster: never a pass.
};

template <>
struct Words<Mode> {
  static constexpr std::string_view name = "mode";
  static constexpr std::array<std::pair<Mode, std::string_view>, 3> table = {{
      {Mode::live, "live"},
      {Mode::replay, "replay"},
      {Mode::demonstration, "demonstration"},
  }};
};

/// How a run came to its end.
enum class Ending {
  complete,     ///< Everything that was planned has a verdict.
  deadline,     ///< Its own deadline passed first.
  interrupted,  ///< SIGINT, then orderly clean-up.
  terminated,   ///< SIGTERM, then orderly clean-up.
  lost,         ///< The events stop in the middle: the run was killed.
};

template <>
struct Words<Ending> {
  static constexpr std::string_view name = "ending";
  static constexpr std::array<std::pair<Ending, std::string_view>, 5> table = {{
      {Ending::complete, "complete"},
      {Ending::deadline, "deadline"},
      {Ending::interrupted, "interrupted"},
      {Ending::terminated, "terminated"},
      {Ending::lost, "lost"},
  }};
};

template <>
struct Words<cell::GpuKind> {
  static constexpr std::string_view name = "kind of GPU";
  static constexpr std::array<std::pair<cell::GpuKind, std::string_view>, 3> table = {{
      {cell::GpuKind::none, "none"},
      {cell::GpuKind::simulated, "simulated"},
      {cell::GpuKind::real, "real"},
  }};
};

/// Which cluster was looked at.
struct Cluster {
  std::string name;      ///< The kubeconfig's cluster or context, or the cell's instance.
  std::string cell;      ///< "nixos"; empty outside the matrix.
  std::string provider;  ///< lab, kind, existing, ...
  std::string server;    ///< URL of the API server.
  std::string uid;       ///< UID of namespace kube-system.
};

/// One model of GPU on a node.
struct Gpu {
  std::string model;
  int count = 0;
};

/// A node and what is right on it.
struct Node {
  std::string name;
  std::string distro;  ///< nixos, talos, ubuntu, ...
  std::string os_image;
  std::string arch;     ///< amd64, arm64.
  std::string runtime;  ///< "containerd://2.1.4".
  std::string access;   ///< Access profile of GPU pods: plain, cdi, runtime-class, nixos-mounts.
  cell::GpuKind gpu_kind = cell::GpuKind::none;
  std::vector<Gpu> gpus;
  std::map<std::string, std::string> versions;      ///< kernel, kubelet, driver, cuda, toolkit, ...
  std::map<std::string, std::string> expectations;  ///< driver_root: /run/opengl-driver, ...
};

/// Where the evidence of an attempt lies in the bundle.
struct EvidenceReference {
  std::string path;  ///< Relative to the bundle.
  int line = 0;      ///< From 1; 0: the whole file.
};

/// One try of one case on one node.
struct Attempt {
  Verdict verdict = Verdict::broken;
  std::string reason;                        ///< Why, in one sentence; empty for most passes.
  std::map<std::string, std::string> proof;  ///< Of a pass: image_id, nonce, checksum, work, ...
  Time started{};
  std::chrono::milliseconds took{0};
  std::vector<EvidenceReference> evidence;
};

/// What came of one case on one node.
struct CaseResult {
  std::string case_id;
  std::string node;               ///< Empty: the case concerns the cluster.
  std::string cause;              ///< Code of the finding that explains or blocks it, or empty.
  std::string waiver;             ///< Reason and end of the waiver, where one was met.
  std::vector<Attempt> attempts;  ///< In order; the last one counts.

  /// Of the last attempt; broken when there is none.
  Verdict verdict() const;
  /// The reason of the last attempt.
  std::string reason() const;
  /// Some attempt failed and the last one passed.
  bool is_flaky() const;
  /// All attempts together.
  std::chrono::milliseconds took() const;
};

/// A report that was written.
struct ReportFile {
  std::string format;  ///< json, ndjson, junit, html, markdown.
  std::string path;
};

/// The result of a run.
struct Record {
  std::string run_id;
  std::string tool_version;
  Time started{};
  Time ended{};
  Mode mode = Mode::live;
  Ending ending = Ending::complete;
  std::string note;  ///< Why it is incomplete or what was replayed, for a person; or empty.
  Cluster cluster;
  std::map<std::string, std::string> versions;  ///< Of the cluster: kubernetes, plugin, ...
  std::vector<Node> nodes;
  std::vector<CaseMetadata> cases;     ///< That were selected, sorted by id.
  std::vector<CaseResult> results;     ///< Sorted by case, then node.
  std::vector<Finding> findings;       ///< Best first.
  std::vector<std::string> leftovers;  ///< "Pod namespace/name" that could not be deleted.
  std::vector<std::string> disclosed;  ///< What a reader must know: insecure TLS, redactions, ...
  std::string reproduce;               ///< Command line of this run, for another one like it.
  std::string bundle;                  ///< Path of the evidence.
  std::vector<ReportFile> reports;

  bool is_complete() const { return ending == Ending::complete; }
  /// A replay or demonstration: marked REPLAY in every report.
  bool is_replay() const { return mode != Mode::live; }
  /// Some node's GPUs are simulated: marked SIMULATED in every report.
  bool is_simulated() const;
  /// The result of `case_id` on `node`, or nullptr.
  const CaseResult* find(std::string_view case_id, std::string_view node) const;
  /// The metadata of `case_id`, or nullptr.
  const CaseMetadata* find_case(std::string_view case_id) const;
};

/// How many results have which verdict. Every report takes its numbers from here.
struct Counts {
  std::size_t total = 0;
  std::array<std::size_t, Words<Verdict>::table.size()> by_verdict{};  ///< Indexed by Verdict.
  std::size_t flaky = 0;  ///< Of the passes and warnings.

  std::size_t of(Verdict verdict) const { return by_verdict.at(static_cast<std::size_t>(verdict)); }
};

Counts count(const Record& record);

/// What the person asked to count as failure, and what happened outside the record.
struct Judging {
  bool fail_on_warn = false;
  bool fail_on_flaky = false;
  bool reports_failed = false;  ///< A report could not be written.
};

/// Exit codes of the program (architecture, "Doors").
enum class ExitCode : std::uint8_t {
  good = 0,
  failures = 1,
  usage = 2,
  no_cluster = 3,
  nothing_selected = 4,
  flaky = 5,
  leftovers = 6,
  incomplete = 7,
  reports_not_written = 8,
  all_skipped = 77,
  interrupted = 130,
  terminated = 143,
};

/// The one judgement of a whole run, first that holds: a signal, 8, 7, 1 (a verdict that fails a
/// run, or a certain finding that is no notice), 3 (no nodes and no results), 4 (no results), 6, 5,
/// 77 (nothing was judged), 3 (a demonstration is never good), 0.
ExitCode exit_code(const Record& record, const Judging& judging = {});

/// The word for a whole run that all reports show: PASS, WARN, FAIL, FLAKY, INCOMPLETE, SKIPPED,
/// NOTHING, LEFTOVERS or DEMONSTRATION, as exit_code() judges it.
std::string_view verdict_word(const Record& record, const Judging& judging = {});

}  // namespace coroner::record
