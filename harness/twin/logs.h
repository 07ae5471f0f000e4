// SPDX-License-Identifier: Apache-2.0
// Logs: the recorded text of a container, as much of it as was asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/evidence/reader.h"
#include "harness/twin/answer.h"
#include "harness/twin/recording.h"

namespace coroner::twin {

/// Which log, and how much of it.
struct LogOrder {
  std::string space;
  std::string pod;
  std::string container;  ///< "": the only one.
  bool is_previous = false;
  std::optional<std::uint64_t> tail_lines;
  std::optional<std::uint64_t> limit_bytes;  ///< After tail_lines was applied.
};

/// The text; 400 where a container must be named, 404 where the bundle has no such log.
Answer log_answer(const Recording& recording, const evidence::Reader& bundle,
                  const LogOrder& order);

/// The last `lines` lines of `text`; a final newline ends the last one.
std::string_view tail_of(std::string_view text, std::uint64_t lines);

}  // namespace coroner::twin
