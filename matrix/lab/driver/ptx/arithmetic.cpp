// SPDX-License-Identifier: Apache-2.0
// Integer arithmetic: add, sub, mul, mad, div, rem, min, max, neg, abs.
#include <algorithm>
#include <limits>

#include "matrix/lab/driver/ptx/operations.h"

namespace coroner::driver::ptx {
namespace {

__extension__ using Wide = __int128;

// All sums and products are made unsigned and 64 bits wide: wrapping is PTX's meaning, and C++
// leaves signed overflow undefined.
template <typename Value>
std::uint64_t wrap(Value value)
{
  return static_cast<std::uint64_t>(value);
}

struct Add {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    return static_cast<Value>(wrap(a) + wrap(b));
  }
};

struct Subtract {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    return static_cast<Value>(wrap(a) - wrap(b));
  }
};

struct MultiplyLow {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    return static_cast<Value>(wrap(a) * wrap(b));
  }
};

struct MultiplyHigh {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    constexpr unsigned bits = 8 * sizeof(Value);
    if constexpr (std::is_signed_v<Value>) {
      return static_cast<Value>((static_cast<Wide>(a) * static_cast<Wide>(b)) >> bits);
    } else {
      __extension__ using UnsignedWide = unsigned __int128;
      return static_cast<Value>((static_cast<UnsignedWide>(a) * b) >> bits);
    }
  }
};

struct MultiplyAddLow {
  template <typename Value>
  static Value apply(Value a, Value b, Value c)
  {
    return Add::apply(MultiplyLow::apply(a, b), c);
  }
};

struct MultiplyAddHigh {
  template <typename Value>
  static Value apply(Value a, Value b, Value c)
  {
    return Add::apply(MultiplyHigh::apply(a, b), c);
  }
};

// PTX leaves division by zero to the machine; NVIDIA's gives all ones, and the dividend as
// remainder.
struct Divide {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    if (b == 0) return static_cast<Value>(~std::uint64_t{0});
    if constexpr (std::is_signed_v<Value>) {
      if (b == -1) return Subtract::apply(Value{0}, a);
    }
    return static_cast<Value>(a / b);
  }
};

struct Remainder {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    if (b == 0) return a;
    if constexpr (std::is_signed_v<Value>) {
      if (b == -1) return 0;
    }
    return static_cast<Value>(a % b);
  }
};

struct Minimum {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    return std::min(a, b);
  }
};

struct Maximum {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    return std::max(a, b);
  }
};

struct Negate {
  template <typename Value>
  static Value apply(Value a)
  {
    return Subtract::apply(Value{0}, a);
  }
};

struct Absolute {
  template <typename Value>
  static Value apply(Value a)
  {
    return a < 0 ? Negate::apply(a) : a;
  }
};

template <typename Narrow, typename Product>
void execute_multiply_wide(Thread& thread, const Instruction& instruction)
{
  const Product a = read<Narrow>(thread, instruction.sources[0]);
  const Product b = read<Narrow>(thread, instruction.sources[1]);
  thread.slots[instruction.target] = bits_of(MultiplyLow::apply(a, b));
}

template <typename Narrow, typename Product>
void execute_multiply_add_wide(Thread& thread, const Instruction& instruction)
{
  const Product a = read<Narrow>(thread, instruction.sources[0]);
  const Product b = read<Narrow>(thread, instruction.sources[1]);
  const auto c = read<Product>(thread, instruction.sources[2]);
  thread.slots[instruction.target] = bits_of(MultiplyAddLow::apply(a, b, c));
}

template <typename Narrow, typename Product>
void add_wide(InstructionSet& set)
{
  const Type narrow = type_of<Narrow>();
  const Type product = type_of<Product>();
  const std::string suffix = suffix_of<Narrow>();
  set.add("mul.wide." + suffix,
          {Form::computing, execute_multiply_wide<Narrow, Product>, product, {narrow, narrow}});
  set.add("mad.wide." + suffix, {Form::computing,
                                 execute_multiply_add_wide<Narrow, Product>,
                                 product,
                                 {narrow, narrow, product}});
}

}  // namespace

void add_arithmetic(InstructionSet& set)
{
  for_integers([&set](auto zero) {
    using Value = decltype(zero);
    const std::string suffix = "." + suffix_of<Value>();
    add_binary<Add, Value>(set, "add" + suffix);
    add_binary<Subtract, Value>(set, "sub" + suffix);
    add_binary<MultiplyLow, Value>(set, "mul.lo" + suffix);
    add_binary<MultiplyHigh, Value>(set, "mul.hi" + suffix);
    add_ternary<MultiplyAddLow, Value>(set, "mad.lo" + suffix);
    add_ternary<MultiplyAddHigh, Value>(set, "mad.hi" + suffix);
    add_binary<Divide, Value>(set, "div" + suffix);
    add_binary<Remainder, Value>(set, "rem" + suffix);
    add_binary<Minimum, Value>(set, "min" + suffix);
    add_binary<Maximum, Value>(set, "max" + suffix);
  });
  for_types<std::int16_t, std::int32_t, std::int64_t>([&set](auto zero) {
    using Value = decltype(zero);
    add_unary<Negate, Value>(set, "neg." + suffix_of<Value>());
    add_unary<Absolute, Value>(set, "abs." + suffix_of<Value>());
  });
  add_wide<std::uint16_t, std::uint32_t>(set);
  add_wide<std::int16_t, std::int32_t>(set);
  add_wide<std::uint32_t, std::uint64_t>(set);
  add_wide<std::int32_t, std::int64_t>(set);
}

}  // namespace coroner::driver::ptx
