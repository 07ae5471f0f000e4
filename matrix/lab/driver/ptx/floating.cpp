// SPDX-License-Identifier: Apache-2.0
// Floating-point arithmetic, IEEE 754 and rounded to nearest, as PTX means it without .ftz.
#include <cmath>

#include "matrix/lab/driver/ptx/operations.h"

namespace coroner::driver::ptx {
namespace {

struct Add {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    return a + b;
  }
};

struct Subtract {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    return a - b;
  }
};

struct Multiply {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    return a * b;
  }
};

struct Divide {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    return a / b;
  }
};

struct FusedMultiplyAdd {
  template <typename Value>
  static Value apply(Value a, Value b, Value c)
  {
    return std::fma(a, b, c);
  }
};

struct SquareRoot {
  template <typename Value>
  static Value apply(Value a)
  {
    return std::sqrt(a);
  }
};

// Of a number and a NaN the number; -0 is below +0 (PTX ISA, min and max).
struct Minimum {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    if (std::isnan(a)) return b;
    if (std::isnan(b)) return a;
    if (a == b) return std::signbit(a) ? a : b;
    return a < b ? a : b;
  }
};

struct Maximum {
  template <typename Value>
  static Value apply(Value a, Value b)
  {
    if (std::isnan(a)) return b;
    if (std::isnan(b)) return a;
    if (a == b) return std::signbit(a) ? b : a;
    return a > b ? a : b;
  }
};

// On the bits, so that a NaN keeps its own.
template <typename Bits>
struct Negate {
  static Bits apply(Bits a)
  {
    return a ^ Bits { 1 } << (8 * sizeof(Bits) - 1);
  }
};

template <typename Bits>
struct Absolute {
  static Bits apply(Bits a) { return a & ~(Bits{1} << (8 * sizeof(Bits) - 1)); }
};

template <typename Value, typename Bits>
void add_signs(InstructionSet& set)
{
  const std::string suffix = suffix_of<Value>();
  add_unary<Negate<Bits>, Bits>(set, "neg." + suffix, type_of<Value>());
  add_unary<Absolute<Bits>, Bits>(set, "abs." + suffix, type_of<Value>());
}

}  // namespace

void add_floating(InstructionSet& set)
{
  for_types<float, double>([&set](auto zero) {
    using Value = decltype(zero);
    const std::string suffix = "." + suffix_of<Value>();
    for (const std::string rounding : {"", ".rn"}) {
      add_binary<Add, Value>(set, "add" + rounding + suffix);
      add_binary<Subtract, Value>(set, "sub" + rounding + suffix);
      add_binary<Multiply, Value>(set, "mul" + rounding + suffix);
    }
    add_binary<Divide, Value>(set, "div.rn" + suffix);
    add_unary<SquareRoot, Value>(set, "sqrt.rn" + suffix);
    add_ternary<FusedMultiplyAdd, Value>(set, "fma.rn" + suffix);
    add_ternary<FusedMultiplyAdd, Value>(set, "mad.rn" + suffix);
    add_binary<Minimum, Value>(set, "min" + suffix);
    add_binary<Maximum, Value>(set, "max" + suffix);
  });
  add_signs<float, std::uint32_t>(set);
  add_signs<double, std::uint64_t>(set);
}

}  // namespace coroner::driver::ptx
