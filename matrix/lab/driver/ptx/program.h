// SPDX-License-Identifier: Apache-2.0
// PTX ready to run: instructions with their operands resolved to slots.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "matrix/lab/driver/ptx/memory.h"
#include "matrix/lab/driver/ptx/syntax.h"

namespace coroner::driver::ptx {

enum class Fault { none, illegal_address, misaligned_address, timeout };

struct Instruction;

// One simulated GPU thread. A slot holds a register's value, zero above its width.
struct Thread {
  std::uint64_t* slots = nullptr;
  std::size_t next = 0;  // instruction
  const Memory* memory = nullptr;
  const std::byte* parameters = nullptr;
  Fault fault = Fault::none;
  bool has_ended = false;
};

using Execute = void (*)(Thread&, const Instruction&);

struct Instruction {
  Execute execute = nullptr;
  std::uint32_t guard = 0;  // slot; true_slot where there is none
  bool guard_negated = false;
  std::uint32_t target = 0;       // slot written
  std::uint32_t sources[3] = {};  // slots read
  std::uint64_t mask = 0;         // width of the register written, for loads and conversions
  std::int64_t offset = 0;        // of an address; of a parameter; number of a branch's instruction
};

// Slots that every kernel has, before its registers.
enum FixedSlot : std::uint32_t {
  true_slot = 0,
  tid_x,
  tid_y,
  tid_z,
  ntid_x,
  ntid_y,
  ntid_z,
  ctaid_x,
  ctaid_y,
  ctaid_z,
  nctaid_x,
  nctaid_y,
  nctaid_z,
  first_register_slot,
};

struct Kernel {
  std::string name;
  std::vector<Parameter> parameters;
  unsigned parameter_bytes = 0;
  std::uint32_t register_count = 0;
  std::vector<std::uint64_t> constants;   // fill the slots behind the registers
  std::vector<Instruction> instructions;  // the last one ends the thread

  [[nodiscard]] std::size_t slot_count() const
  {
    return first_register_slot + register_count + constants.size();
  }
};

}  // namespace coroner::driver::ptx
