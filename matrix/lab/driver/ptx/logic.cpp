// SPDX-License-Identifier: Apache-2.0
// Bits and moves: and, or, xor, not, shl, shr, mov, cvta.
#include "matrix/lab/driver/ptx/operations.h"

namespace coroner::driver::ptx {
namespace {

struct And {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    return static_cast<Value>(a & b);
  }
};

struct Or {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    return static_cast<Value>(a | b);
  }
};

struct Xor {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    return static_cast<Value>(a ^ b);
  }
};

struct Not {
  template <typename Value>
  static Value apply(Value a)
  {
    if constexpr (std::is_same_v<Value, bool>) {
      return !a;
    } else {
      return static_cast<Value>(~a);
    }
  }
};

template <typename Value>
void execute_shift_left(Thread& thread, const Instruction& instruction)
{
  const auto value = read<Value>(thread, instruction.sources[0]);
  const auto count = read<std::uint32_t>(thread, instruction.sources[1]);
  const std::uint64_t wide = count < 8 * sizeof(Value) ? std::uint64_t{value} << count : 0;
  thread.slots[instruction.target] = bits_of(static_cast<Value>(wide));
}

// Beyond the width a signed shift leaves the sign, an unsigned one nothing.
template <typename Value>
void execute_shift_right(Thread& thread, const Instruction& instruction)
{
  constexpr std::uint32_t width = 8 * sizeof(Value);
  const auto value = read<Value>(thread, instruction.sources[0]);
  const auto count = read<std::uint32_t>(thread, instruction.sources[1]);
  Value shifted = 0;
  if (count < width) {
    shifted = static_cast<Value>(value >> count);
  } else if (std::is_signed_v<Value>) {
    shifted = static_cast<Value>(value >> (width - 1));
  }
  thread.slots[instruction.target] = bits_of(shifted);
}

void execute_move(Thread& thread, const Instruction& instruction)
{
  thread.slots[instruction.target] = thread.slots[instruction.sources[0]];
}

template <typename Value>
void add_bits(InstructionSet& set, const std::string& suffix, Type type)
{
  add_binary<And, Value>(set, "and." + suffix, type);
  add_binary<Or, Value>(set, "or." + suffix, type);
  add_binary<Xor, Value>(set, "xor." + suffix, type);
  add_unary<Not, Value>(set, "not." + suffix, type);
}

}  // namespace

void add_logic(InstructionSet& set)
{
  constexpr Type count{Kind::unsigned_integer, 32};
  add_bits<bool>(set, "pred", type_of<bool>());
  for_types<std::uint16_t, std::uint32_t, std::uint64_t>([&](auto zero) {
    using Value = decltype(zero);
    const std::string bits = std::to_string(8 * sizeof(Value));
    const Type type{Kind::untyped, 8 * sizeof(Value)};
    add_bits<Value>(set, "b" + bits, type);
    set.add("shl.b" + bits, {Form::computing, execute_shift_left<Value>, type, {type, count}});
    set.add("shr.b" + bits, {Form::computing, execute_shift_right<Value>, type, {type, count}});
  });
  for_integers([&](auto zero) {
    using Value = decltype(zero);
    const Type type = type_of<Value>();
    set.add("shr." + suffix_of<Value>(),
            {Form::computing, execute_shift_right<Value>, type, {type, count}});
  });
  for (const char* suffix :
       {"pred", "b16", "u16", "s16", "b32", "u32", "s32", "f32", "b64", "u64", "s64", "f64"}) {
    const Type type = *type_from(suffix);
    set.add(std::string("mov.") + suffix,
            {Form::computing, execute_move, type, {type}, false, true});
  }
  // The simulated GPU has one address space: global addresses are generic ones.
  for (const char* name : {"cvta.to.global.u64", "cvta.global.u64"}) {
    const Type address{Kind::unsigned_integer, 64};
    set.add(name, {Form::computing, execute_move, address, {address}});
  }
}

}  // namespace coroner::driver::ptx
