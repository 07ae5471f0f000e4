// SPDX-License-Identifier: Apache-2.0
// ld.global, st.global, ld.param, and the ways out of straight code: bra, ret, exit.
#include <cstring>

#include "matrix/lab/driver/ptx/operations.h"

namespace coroner::driver::ptx {
namespace {

// The checked place of an access, or null with the thread's fault set.
template <typename Value>
Value* place(Thread& thread, const Instruction& instruction)
{
  const std::uint64_t address =
      thread.slots[instruction.sources[0]] + static_cast<std::uint64_t>(instruction.offset);
  if (address % sizeof(Value) != 0) {
    thread.fault = Fault::misaligned_address;
  } else if (std::byte* host = thread.memory->resolve(address, sizeof(Value)); host != nullptr) {
    return reinterpret_cast<Value*>(host);
  } else {
    thread.fault = Fault::illegal_address;
  }
  thread.has_ended = true;
  return nullptr;
}

// Relaxed atomics: threads of a hostile kernel may race, which must not be undefined here.
template <typename Value>
void execute_load(Thread& thread, const Instruction& instruction)
{
  const Value* from = place<Value>(thread, instruction);
  if (from == nullptr) return;
  const Value value = __atomic_load_n(from, __ATOMIC_RELAXED);
  thread.slots[instruction.target] = extended_bits_of(value) & instruction.mask;
}

template <typename Value>
void execute_store(Thread& thread, const Instruction& instruction)
{
  Value* to = place<Value>(thread, instruction);
  if (to == nullptr) return;
  __atomic_store_n(to, static_cast<Value>(thread.slots[instruction.sources[1]]), __ATOMIC_RELAXED);
}

// The assembler has checked that offset and size are inside the block.
template <typename Value>
void execute_load_parameter(Thread& thread, const Instruction& instruction)
{
  Value value{};
  std::memcpy(&value, thread.parameters + instruction.offset, sizeof(Value));
  thread.slots[instruction.target] = extended_bits_of(value) & instruction.mask;
}

void execute_branch(Thread& thread, const Instruction& instruction)
{
  thread.next = static_cast<std::size_t>(instruction.offset);
}

void execute_end(Thread& thread, const Instruction& /*instruction*/)
{
  thread.has_ended = true;
}

template <typename Value>
void add_access(InstructionSet& set, const std::string& suffix)
{
  const Type type = *type_from(suffix);
  for (const char* space : {"ld.global.", "ld.global.nc.", "ld.volatile.global."}) {
    set.add(space + suffix, {Form::load, execute_load<Value>, type, {}, true});
  }
  for (const char* space : {"st.global.", "st.volatile.global."}) {
    set.add(space + suffix, {Form::store, execute_store<Value>, {}, {type}, true});
  }
  set.add("ld.param." + suffix,
          {Form::load_parameter, execute_load_parameter<Value>, type, {}, true});
}

template <typename Unsigned>
void add_accesses(InstructionSet& set)
{
  const std::string bits = std::to_string(8 * sizeof(Unsigned));
  add_access<Unsigned>(set, "b" + bits);
  add_access<Unsigned>(set, "u" + bits);
  add_access<std::make_signed_t<Unsigned>>(set, "s" + bits);
  if (sizeof(Unsigned) >= 4) add_access<Unsigned>(set, "f" + bits);
}

}  // namespace

void add_memory(InstructionSet& set)
{
  add_accesses<std::uint8_t>(set);
  add_accesses<std::uint16_t>(set);
  add_accesses<std::uint32_t>(set);
  add_accesses<std::uint64_t>(set);
  for (const char* name : {"bra", "bra.uni"}) set.add(name, {Form::branch, execute_branch, {}, {}});
  for (const char* name : {"ret", "ret.uni", "exit"}) {
    set.add(name, {Form::ending, execute_end, {}, {}});
  }
}

}  // namespace coroner::driver::ptx
