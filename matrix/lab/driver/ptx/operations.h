// SPDX-License-Identifier: Apache-2.0
// Helpers with which the families of instructions are written: typed slots, and rows by type.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "matrix/lab/driver/ptx/instruction_set.h"

namespace coroner::driver::ptx {

// A quiet NaN as the hardware makes it (PTX ISA, floating point: f32 results are canonical).
inline constexpr std::uint32_t canonical_nan = 0x7fffffff;

template <typename Value>
Value read(const Thread& thread, std::uint32_t slot)
{
  if constexpr (std::is_same_v<Value, float>) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(thread.slots[slot]));
  } else if constexpr (std::is_same_v<Value, double>) {
    return std::bit_cast<double>(thread.slots[slot]);
  } else {
    return static_cast<Value>(thread.slots[slot]);
  }
}

template <typename Value>
std::uint64_t bits_of(Value value)
{
  if constexpr (std::is_same_v<Value, float>) {
    return std::isnan(value) ? canonical_nan : std::bit_cast<std::uint32_t>(value);
  } else if constexpr (std::is_same_v<Value, double>) {
    return std::bit_cast<std::uint64_t>(value);
  } else if constexpr (std::is_same_v<Value, bool>) {
    return value ? 1 : 0;
  } else {
    return static_cast<std::make_unsigned_t<Value>>(value);
  }
}

// Sign or zero extension to 64 bits; the register's mask cuts it to its width.
template <typename Value>
std::uint64_t extended_bits_of(Value value)
{
  if constexpr (std::is_integral_v<Value> && std::is_signed_v<Value>) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
  } else {
    return bits_of(value);
  }
}

template <typename Value>
constexpr Type type_of()
{
  constexpr unsigned bits = 8 * sizeof(Value);
  if constexpr (std::is_same_v<Value, bool>) {
    return {Kind::predicate, 1};
  } else if constexpr (std::is_floating_point_v<Value>) {
    return {Kind::floating, bits};
  } else {
    return {std::is_signed_v<Value> ? Kind::signed_integer : Kind::unsigned_integer, bits};
  }
}

// "u32" of uint32_t.
template <typename Value>
std::string suffix_of()
{
  const std::string bits = std::to_string(8 * sizeof(Value));
  if constexpr (std::is_same_v<Value, bool>) {
    return "pred";
  } else if constexpr (std::is_floating_point_v<Value>) {
    return "f" + bits;
  } else {
    return (std::is_signed_v<Value> ? "s" : "u") + bits;
  }
}

template <typename Operation, typename Value>
void execute_unary(Thread& thread, const Instruction& instruction)
{
  const auto a = read<Value>(thread, instruction.sources[0]);
  thread.slots[instruction.target] = bits_of(Operation::apply(a));
}

template <typename Operation, typename Value>
void execute_binary(Thread& thread, const Instruction& instruction)
{
  const auto a = read<Value>(thread, instruction.sources[0]);
  const auto b = read<Value>(thread, instruction.sources[1]);
  thread.slots[instruction.target] = bits_of(Operation::apply(a, b));
}

template <typename Operation, typename Value>
void execute_ternary(Thread& thread, const Instruction& instruction)
{
  const auto a = read<Value>(thread, instruction.sources[0]);
  const auto b = read<Value>(thread, instruction.sources[1]);
  const auto c = read<Value>(thread, instruction.sources[2]);
  thread.slots[instruction.target] = bits_of(Operation::apply(a, b, c));
}

template <typename Operation, typename Value>
void add_unary(InstructionSet& set, const std::string& name, Type type = type_of<Value>())
{
  set.add(name, {Form::computing, execute_unary<Operation, Value>, type, {type}});
}

template <typename Operation, typename Value>
void add_binary(InstructionSet& set, const std::string& name, Type type = type_of<Value>())
{
  set.add(name, {Form::computing, execute_binary<Operation, Value>, type, {type, type}});
}

template <typename Operation, typename Value>
void add_ternary(InstructionSet& set, const std::string& name, Type type = type_of<Value>())
{
  set.add(name, {Form::computing, execute_ternary<Operation, Value>, type, {type, type, type}});
}

// Calls `visit` with a value of each type; the value tells the type only.
template <typename... Values, typename Visit>
void for_types(Visit visit)
{
  (visit(Values{}), ...);
}

template <typename Visit>
void for_integers(Visit visit)
{
  for_types<std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, std::uint64_t, std::int64_t>(
      visit);
}

}  // namespace coroner::driver::ptx
