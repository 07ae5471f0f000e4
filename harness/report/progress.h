// SPDX-License-Identifier: Apache-2.0
// A run while it goes on: progress values in, text for stderr out. No clock, no thread, no output.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/record/record.h"
#include "harness/report/style.h"

namespace coroner::report {

/// A cell enters a phase: "prepare", "wait for nodes", "smoke", "clean up".
struct PhaseBegun {
  std::string cell;
  std::string phase;
};

/// How many checks a cell will have; known once it is planned.
struct Planned {
  std::string cell;
  std::size_t checks = 0;
};

struct CheckBegun {
  std::string cell;
  std::string case_id;
  std::string node;
};

/// What is known of a running check: its phase, its pod's last condition, its last log lines.
struct CheckNoted {
  std::string cell;
  std::string case_id;
  std::string node;
  std::string state;
  std::vector<std::string> log_lines;  ///< The last five are kept.
};

struct CheckEnded {
  std::string cell;
  record::CaseResult result;
};

/// Time has gone by; to be given about ten times a second on a terminal, once a second elsewhere.
struct Tick {};

/// A person asks what is going on: key t, or SIGUSR1.
struct StatusAsked {};

using Progress =
    std::variant<PhaseBegun, Planned, CheckBegun, CheckNoted, CheckEnded, Tick, StatusAsked>;

/// Turns progress into text. One thread at a time; the caller writes what comes back to stderr.
class ProgressText {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  /// `is_live`: a terminal on which a block of rows, one a cell, is redrawn at most ten times a
  /// second with failures scrolling above it. Else one line per check that has ended, no carriage
  /// return and no cursor movement, and a heartbeat line after 30 s of silence.
  ProgressText(const Style& style, bool is_live, Instant start);

  /// The text that `progress` at `now` makes; often "".
  std::string text(const Progress& progress, Instant now);

  /// Takes the rows away, for what is printed after the run; "" where there are none.
  std::string finish();

 private:
  struct Running {
    Instant begun;
    std::string state;
    std::deque<std::string> log_lines;
    bool was_called_slow = false;
  };
  struct Cell {
    std::string phase;
    std::size_t planned = 0;
    std::size_t ended = 0;
    std::map<std::string_view, std::size_t> words;  ///< PASS -> 12; keys are the table's words.
    std::map<std::string, Running> running;         ///< By "case on node".
  };

  std::string take(const PhaseBegun& progress);
  std::string take(const Planned& progress);
  std::string take(const CheckBegun& progress);
  std::string take(const CheckNoted& progress);
  std::string take(const CheckEnded& progress);
  std::string take(const Tick& progress);
  std::string take(const StatusAsked& progress);

  std::string slow_lines();
  std::string heartbeat() const;
  std::string row(const std::string& name, const Cell& cell) const;
  std::string rows() const;
  std::string redraw(const std::string& above);

  Style style_;
  bool is_live_;
  Instant start_;
  Instant now_;
  Instant last_text_;
  Instant last_draw_;
  std::size_t rows_drawn_ = 0;
  std::map<std::string, Cell> cells_;
};

}  // namespace coroner::report
