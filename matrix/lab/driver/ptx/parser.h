// SPDX-License-Identifier: Apache-2.0
// PTX text to a Source.
#pragma once

#include <string_view>

#include "matrix/lab/driver/ptx/problem.h"
#include "matrix/lab/driver/ptx/syntax.h"

namespace coroner::driver::ptx {

inline constexpr std::size_t most_registers = 65536;
inline constexpr std::size_t most_operands = 8;
inline constexpr unsigned most_parameter_bytes = 4096;

// Any text is safe: what is not in the subset's grammar is a Problem that names its line.
Outcome<Source> parse(std::string_view text);

}  // namespace coroner::driver::ptx
