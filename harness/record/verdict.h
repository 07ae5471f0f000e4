// SPDX-License-Identifier: Apache-2.0
// Verdict: what was concluded about one case on one node.
#pragma once

#include <array>

#include "harness/record/words.h"

namespace coroner::record {

enum class Verdict {
  pass,          ///< The requirement holds, with proof.
  warn,          ///< A SHOULD is unmet.
  fail,          ///< A MUST is unmet.
  blocked,       ///< An earlier failure explains it; it was not judged on its own.
  skip,          ///< It does not apply here, or was not asked for; the reason says which.
  waived,        ///< Unmet, and a waiver in force accepts that.
  stale_waiver,  ///< Met although waived, or the waiver has expired: the waiver must go.
  broken,        ///< We could not tell.
};

template <>
struct Words<Verdict> {
  static constexpr std::string_view name = "verdict";
  static constexpr std::array<std::pair<Verdict, std::string_view>, 8> table = {{
      {Verdict::pass, "pass"},
      {Verdict::warn, "warn"},
      {Verdict::fail, "fail"},
      {Verdict::blocked, "blocked"},
      {Verdict::skip, "skip"},
      {Verdict::waived, "waived"},
      {Verdict::stale_waiver, "stale_waiver"},
      {Verdict::broken, "broken"},
  }};
};

/// Whether a run with this verdict in it is not good: fail, blocked, stale_waiver, broken.
constexpr bool fails_a_run(Verdict verdict)
{
  return verdict == Verdict::fail || verdict == Verdict::blocked ||
         verdict == Verdict::stale_waiver || verdict == Verdict::broken;
}

}  // namespace coroner::record
