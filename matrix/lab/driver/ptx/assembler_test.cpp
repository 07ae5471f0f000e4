// SPDX-License-Identifier: Apache-2.0
// What is taken, what is refused and in which words, and what hostile text does: nothing.
#include "matrix/lab/driver/ptx/assembler.h"

#include <random>

#include <gtest/gtest.h>

#include "matrix/lab/driver/ptx/testing.h"

namespace coroner::driver::ptx {
namespace {

Problem problem_of(const std::string& text, const Limits& limits = test_limits)
{
  auto module = assemble(text, limits);
  return module ? Problem{ProblemKind::invalid, "no problem"} : module.error();
}

std::string with_body(const std::string& body)
{
  return ".version 6.0\n.target sm_50\n.address_size 64\n.visible .entry k(.param .u64 a)\n{\n"
         ".reg .pred %p<2>; .reg .b32 %r<3>; .reg .f32 %f<2>; .reg .b64 %rd<3>;\n" +
         body + "\nret;\n}\n";
}

struct Refused {
  const char* name;
  const char* body;
  const char* words;
};

class RefusedBody : public testing::TestWithParam<Refused> {};

TEST_P(RefusedBody, is_named_with_its_line)
{
  const Problem problem = problem_of(with_body(GetParam().body));
  EXPECT_EQ(problem.kind, ProblemKind::invalid);
  EXPECT_NE(problem.log.find(GetParam().words), std::string::npos) << problem.log;
  EXPECT_NE(problem.log.find("line 7"), std::string::npos) << problem.log;
}

INSTANTIATE_TEST_SUITE_P(
    Assembler, RefusedBody,
    testing::Values(
        Refused{"unknown_instruction", "foo.u32 %r1, 1;", "'foo.u32' is outside"},
        Refused{"barrier", "bar.sync 0;", "'bar.sync' is outside"},
        Refused{"flush_to_zero", "add.ftz.f32 %f1, %f0, %f0;", "'add.ftz.f32' is outside"},
        Refused{"shared_memory", "ld.shared.u32 %r1, [%rd1];", "'ld.shared.u32' is outside"},
        Refused{"atomic", "atom.global.add.u32 %r1, [%rd1], 1;", "is outside"},
        Refused{"vector", "mov.b64 %rd1, {%r1, %r2};", "operand of 'mov.b64' is outside"},
        Refused{"too_few_operands", "add.u32 %r1, 1;", "Arguments mismatch for instruction"},
        Refused{"wrong_width", "add.u32 %rd1, %r1, 2;", "Arguments mismatch for instruction"},
        Refused{"float_for_integer", "add.f32 %f1, %f0, 1;", "Arguments mismatch"},
        Refused{"integer_register_for_float", "add.u32 %r1, %f1, 1;", "Arguments mismatch"},
        Refused{"unknown_register", "add.u32 %r1, %r9, 2;", "Unknown symbol '%r9'"},
        Refused{"unknown_label", "bra X;", "Unknown symbol 'X'"},
        Refused{"unknown_parameter", "ld.param.u64 %rd1, [z];", "Unknown symbol 'z'"},
        Refused{"beyond_parameter", "ld.param.u64 %rd1, [a+8];", "Arguments mismatch"},
        Refused{"narrow_address", "ld.global.u32 %r1, [%r2];", "Arguments mismatch"},
        Refused{"guard_is_no_predicate", "@%r1 ret;", "Arguments mismatch"},
        Refused{"special_outside_mov", "add.u32 %r1, %tid.x, 1;", "Unknown symbol '%tid.x'"},
        Refused{"missing_comma", "add.u32 %r1 1, 2;", "Parsing error near '1'"},
        Refused{"nested_scope", "{ }", "Parsing error near '{'"},
        Refused{"duplicate_label", "L: L: ret;", "Duplicate definition of label 'L'"},
        Refused{"strange_letter", "add.u32 %r1, #, 2;", "unexpected text"},
        Refused{"bad_float", "mov.f32 %f1, 0f3F80;", "unexpected text"}),
    [](const auto& row) { return row.param.name; });

TEST(Assembler, speaks_of_versions_and_targets_as_ptxas_does)
{
  const std::string rest = "\n.address_size 64\n";
  const Problem newer = problem_of(".version 9.9\n.target sm_50" + rest);
  EXPECT_EQ(newer.kind, ProblemKind::unsupported_version);
  EXPECT_NE(newer.log.find("Unsupported .version 9.9; current version is '8.7'"),
            std::string::npos);
  EXPECT_NE(problem_of(".version 8.0\n.target sm_120" + rest)
                .log.find("PTX .version 8.0 does not support .target sm_120"),
            std::string::npos);
  EXPECT_NE(problem_of(".version 8.7\n.target sm_120" + rest, {{8, 7}, {6, 1}})
                .log.find("SM version specified by .target is higher"),
            std::string::npos);
  EXPECT_TRUE(assemble(".version 8.7\n.target sm_120" + rest, test_limits));
}

TEST(Assembler, tells_what_is_no_ptx_at_all)
{
  EXPECT_EQ(problem_of("hello").kind, ProblemKind::not_ptx);
  EXPECT_EQ(problem_of("").kind, ProblemKind::not_ptx);
}

TEST(Assembler, newest_version_follows_cuda)
{
  EXPECT_EQ(newest_version({12, 8}), (Version{8, 7}));
  EXPECT_EQ(newest_version({13, 0}), (Version{9, 0}));
  EXPECT_EQ(newest_version({12, 6}), (Version{8, 5}));
}

TEST(Assembler, lays_parameters_out_by_their_alignment)
{
  const auto module = assemble(
      ".version 6.0 .target sm_50 .address_size 64 .entry k(.param .u32 a, .param .u64 b,"
      " .param .align 16 .b8 c[20], .param .u8 d, .param .u64 .ptr .global .align 4 e){ret;}",
      test_limits);
  ASSERT_TRUE(module) << module.error().log;
  std::vector<unsigned> offsets;
  for (const Parameter& one : module->kernels[0].parameters) offsets.push_back(one.offset);
  EXPECT_EQ(offsets, (std::vector<unsigned>{0, 8, 16, 36, 40}));
  EXPECT_EQ(module->kernels[0].parameter_bytes, 48U);
}

// The seed is fixed, so that a failure comes again.
TEST(Assembler, mutated_text_never_crashes_or_hangs)
{
  const std::string good = kernel_text(
      ".reg .f32 %f<3>;\n.reg .f64 %d<2>;\n.reg .b16 %h<2>;",
      "ld.global.f32 %f1, [%rd1];\nld.global.u8 %h1, [%rd1+8];\ncvt.rn.f32.u16 %f2, %h1;\n"
      "fma.rn.f32 %f1, %f1, %f2, 0f3F800000;\nloop:\nsub.s32 %r1, %r1, 1;\n"
      "setp.gt.s32 %p1, %r1, -5;\n@!%p1 bra loop;\ndiv.u32 %r2, %r2, %r1;\n"
      "st.global.f32 [%rd2], %f1;");
  std::mt19937 chance(51517175);
  const Budget budget{10'000, 100'000, 1};
  const std::vector<std::uint64_t> input(4 * 8, 0x3f800000);
  std::size_t accepted = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = good;
    for (unsigned change = 0; change < 1 + chance() % 2; ++change) {
      const std::size_t at = chance() % text.size();
      const std::size_t length = 1 + chance() % 12;
      switch (chance() % 5) {
        case 0:
          text[at] = static_cast<char>(chance());
          break;
        case 1:
          text.erase(at, length);
          break;
        case 2:
          text.insert(at, text.substr(chance() % text.size(), length));
          break;
        case 3:
          text[at] = "%.,;[]{}()<>@!0123456789abfrdx"[chance() % 30];
          break;
        default:
          text.resize(std::max<std::size_t>(at, 1));
          break;
      }
    }
    const Ran ran = run_text(text, input, budget);
    accepted += ran.log.empty() ? 1 : 0;
  }
  EXPECT_GT(accepted, 10U);
  EXPECT_LT(accepted, 2900U);
}

}  // namespace
}  // namespace coroner::driver::ptx
