// SPDX-License-Identifier: Apache-2.0
// What live tests share: the real program run as a person runs it, kubectl, and the search for
// leftovers.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/types.h>

#include "harness/base/command.h"
#include "harness/base/deadline.h"
#include "harness/base/files.h"
#include "harness/cell/cell.h"
#include "harness/lab/places.h"

namespace coroner::live {

/// Runs the program with `words`. What keeps it from running is exit code -1 with the reason in
/// `errors`.
base::Finished coroner(const std::vector<std::string>& words,
                       const std::map<std::string, std::string>& environment = {},
                       std::chrono::seconds patience = std::chrono::seconds(170));

/// The same for any program.
base::Finished run(const base::Command& command, std::chrono::seconds patience);

/// The program's path.
std::filesystem::path program();

/// The project's own places; the cache is the one that the environment names.
lab::Places places();

/// Every cell of matrix/ that the lab makes, in alphabetical order.
std::vector<std::string> lab_cell_names();

/// A cell's name as a part of a test's name.
std::string label(std::string cell);

/// A cause, and a cell that can be broken so that it dies of it.
struct BreakOfCell {
  std::string cell;
  std::string code;
};

std::ostream& operator<<(std::ostream& out, const BreakOfCell& each);

/// Every break of every cell that the lab makes.
std::vector<BreakOfCell> all_breaks();

/// A cell that is up, and the kubectl of its own Kubernetes.
struct Cell {
  std::string name;
  std::string kind;  ///< The file of matrix/ it was made from.
  std::filesystem::path kubeconfig;
  std::filesystem::path kubectl;
};

base::Finished kubectl(const Cell& cell, const std::vector<std::string>& words,
                       std::chrono::seconds patience = std::chrono::seconds(150));

/// Applies `object` (a Kubernetes object); an error ends the test.
void apply(const Cell& cell, const nlohmann::json& object);

/// Changes a cell of `kind` so that pods reach GPUs by CDI: the toolkit's own generator describes
/// the driver to containerd, and the plugin names devices by that description.
void change_to_cdi(const Cell& cell, const std::string& kind);

/// A pod of the smoke image that runs `script` to its end. Without `gpu_count` it asks for none.
nlohmann::json smoke_pod(const std::string& name, const std::string& script, int gpu_count = 0);

/// How a pod ended.
struct PodEnd {
  std::string phase;  ///< Succeeded, Failed, or where it was when the wait ended.
  std::string log;
  std::string story;  ///< `kubectl describe`, when it did not succeed.
};

/// Applies `pod`, waits until it ended, reads its log and deletes it.
PodEnd run_pod(const Cell& cell, const nlohmann::json& pod);

/// Marks of a running cell by which its leftovers are found: the namespaces of its processes.
struct Traces {
  std::string name;
  std::set<std::string> namespaces;    ///< As /proc/<pid>/ns/* reads: "net:[4026532334]".
  unsigned long long taken_ticks = 0;  ///< When, on the clock of /proc/<pid>/stat.
};

Traces traces_of(const std::string& name);

/// Processes that live in the cgroups of the cell `name`, seen from the machine.
std::vector<pid_t> processes_of(const std::string& name);

/// Processes of `coroner` that boot or end the cell `name`.
std::vector<pid_t> callers_of(const std::string& name);

/// What is still there of a cell that should be gone: processes, mounts, cgroups, namespaces,
/// files.
std::vector<std::string> leftovers(const Traces& traces);

/// State of the machine that no cell may change: links, routes, kernel settings, well-known paths.
std::string machine_state();

/// The unsigned number in the environment variable `name`, else `otherwise`.
unsigned long number_from_environment(const char* name, unsigned long otherwise);

/// Skips (or, with CORONER_REQUIRE_LIVE=1, fails) where the lab cannot run; takes down the cells
/// that the test made.
class LiveTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// A cell name of this build alone, taken down when the test ends.
  std::string own_name(const std::string& suffix);

  /// Boots a cell of the test's own; a failure to boot ends the test with the program's words.
  Cell boot(const std::string& kind, const std::string& suffix,
            const std::vector<std::string>& options = {});

  /// The cell that all tests of a kind share: booted by the first that asks for it.
  Cell shared(const std::string& kind);

  /// A folder that goes with the test.
  std::filesystem::path scratch();

 private:
  std::vector<std::string> own_names_;
  std::vector<base::ScopedDirectory> folders_;
};

/// Takes down the shared cells of these kinds and gives what is left of them.
std::vector<std::string> end_shared_cells(const std::set<std::string>& kinds);

}  // namespace coroner::live
