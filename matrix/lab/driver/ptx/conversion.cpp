// SPDX-License-Identifier: Apache-2.0
// cvt between integers, and between integers and floating point.
#include <cmath>
#include <limits>

#include "matrix/lab/driver/ptx/operations.h"

namespace coroner::driver::ptx {
namespace {

// A converted value may go to a wider register: it is extended by its own type, then cut.
template <typename Target>
void write_converted(Thread& thread, const Instruction& instruction, Target value)
{
  thread.slots[instruction.target] = extended_bits_of(value) & instruction.mask;
}

template <typename Target, typename Source>
void execute_integer(Thread& thread, const Instruction& instruction)
{
  const auto value = read<Source>(thread, instruction.sources[0]);
  write_converted(thread, instruction, static_cast<Target>(value));
}

template <typename Target, typename Source>
void execute_to_nearest(Thread& thread, const Instruction& instruction)
{
  const auto value = read<Source>(thread, instruction.sources[0]);
  write_converted(thread, instruction, static_cast<Target>(value));
}

// Rounds to nearest first and goes one step back where that went away from zero. A long double
// holds every 64-bit integer and every double.
template <typename Target, typename Source>
void execute_toward_zero(Thread& thread, const Instruction& instruction)
{
  static_assert(std::numeric_limits<long double>::digits >= 64);
  const auto value = read<Source>(thread, instruction.sources[0]);
  auto rounded = static_cast<Target>(value);
  if (std::fabs(static_cast<long double>(rounded)) > std::fabs(static_cast<long double>(value))) {
    rounded = std::nextafter(rounded, Target{0});
  }
  write_converted(thread, instruction, rounded);
}

struct ToNearest {
  template <typename Value>
  static Value apply(Value value)
  {
    return std::nearbyint(value);
  }
};

struct TowardZero {
  template <typename Value>
  static Value apply(Value value)
  {
    return std::trunc(value);
  }
};

struct Down {
  template <typename Value>
  static Value apply(Value value)
  {
    return std::floor(value);
  }
};

struct Up {
  template <typename Value>
  static Value apply(Value value)
  {
    return std::ceil(value);
  }
};

// Out of range becomes the nearest limit. A NaN becomes 0, but the highest bit alone where source
// or target has 64 bits (PTX ISA, cvt).
template <typename Target, typename Source>
Target clamp(Source value)
{
  if (std::isnan(value)) {
    constexpr bool is_wide = sizeof(Source) == 8 || sizeof(Target) == 8;
    const std::uint64_t highest_bit = std::uint64_t{1} << (8 * sizeof(Target) - 1);
    return is_wide ? static_cast<Target>(highest_bit) : Target{0};
  }
  const auto exact = static_cast<long double>(value);
  if (exact <= static_cast<long double>(std::numeric_limits<Target>::min())) {
    return std::numeric_limits<Target>::min();
  }
  if (exact >= static_cast<long double>(std::numeric_limits<Target>::max())) {
    return std::numeric_limits<Target>::max();
  }
  return static_cast<Target>(value);
}

template <typename Rounding, typename Target, typename Source>
void execute_to_integer(Thread& thread, const Instruction& instruction)
{
  const auto value = read<Source>(thread, instruction.sources[0]);
  write_converted(thread, instruction, clamp<Target>(Rounding::apply(value)));
}

template <typename Target, typename Source>
void add_row(InstructionSet& set, const std::string& rounding, Execute execute)
{
  const std::string name = "cvt" + rounding + "." + suffix_of<Target>() + "." + suffix_of<Source>();
  set.add(name, {Form::computing, execute, type_of<Target>(), {type_of<Source>()}, true, true});
}

template <typename Visit>
void for_all_integers(Visit visit)
{
  for_types<std::uint8_t, std::int8_t>(visit);
  for_integers(visit);
}

template <typename Floating>
void add_floating_rows(InstructionSet& set)
{
  for_all_integers([&](auto zero) {
    using Integer = decltype(zero);
    add_row<Floating, Integer>(set, ".rn", execute_to_nearest<Floating, Integer>);
    add_row<Floating, Integer>(set, ".rz", execute_toward_zero<Floating, Integer>);
    add_row<Integer, Floating>(set, ".rni", execute_to_integer<ToNearest, Integer, Floating>);
    add_row<Integer, Floating>(set, ".rzi", execute_to_integer<TowardZero, Integer, Floating>);
    add_row<Integer, Floating>(set, ".rmi", execute_to_integer<Down, Integer, Floating>);
    add_row<Integer, Floating>(set, ".rpi", execute_to_integer<Up, Integer, Floating>);
  });
}

}  // namespace

void add_conversion(InstructionSet& set)
{
  for_all_integers([&set](auto to) {
    for_all_integers([&set](auto from) {
      using To = decltype(to);
      using From = decltype(from);
      add_row<To, From>(set, "", execute_integer<To, From>);
    });
  });
  add_floating_rows<float>(set);
  add_floating_rows<double>(set);
  add_row<float, double>(set, ".rn", execute_to_nearest<float, double>);
  add_row<float, double>(set, ".rz", execute_toward_zero<float, double>);
  add_row<double, float>(set, "", execute_to_nearest<double, float>);
}

}  // namespace coroner::driver::ptx
