// SPDX-License-Identifier: Apache-2.0
// Replay: a recorded run through the twin, with the unchanged client and engine.
#pragma once

#include <functional>
#include <string>

#include "harness/cli/connection.h"
#include "harness/cli/probe_words.h"
#include "harness/cli/signals.h"
#include "harness/record/record.h"

namespace coroner::cli {

/// What runs against a connection and gives the exit code.
using RunOn = std::function<int(Connection&, const ProbeWords&, const SignalStop&)>;

struct Replay {
  std::string bundle;
  record::Mode mode = record::Mode::replay;
};

/// Starts a twin of the bundle and runs `run_on` against it as the recorded run was made: its id,
/// nonces, image and ceiling. The exit code of `run_on`; 2 or 3 where the bundle does not read.
int run_replay(const Replay& replay, const ProbeWords& words, const SignalStop& signals,
               const RunOn& run_on);

/// The same with the recorded run on a broken cluster that is compiled in.
int run_demonstration(const ProbeWords& words, const SignalStop& signals, const RunOn& run_on);

}  // namespace coroner::cli
