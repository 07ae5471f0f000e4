// SPDX-License-Identifier: Apache-2.0
// What tests of the probe share: a run of it on a cell, what it wrote, and what it left behind.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/live/live.h"

#include "harness/evidence/bundle.h"
#include "harness/record/record.h"

namespace coroner::live {

/// The image that a cell brings for smoke pods.
inline constexpr const char* smoke_image = "coroner.local/smoke:1";

/// One run of `coroner probe`.
struct Probed {
  base::Finished ended;
  std::filesystem::path directory;  ///< The reports, and `bundle`.
  std::optional<record::Record>
      record;  ///< As report.json has it; none when there is no such file.
};

/// What is counted of a run, read from its bundle.
struct Figures {
  long requests = 0;       ///< To the API server, clean-up apart.
  double seconds = 0;      ///< From the start to the last event.
  double pod_seconds = 0;  ///< From the GPU pod's first event to its last; 0 without one.
};

class ProbeTest : public LiveTest {
 protected:
  /// The shared cell of `kind` once its node says that it has the smoke image: the kubelet tells
  /// that only every 40 s (v1.34, pkg/kubelet/images and nodeStatusUpdateFrequency).
  Cell prepared(const std::string& kind);

  /// Probes `cell` with its administrator's rights, or those of another `kubeconfig`.
  Probed probe(const Cell& cell, const std::vector<std::string>& words = {},
               const std::filesystem::path& kubeconfig = {});
};

/// Reads what a run wrote below `directory`.
std::optional<record::Record> record_in(const std::filesystem::path& directory);
std::vector<evidence::Event> events_in(const std::filesystem::path& directory);
Figures figures_of(const std::filesystem::path& directory);

/// Names of everything in the cluster that bears the label of a run; "" when there is nothing.
/// What is labelled look-alike=yes is left out.
std::string left_of_runs(const Cell& cell);

/// Results as lines "case on node: verdict, reason", of those verdicts only.
std::vector<std::string> lines_of(const record::Record& record,
                                  const std::vector<record::Verdict>& verdicts);

}  // namespace coroner::live
