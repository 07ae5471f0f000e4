// SPDX-License-Identifier: Apache-2.0
// Loads, stores, jumps, and the ways in which a kernel can go wrong.
#include "matrix/lab/driver/ptx/machine.h"

#include <gtest/gtest.h>

#include "matrix/lab/driver/ptx/testing.h"

namespace coroner::driver::ptx {
namespace {

struct Access {
  const char* type;
  std::uint64_t in_register;  // what a load of 0x…fedcba9876543210's complement leaves in 64 bits
};

class EveryAccess : public testing::TestWithParam<Access> {};

TEST_P(EveryAccess, loads_with_its_own_sign_and_stores_its_own_width)
{
  const std::string type = GetParam().type;
  const bool is_floating = type[0] == 'f';
  const std::string wide = is_floating ? ".reg ." + type + " %v;" : ".reg .b64 %v;";
  const std::string move = is_floating ? "" : "st.global.u64 [%rd2], %v;";
  const std::string body = "ld.global." + type + " %v, [%rd1];\n" +
                           (is_floating ? "st.global." + type + " [%rd2], %v;" : move);
  const Ran ran = run_text(kernel_text(wide, body), {0xfedcba98f6e5d4c3, 0, 0, 0});
  EXPECT_EQ(ran.log, "");
  EXPECT_EQ(ran.output[0], GetParam().in_register);
  const Ran stored =
      run_text(kernel_text(wide, "ld.global." + std::string(is_floating ? type : "u64") +
                                     " %v, [%rd1];\nst.global." + type + " [%rd2], %v;"),
               {0xfedcba98f6e5d4c3, 0, 0, 0});
  const unsigned bits = static_cast<unsigned>(std::stoi(type.substr(1)));
  const std::uint64_t mask = bits == 64 ? ~0ULL : (1ULL << bits) - 1;
  EXPECT_EQ(stored.output[0], 0xfedcba98f6e5d4c3 & mask);
}

INSTANTIATE_TEST_SUITE_P(
    Machine, EveryAccess,
    testing::Values(Access{"u8", 0xc3}, Access{"b8", 0xc3}, Access{"s8", 0xffffffffffffffc3},
                    Access{"u16", 0xd4c3}, Access{"b16", 0xd4c3}, Access{"s16", 0xffffffffffffd4c3},
                    Access{"u32", 0xf6e5d4c3}, Access{"b32", 0xf6e5d4c3},
                    Access{"s32", 0xfffffffff6e5d4c3}, Access{"f32", 0xf6e5d4c3},
                    Access{"u64", 0xfedcba98f6e5d4c3}, Access{"b64", 0xfedcba98f6e5d4c3},
                    Access{"s64", 0xfedcba98f6e5d4c3}, Access{"f64", 0xfedcba98f6e5d4c3}),
    [](const auto& row) { return row.param.type; });

TEST(Machine, jumps_and_guards_make_loops)
{
  // The sum of 1 to n, by a loop that only predicates steer.
  const std::string body =
      "ld.global.u64 %rd3, [%rd1];\nmov.u64 %rd4, 0;\n"
      "again:\nsetp.eq.u64 %p1, %rd3, 0;\n@%p1 bra out;\nadd.u64 %rd4, %rd4, %rd3;\n"
      "sub.u64 %rd3, %rd3, 1;\n@!%p1 bra.uni again;\nout:\nst.global.u64 [%rd2], %rd4;\n";
  const Ran ran = run_text(kernel_text("", body), {0, 0, 0, 0, 10, 0, 0, 0, 1000, 0, 0, 0});
  EXPECT_EQ(ran.log, "");
  EXPECT_EQ(ran.output, (std::vector<std::uint64_t>{0, 55, 500500}));
}

TEST(Machine, every_thread_of_a_grid_knows_its_place)
{
  const std::string text =
      ".version 6.0 .target sm_50 .address_size 64 .entry k(.param .u64 out){.reg .b32 %r<16>;"
      ".reg .b64 %rd<4>; ld.param.u64 %rd1, [out];"
      "mov.u32 %r1, %tid.x; mov.u32 %r2, %tid.y; mov.u32 %r3, %tid.z; mov.u32 %r4, %ntid.x;"
      "mov.u32 %r5, %ntid.y; mov.u32 %r6, %ntid.z; mov.u32 %r7, %ctaid.x; mov.u32 %r8, %ctaid.y;"
      "mov.u32 %r9, %ctaid.z; mov.u32 %r10, %nctaid.x; mov.u32 %r11, %nctaid.y;"
      "mad.lo.u32 %r12, %r9, %r11, %r8; mad.lo.u32 %r12, %r12, %r10, %r7;"
      "mad.lo.u32 %r12, %r12, %r6, %r3; mad.lo.u32 %r12, %r12, %r5, %r2;"
      "mad.lo.u32 %r12, %r12, %r4, %r1; mad.wide.u32 %rd1, %r12, 4, %rd1;"
      "add.u32 %r12, %r12, 1; st.global.u32 [%rd1], %r12;}";
  const auto module = assemble(text, test_limits);
  ASSERT_TRUE(module) << module.error().log;
  const Launch shape{{3, 4, 5}, {4, 3, 2}, {}};
  const std::uint64_t count = shape.grid.count() * shape.block.count();
  Memory memory(1U << 20U);
  const std::uint64_t out = *memory.allocate(count * 4);
  const auto parameters = std::as_bytes(std::span(&out, 1));
  ASSERT_EQ(run(module->kernels[0], {shape.grid, shape.block, parameters}, memory, {}),
            Fault::none);
  std::vector<std::uint32_t> numbers(count);
  std::memcpy(numbers.data(), memory.resolve(out, count * 4), count * 4);
  for (std::uint32_t at = 0; at < count; ++at) ASSERT_EQ(numbers[at], at + 1);
}

TEST(Machine, many_workers_give_what_one_gives)
{
  std::vector<std::uint64_t> input(4 * 200'000);
  for (std::size_t at = 0; at < input.size(); ++at) input[at] = at * 2654435761U;
  const std::string text = kernel_text(
      "", "ld.global.u64 %rd3, [%rd1];\nmul.lo.u64 %rd3, %rd3, %rd3;\nst.global.u64 [%rd2], %rd3;");
  const Ran one = run_text(text, input, {1ULL << 20U, 1ULL << 30U, 1});
  const Ran four = run_text(text, input, {1ULL << 20U, 1ULL << 30U, 4});
  EXPECT_EQ(one.output[77], input[77 * 4] * input[77 * 4]);
  EXPECT_EQ(one.output, four.output);
}

TEST(Machine, an_access_outside_every_allocation_is_illegal)
{
  for (const char* body :
       {"ld.global.u32 %r1, [%rd1+64];", "st.global.u32 [%rd2+8], %r1;",
        "mov.u64 %rd1, 0;\nld.global.u32 %r1, [%rd1];",
        "mov.u64 %rd1, -8;\nst.global.u64 [%rd1], %rd1;", "ld.global.u32 %r1, [%rd1-2097152];"}) {
    const Ran ran = run_text(kernel_text("", body), {0, 0, 0, 0});
    EXPECT_EQ(ran.log, "") << body;
    EXPECT_EQ(ran.fault, Fault::illegal_address) << body;
  }
}

TEST(Machine, an_access_off_its_alignment_is_misaligned)
{
  const Ran ran = run_text(kernel_text("", "ld.global.u32 %r1, [%rd1+2];"), {0, 0, 0, 0});
  EXPECT_EQ(ran.fault, Fault::misaligned_address);
}

TEST(Machine, an_endless_loop_ends_with_the_budget)
{
  const Ran thread =
      run_text(kernel_text("", "again:\nbra again;"), {0, 0, 0, 0}, {1000, 10'000, 1});
  EXPECT_EQ(thread.fault, Fault::timeout);
  const std::vector<std::uint64_t> many(4 * 1000);
  const Ran launch = run_text(kernel_text("", "add.u32 %r1, %r1, 1;"), many, {1000, 5'000, 1});
  EXPECT_EQ(launch.fault, Fault::timeout);
}

TEST(Memory, gives_no_more_than_the_gpu_has_and_takes_back_what_it_gave)
{
  Memory memory(1000);
  EXPECT_FALSE(memory.allocate(0));
  EXPECT_FALSE(memory.allocate(1001));
  const auto first = memory.allocate(600);
  ASSERT_TRUE(first);
  EXPECT_FALSE(memory.allocate(500));
  EXPECT_NE(memory.resolve(*first + 599, 1), nullptr);
  EXPECT_EQ(memory.resolve(*first + 599, 2), nullptr);
  EXPECT_EQ(memory.resolve(*first, ~std::uint64_t{0}), nullptr);
  EXPECT_FALSE(memory.release(*first + 1));
  EXPECT_TRUE(memory.release(*first));
  EXPECT_FALSE(memory.release(*first));
  EXPECT_EQ(memory.resolve(*first, 1), nullptr);
  EXPECT_EQ(memory.used_bytes(), 0U);
  EXPECT_TRUE(memory.allocate(1000));
}

}  // namespace
}  // namespace coroner::driver::ptx
