// SPDX-License-Identifier: Apache-2.0
// What a sub-command has to do with the outside: its results, and the step it is at.
#pragma once

#include <array>
#include <string_view>

#include "payload/deadline.h"
#include "payload/json.h"
#include "payload/options.h"

namespace coroner::payload {

inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

/// The step that the working process is at, in memory that its supervisor reads after its end.
struct SharedStep {
  std::array<char, 64> name;  // ends with a zero
};

/// Begins a result: {"schema":1,"kind":…,"nonce":…,"ok":…}.
JsonObject result_line(const Options& options, bool is_ok);

class Worker {
 public:
  /// Results go to `descriptor`, which stays the caller's, as does `step`.
  Worker(const Options& options, int descriptor, SharedStep& step)
      : options_(options),
        descriptor_(descriptor),
        step_(step),
        deadline_(std::chrono::seconds(options.timeout_s))
  {}

  /// Names what begins now; a hang or a crash is reported with it. Cut after 63 bytes.
  void step(std::string_view name);

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] JsonObject line(bool is_ok) const { return result_line(options_, is_ok); }

  /// One result. A line above max_line_bytes becomes a failed one with `error` = `too_long`.
  void emit(const JsonObject& result);

  /// Ends a little before the supervisor's own, so that a child's hang is reported with its output.
  [[nodiscard]] const Deadline& deadline() const { return deadline_; }

 private:
  const Options& options_;
  int descriptor_;
  SharedStep& step_;
  Deadline deadline_;
};

/// Writes all of it; false where the reader is gone.
bool write_all(int descriptor, std::string_view text);

}  // namespace coroner::payload
