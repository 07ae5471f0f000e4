// SPDX-License-Identifier: Apache-2.0
// Numbers that differ from run to run.
#pragma once

#include <cstdint>

namespace coroner::base {

/// A number from the kernel, for spreading waits; never for secrets. std::random_device would tie
/// the program to the newest glibc (libstdc++ 12: arc4random of 2.36).
std::uint32_t random_number();

}  // namespace coroner::base
