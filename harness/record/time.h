// SPDX-License-Identifier: Apache-2.0
// Points in time as records write them: UTC, ISO 8601, milliseconds.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace coroner::record {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

/// "2026-11-20T22:59:01.250Z". Years outside 0 to 9999 are written as the nearest of them.
std::string time_text(Time time);

/// The same read back; ErrorKind::invalid for anything else, such as a 30th of February.
base::Result<Time> parse_time(std::string_view text);

/// How long as a person reads it: "0.8s", "14m22s", "1h02m". Never negative.
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace coroner::record
