// SPDX-License-Identifier: Apache-2.0
// setp and selp.
#include <cmath>

#include "matrix/lab/driver/ptx/operations.h"

namespace coroner::driver::ptx {
namespace {

template <typename Value>
bool is_unordered(Value a, Value b)
{
  if constexpr (std::is_floating_point_v<Value>) {
    return std::isnan(a) || std::isnan(b);
  } else {
    return false;
  }
}

// The comparisons as PTX names them; of unordered operands the plain ones are false, the ones with
// u true.
enum class Comparison { eq, ne, lt, le, gt, ge, equ, neu, ltu, leu, gtu, geu, num, nan };

template <Comparison comparison>
struct Compare {
  template <typename Value>
  static bool apply(Value a, Value b)
  {
    const bool unordered = is_unordered(a, b);
    switch (comparison) {
      case Comparison::eq:
        return a == b;
      case Comparison::ne:
        return !unordered && a != b;
      case Comparison::lt:
        return a < b;
      case Comparison::le:
        return a <= b;
      case Comparison::gt:
        return a > b;
      case Comparison::ge:
        return a >= b;
      case Comparison::equ:
        return unordered || a == b;
      case Comparison::neu:
        return unordered || a != b;
      case Comparison::ltu:
        return unordered || a < b;
      case Comparison::leu:
        return unordered || a <= b;
      case Comparison::gtu:
        return unordered || a > b;
      case Comparison::geu:
        return unordered || a >= b;
      case Comparison::num:
        return !unordered;
      case Comparison::nan:
        return unordered;
    }
    return false;
  }
};

template <typename Operation, typename Value>
void add_comparison_row(InstructionSet& set, const std::string& name, Type type)
{
  set.add(name, {Form::computing, execute_binary<Operation, Value>, type_of<bool>(), {type, type}});
}

template <Comparison comparison>
void add_for_integers(InstructionSet& set, const std::string& name)
{
  for_integers([&](auto zero) {
    using Value = decltype(zero);
    add_comparison_row<Compare<comparison>, Value>(set, "setp." + name + "." + suffix_of<Value>(),
                                                   type_of<Value>());
  });
}

template <Comparison comparison>
void add_for_unsigned(InstructionSet& set, const std::string& name)
{
  for_types<std::uint16_t, std::uint32_t, std::uint64_t>([&](auto zero) {
    using Value = decltype(zero);
    add_comparison_row<Compare<comparison>, Value>(set, "setp." + name + "." + suffix_of<Value>(),
                                                   type_of<Value>());
  });
}

template <Comparison comparison>
void add_for_bits(InstructionSet& set, const std::string& name)
{
  for_types<std::uint16_t, std::uint32_t, std::uint64_t>([&](auto zero) {
    using Value = decltype(zero);
    const unsigned bits = 8 * sizeof(Value);
    add_comparison_row<Compare<comparison>, Value>(
        set, "setp." + name + ".b" + std::to_string(bits), {Kind::untyped, bits});
  });
}

template <Comparison comparison>
void add_for_floating(InstructionSet& set, const std::string& name)
{
  for_types<float, double>([&](auto zero) {
    using Value = decltype(zero);
    add_comparison_row<Compare<comparison>, Value>(set, "setp." + name + "." + suffix_of<Value>(),
                                                   type_of<Value>());
  });
}

template <Comparison comparison>
void add_for_numbers(InstructionSet& set, const std::string& name)
{
  add_for_integers<comparison>(set, name);
  add_for_floating<comparison>(set, name);
}

void execute_select(Thread& thread, const Instruction& instruction)
{
  const bool is_first = thread.slots[instruction.sources[2]] != 0;
  thread.slots[instruction.target] = thread.slots[instruction.sources[is_first ? 0 : 1]];
}

}  // namespace

void add_comparison(InstructionSet& set)
{
  add_for_numbers<Comparison::eq>(set, "eq");
  add_for_numbers<Comparison::ne>(set, "ne");
  add_for_numbers<Comparison::lt>(set, "lt");
  add_for_numbers<Comparison::le>(set, "le");
  add_for_numbers<Comparison::gt>(set, "gt");
  add_for_numbers<Comparison::ge>(set, "ge");
  add_for_bits<Comparison::eq>(set, "eq");
  add_for_bits<Comparison::ne>(set, "ne");
  add_for_unsigned<Comparison::lt>(set, "lo");
  add_for_unsigned<Comparison::le>(set, "ls");
  add_for_unsigned<Comparison::gt>(set, "hi");
  add_for_unsigned<Comparison::ge>(set, "hs");
  add_for_floating<Comparison::equ>(set, "equ");
  add_for_floating<Comparison::neu>(set, "neu");
  add_for_floating<Comparison::ltu>(set, "ltu");
  add_for_floating<Comparison::leu>(set, "leu");
  add_for_floating<Comparison::gtu>(set, "gtu");
  add_for_floating<Comparison::geu>(set, "geu");
  add_for_floating<Comparison::num>(set, "num");
  add_for_floating<Comparison::nan>(set, "nan");
  for (const char* suffix :
       {"b16", "u16", "s16", "b32", "u32", "s32", "f32", "b64", "u64", "s64", "f64"}) {
    const Type type = *type_from(suffix);
    set.add(std::string("selp.") + suffix,
            {Form::computing, execute_select, type, {type, type, type_of<bool>()}});
  }
}

}  // namespace coroner::driver::ptx
