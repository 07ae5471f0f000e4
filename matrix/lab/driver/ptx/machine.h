// SPDX-License-Identifier: Apache-2.0
// Runs a kernel over a grid on the CPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "matrix/lab/driver/ptx/program.h"

namespace coroner::driver::ptx {

struct Extent {
  std::uint32_t x = 1;
  std::uint32_t y = 1;
  std::uint32_t z = 1;

  [[nodiscard]] std::uint64_t count() const { return std::uint64_t{x} * y * z; }
};

struct Launch {
  Extent grid;
  Extent block;                           // at most 1024 threads
  std::span<const std::byte> parameters;  // kernel.parameter_bytes of them
};

// The watchdog: real cards stop kernels by time, here by instructions, so that the same kernel
// always ends the same way.
struct Budget {
  std::uint64_t thread_instructions = 1ULL << 27U;
  std::uint64_t launch_instructions = 1ULL << 33U;
  unsigned workers = 4;
};

// The first fault, or none. Threads of a block run one after another: there is no barrier in the
// subset, so no kernel can tell.
Fault run(const Kernel& kernel, const Launch& launch, const Memory& memory, const Budget& budget);

}  // namespace coroner::driver::ptx
