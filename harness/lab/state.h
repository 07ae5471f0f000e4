// SPDX-License-Identifier: Apache-2.0
// What is known of a cell that was booted: written by `up`, read by every other verb.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "harness/base/result.h"
#include "harness/lab/places.h"

namespace coroner::lab {

/// A process, told apart from a later one with the same number.
struct ProcessIdentity {
  pid_t pid = 0;
  unsigned long long start_ticks = 0;  ///< Field 22 of /proc/<pid>/stat.
  std::string boot_id;                 ///< /proc/sys/kernel/random/boot_id

  /// Whether that very process runs now.
  bool is_alive() const;
};

/// The identity of a running process; ErrorKind::not_found when there is none.
base::Result<ProcessIdentity> identify(pid_t pid);

/// <cells>/<name>/state.json.
struct State {
  std::string name;  ///< Of this instance: --name, else the cell's.
  std::string cell;  ///< The file it was made from.
  std::string gpu;   ///< none, simulated, real.
  int gpu_count = 0;
  int port = 0;                      ///< Of the API server on 127.0.0.1.
  ProcessIdentity init;              ///< The cell's first process, seen from outside.
  bool is_complete = false;          ///< `up` ended well.
  std::vector<std::string> cgroups;  ///< Folders made for it, outermost each.
  std::vector<std::string> broken;   ///< Causes that `break` applied and `mend` did not undo.
};

base::Result<State> read_state(const std::filesystem::path& cell_directory);
base::Result<void> write_state(const std::filesystem::path& cell_directory, const State& state);

/// What init says of itself, <cells>/<name>/init.json, replaced whole at each change.
struct InitReport {
  std::string phase;                    ///< mounting, starting, running, failed.
  std::string failure;                  ///< One sentence with the last log lines, when failed.
  std::map<std::string, int> pids;      ///< Service -> pid inside the cell, 0 when not running.
  std::map<std::string, int> restarts;  ///< Service -> how often it was started again.
};

base::Result<InitReport> read_init_report(const std::filesystem::path& cell_directory);
base::Result<void> write_init_report(const std::filesystem::path& file, const InitReport& report);

/// Holds <cells>/<name>.lock while it lives: two `up` or `down` of one cell wait for each other.
/// The file goes with the lock where no cell of that name is left.
class CellLock {
 public:
  /// ErrorKind::timed_out when another verb holds the cell for too long.
  static base::Result<CellLock> take(const Places& places, const std::string& name);
  CellLock(CellLock&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), cell_(std::move(other.cell_))
  {}
  CellLock(const CellLock&) = delete;
  CellLock& operator=(const CellLock&) = delete;
  CellLock& operator=(CellLock&&) = delete;
  ~CellLock();

 private:
  CellLock(int descriptor, std::filesystem::path cell)
      : descriptor_(descriptor), cell_(std::move(cell))
  {}
  int descriptor_;
  std::filesystem::path cell_;
};

}  // namespace coroner::lab
