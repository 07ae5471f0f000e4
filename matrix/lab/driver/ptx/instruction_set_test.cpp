// SPDX-License-Identifier: Apache-2.0
// Every instruction of the subset against the reference, on edges and on chance.
#include "matrix/lab/driver/ptx/instruction_set.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "matrix/lab/driver/ptx/reference.h"
#include "matrix/lab/driver/ptx/testing.h"

namespace coroner::driver::ptx {
namespace {

constexpr std::size_t samples_per_instruction = 400;

std::uint64_t draw_integer(std::mt19937_64& chance)
{
  constexpr std::array<std::uint64_t, 20> edges = {0,           1,
                                                   2,           3,
                                                   31,          32,
                                                   63,          64,
                                                   0x7f,        0x80,
                                                   0xff,        0x7fff,
                                                   0x8000,      0xffff,
                                                   0x7fffffff,  0x80000000,
                                                   0xffffffff,  (1ULL << 53U) + 1,
                                                   1ULL << 63U, (1ULL << 63U) - 1};
  const std::uint64_t value = chance() % 3 == 0 ? chance() : edges[chance() % edges.size()];
  return chance() % 3 == 0 ? 0 - value : value;
}

double draw_number(std::mt19937_64& chance)
{
  constexpr std::array edges = {0.0,    1.0,        0.5,     1.5,     2.5,          0.1,
                                127.5,  255.5,      32767.5, 65535.5, 2147483648.0, 4294967296.0,
                                9.3e18, 1.9e19,     1e30,    1e-40,   1e-310,       3.5e38,
                                1e308,  16777217.0, 0x1p-149};
  double value = edges[chance() % edges.size()];
  if (chance() % 3 == 0)
    value = std::ldexp(static_cast<double>(chance() >> 11U), -60 + static_cast<int>(chance() % 40));
  if (chance() % 16 == 0) value = INFINITY;
  if (chance() % 16 == 0) value = NAN;
  return chance() % 2 == 0 ? -value : value;
}

std::uint64_t draw(std::mt19937_64& chance, Type type)
{
  if (type.kind != Kind::floating) return draw_integer(chance);
  const double value = draw_number(chance);
  if (type.bits == 64) return std::bit_cast<std::uint64_t>(value);
  return std::bit_cast<std::uint32_t>(static_cast<float>(value));
}

// "%b32_1": registers without a kind take every instruction of their width.
std::string register_of(Type type, std::size_t number)
{
  if (type.kind == Kind::predicate) return "%q" + std::to_string(number);
  return "%b" + std::to_string(std::max(16U, type.bits)) + "_" + std::to_string(number);
}

constexpr const char* registers =
    ".reg .pred %q<4>;\n.reg .b32 %t;\n.reg .b16 %b16_<4>;\n.reg .b32 %b32_<4>;\n"
    ".reg .b64 %b64_<4>;\n";

std::string load(Type type, std::size_t at)
{
  const std::string place = "[%rd1+" + std::to_string(8 * at) + "];\n";
  if (type.kind != Kind::predicate) {
    return "ld.global.u" + std::to_string(type.bits) + " " + register_of(type, at + 1) + ", " +
           place;
  }
  return "ld.global.u32 %t, " + place + "and.b32 %t, %t, 1;\nsetp.ne.u32 " +
         register_of(type, at + 1) + ", %t, 0;\n";
}

std::string body_of(const std::string& name, const Signature& signature)
{
  std::string body;
  for (std::size_t at = 0; at < signature.sources.size(); ++at)
    body += load(signature.sources[at], at);
  body += name + " " + register_of(signature.target, 0);
  for (std::size_t at = 0; at < signature.sources.size(); ++at) {
    body += ", " + register_of(signature.sources[at], at + 1);
  }
  body += ";\n";
  if (signature.target.kind == Kind::predicate) {
    return body + "selp.b32 %t, 1, 0, %q0;\nst.global.u32 [%rd2], %t;\n";
  }
  return body + "st.global.u" + std::to_string(signature.target.bits) + " [%rd2], " +
         register_of(signature.target, 0) + ";\n";
}

bool is_same(std::uint64_t found, std::uint64_t expected, Type type)
{
  const bool is_double = type.kind == Kind::floating && type.bits == 64;
  if (is_double && std::isnan(std::bit_cast<double>(expected))) {
    return std::isnan(std::bit_cast<double>(found));
  }
  return found == expected;
}

class EveryInstruction : public testing::TestWithParam<std::string> {};

TEST_P(EveryInstruction, gives_what_the_cpu_gives)
{
  const auto signature = signature_of(GetParam());
  ASSERT_TRUE(signature);
  std::mt19937_64 chance(51517175);
  std::vector<std::uint64_t> input(4 * samples_per_instruction);
  for (std::size_t at = 0; at < input.size(); ++at) {
    if (at % 4 < signature->sources.size()) input[at] = draw(chance, signature->sources[at % 4]);
  }
  const Ran ran = run_text(kernel_text(registers, body_of(GetParam(), *signature)), input);
  ASSERT_EQ(ran.log, "");
  ASSERT_EQ(ran.fault, Fault::none);
  for (std::size_t at = 0; at < samples_per_instruction; ++at) {
    const std::array<std::uint64_t, 3> sources = {input[4 * at], input[4 * at + 1],
                                                  input[4 * at + 2]};
    const std::uint64_t expected = reference_result(*signature, sources);
    ASSERT_TRUE(is_same(ran.output[at], expected, signature->target))
        << std::hex << "of " << sources[0] << ", " << sources[1] << ", " << sources[2] << " came "
        << ran.output[at] << " instead of " << expected;
  }
}

std::vector<std::string> computing_instructions()
{
  std::vector<std::string> names = instruction_set().names();
  std::erase_if(names, [](const std::string& name) { return !signature_of(name); });
  return names;
}

INSTANTIATE_TEST_SUITE_P(Ptx, EveryInstruction, testing::ValuesIn(computing_instructions()),
                         [](const auto& row) {
                           std::string name = row.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

TEST(InstructionSet, holds_loads_stores_and_jumps_beside_what_the_reference_covers)
{
  std::size_t others = 0;
  for (const std::string& name : instruction_set().names()) others += signature_of(name) ? 0 : 1;
  // Three kinds of load, two of store and ld.param for 14 types, two branches, three ends.
  EXPECT_EQ(others, 6U * 14U + 5U);
}

}  // namespace
}  // namespace coroner::driver::ptx
