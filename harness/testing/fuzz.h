// SPDX-License-Identifier: Apache-2.0
// What fuzz targets share: their input as text, and properties that must hold.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace coroner::testing {

/// libFuzzer's bytes as text; lives as long as they do.
inline std::string_view text_of(const std::uint8_t* data, std::size_t size)
{
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program where a property does not hold, so that libFuzzer keeps the input. `property`
/// says what should hold.
inline void demand(bool holds, const char* property)
{
  if (holds) return;
  std::fprintf(stderr, "property does not hold: %s\n", property);
  std::abort();
}

}  // namespace coroner::testing
