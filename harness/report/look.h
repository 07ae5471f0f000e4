// SPDX-License-Identifier: Apache-2.0
// How each verdict looks: the word carries it, glyph and colour repeat it.
#pragma once

#include <array>
#include <string_view>

#include "harness/record/record.h"

namespace coroner::report {

/// One row of the table below. Flaky is no verdict, but a look of its own.
struct Look {
  std::string_view key;     ///< For CSS classes and anchors: "stale_waiver".
  std::string_view word;    ///< At most 7 letters.
  std::string_view glyph;   ///< One column.
  std::string_view ascii;   ///< The same where there is no UTF-8.
  std::string_view colour;  ///< Parameters of an SGR sequence.
};

inline constexpr std::array<Look, 8> looks = {{
    // In the order of record::Verdict.
    {"pass", "PASS", "✓", "+", "32"},
    {"warn", "WARN", "!", "!", "33"},
    {"fail", "FAIL", "✗", "x", "1;31"},
    {"blocked", "BLOCKED", "▸", ">", "35"},
    {"skip", "SKIP", "–", "-", "2"},
    {"waived", "WAIVED", "~", "~", "33"},
    {"stale_waiver", "STALE", "≁", "s", "1;31"},
    {"broken", "BROKEN", "?", "?", "1;31"},
}};

inline constexpr Look flaky_look = {"flaky", "FLAKY", "≈", "f", "33"};

/// How `result` looks: its verdict's row, or flaky_look.
inline const Look& look_of(const record::CaseResult& result)
{
  return result.is_flaky() ? flaky_look : looks.at(static_cast<std::size_t>(result.verdict()));
}

inline const Look& look_of(record::Verdict verdict)
{
  return looks.at(static_cast<std::size_t>(verdict));
}

}  // namespace coroner::report
