// SPDX-License-Identifier: Apache-2.0
// A PTX module as it was written: nothing in it is checked beyond its form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "matrix/lab/driver/profile.h"

namespace coroner::driver::ptx {

enum class Kind { untyped, unsigned_integer, signed_integer, floating, predicate };

struct Type {
  Kind kind = Kind::untyped;
  unsigned bits = 0;

  bool operator==(const Type&) const = default;
  [[nodiscard]] unsigned bytes() const { return bits / 8; }
};

// "u32" -> {unsigned_integer, 32}; nothing for other texts.
std::optional<Type> type_from(std::string_view text);

enum class OperandForm { name, integer, floating32, floating64, address };

struct Operand {
  OperandForm form = OperandForm::name;
  std::string name;         // of a register, label or parameter; the base of an address
  std::uint64_t bits = 0;   // of a constant; an integer in two's complement
  std::int64_t offset = 0;  // of an address
};

struct Statement {
  std::string guard;  // predicate register, empty: none
  bool guard_negated = false;
  std::string operation;  // "mad.lo.s32"
  std::vector<Operand> operands;
  unsigned line = 0;
};

struct Label {
  std::string name;
  std::size_t statement = 0;  // the one it stands before
  unsigned line = 0;
};

struct Register {
  std::string name;
  Type type;
};

struct Parameter {
  std::string name;
  unsigned bytes = 0;
  unsigned alignment = 0;
  unsigned offset = 0;  // in the parameter block
};

struct Entry {
  std::string name;
  unsigned line = 0;
  std::vector<Parameter> parameters;
  unsigned parameter_bytes = 0;
  std::vector<Register> registers;
  std::vector<Label> labels;
  std::vector<Statement> statements;
};

struct Source {
  Version version;
  unsigned target = 0;  // 90 of sm_90
  unsigned version_line = 0;
  unsigned target_line = 0;
  std::vector<Entry> entries;
};

}  // namespace coroner::driver::ptx
