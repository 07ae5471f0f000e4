// SPDX-License-Identifier: Apache-2.0
// Breaking a cell on purpose, and mending it: matrix/lab/breaks/<code>.yaml as actions.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/lab/components.h"
#include "harness/lab/places.h"
#include "harness/lab/state.h"

namespace coroner::lab {

/// One change of a cell: never of its output.
struct Change {
  nlohmann::json target;  ///< {apiVersion, kind, namespace, name}: an object, changed by `patch`.
  nlohmann::json patch;   ///< Strategic merge patch.
  std::string file;  ///< On the node: `remove` is cut out, `insert` put in after the line `after`.
  std::string after;
  std::string insert;
  std::string remove;
  std::string restart;  ///< A service of the node.
};

/// Where the real component says what is wrong.
struct Symptom {
  std::string service;     ///< A service of the node, or empty for
  std::string pod_labels;  ///< the pods of this label selector in
  std::string space;       ///< this namespace.
  std::string matches;     ///< RE2 on one line.
};

/// The command that proves the fix: kubectl with these arguments prints what matches `expect`.
struct Verify {
  std::vector<std::string> arguments;
  std::string expect;
};

/// A cause as one kind of cell is given it.
struct Break {
  std::string code;
  std::string name;
  std::string title;
  std::vector<Change> steps;
  std::vector<Change> mend;
  Symptom symptom;
  Verify verify;
};

/// Codes that can be broken on cells made from `cell`.
std::vector<std::string> break_codes(const Places& places, const std::string& cell);

/// Reads the break of `code` for `cell`. Unknown codes and cells: ErrorKind::not_found, nearest
/// named; bad files: ErrorKind::invalid with file, line, column.
base::Result<Break> load_break(const Places& places, const std::string& code,
                               const std::string& cell);

/// What was seen when the cell was broken.
struct Observed {
  std::string line;    ///< The real component's own words.
  std::string source;  ///< "log of containerd", "log of pod kube-system/...".
};

/// Changes the cell and returns when the symptom was seen and the verify command fails. The state
/// then lists the code. ErrorKind::invalid when it is broken so already; timed_out when the
/// symptom does not come (the cell is mended again).
base::Result<Observed> break_cell(const Places& places, const std::string& name,
                                  const std::string& code, const Progress& progress,
                                  const std::stop_token& stop);

/// Applies the fix and returns when the verify command passes.
base::Result<void> mend_cell(const Places& places, const std::string& name, const std::string& code,
                             const Progress& progress, const std::stop_token& stop);

}  // namespace coroner::lab
