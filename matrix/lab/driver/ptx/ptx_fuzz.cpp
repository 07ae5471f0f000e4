// SPDX-License-Identifier: Apache-2.0
// Any text is assembled or refused with a line, and what assembles ends the same way each time.
#include <cstring>

#include "harness/testing/fuzz.h"
#include "matrix/lab/driver/ptx/assembler.h"
#include "matrix/lab/driver/ptx/machine.h"
#include "matrix/lab/driver/ptx/testing.h"

namespace {

using namespace coroner::driver::ptx;
using coroner::testing::demand;

/// How a launch of two threads ends: its fault, and a sum of the bytes it wrote.
std::pair<Fault, std::uint64_t> end_of(const Kernel& kernel)
{
  constexpr std::uint64_t bytes = 4096;
  Memory memory(1U << 20U);
  const auto address = memory.allocate(bytes);
  demand(address.has_value(), "a small allocation is given");
  std::vector<std::byte> parameters(kernel.parameter_bytes);
  for (std::size_t at = 0; at + sizeof *address <= parameters.size(); at += sizeof *address)
    std::memcpy(parameters.data() + at, &*address, sizeof *address);
  const Budget budget{.thread_instructions = 2'000, .launch_instructions = 4'000, .workers = 1};
  const auto fault = run(kernel, {{1}, {2}, parameters}, memory, budget);
  std::uint64_t sum = 0;
  const auto* written = memory.resolve(*address, bytes);
  for (std::uint64_t i = 0; i < bytes; ++i) sum = sum * 31 + std::to_integer<unsigned>(written[i]);
  return {fault, sum};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto module = assemble(coroner::testing::text_of(data, size), test_limits);
  if (!module) {
    demand(!module.error().log.empty(), "a refusal says why");
    return 0;
  }
  for (const auto& kernel : module->kernels) {
    demand(kernel.parameters.size() <= 4096, "a kernel's parameters are bounded");
    demand(end_of(kernel) == end_of(kernel), "a kernel ends the same way each time");
  }
  return 0;
}
