// SPDX-License-Identifier: Apache-2.0
// Runs PTX in unit tests.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "matrix/lab/driver/ptx/assembler.h"
#include "matrix/lab/driver/ptx/machine.h"

namespace coroner::driver::ptx {

inline constexpr Limits test_limits{{8, 7}, {12, 0}};

// A kernel k(in, out, n) around `body`; thread i has the addresses of its input and output records
// in %rd1 and %rd2, and its number in %r1.
inline std::string kernel_text(std::string_view registers, std::string_view body,
                               unsigned input_bytes = 32, unsigned output_bytes = 8)
{
  return ".version 6.0\n.target sm_50\n.address_size 64\n"
         ".visible .entry k(.param .u64 in, .param .u64 out, .param .u32 n)\n{\n"
         ".reg .pred %p<2>;\n.reg .b32 %r<6>;\n.reg .b64 %rd<6>;\n" +
         std::string(registers) +
         "\nld.param.u64 %rd1, [in];\nld.param.u64 %rd2, [out];\nld.param.u32 %r2, [n];\n"
         "mov.u32 %r3, %ctaid.x;\nmov.u32 %r4, %ntid.x;\nmov.u32 %r5, %tid.x;\n"
         "mad.lo.s32 %r1, %r3, %r4, %r5;\nsetp.ge.u32 %p0, %r1, %r2;\n@%p0 bra done;\n"
         "mad.wide.u32 %rd1, %r1, " +
         std::to_string(input_bytes) + ", %rd1;\nmad.wide.u32 %rd2, %r1, " +
         std::to_string(output_bytes) + ", %rd2;\n" + std::string(body) + "\ndone:\nret;\n}\n";
}

struct Ran {
  Fault fault = Fault::none;
  std::string log;                    // of an assembly that failed
  std::vector<std::uint64_t> output;  // one word a thread
};

// Gives every thread four words of `input` and takes one word of output from each.
inline Ran run_text(const std::string& text, const std::vector<std::uint64_t>& input,
                    const Budget& budget = {})
{
  auto module = assemble(text, test_limits);
  if (!module) return {Fault::none, module.error().log, {}};
  const auto count = static_cast<std::uint32_t>(input.size() / 4);
  if (module->kernels.empty()) return {Fault::none, "no kernel", {}};
  Memory memory(1ULL << 30U);
  const std::uint64_t in = *memory.allocate(input.size() * 8);
  const std::uint64_t out = *memory.allocate(count * 8ULL);
  std::memcpy(memory.resolve(in, input.size() * 8), input.data(), input.size() * 8);
  std::vector<std::byte> parameters(24);
  std::memcpy(parameters.data(), &in, 8);
  std::memcpy(parameters.data() + 8, &out, 8);
  std::memcpy(parameters.data() + 16, &count, 4);
  parameters.resize(module->kernels.at(0).parameter_bytes);
  Ran ran;
  ran.fault = run(module->kernels.at(0), {{(count + 63) / 64}, {64}, parameters}, memory, budget);
  ran.output.resize(count);
  std::memcpy(ran.output.data(), memory.resolve(out, count * 8ULL), count * 8ULL);
  return ran;
}

}  // namespace coroner::driver::ptx
