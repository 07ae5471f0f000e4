// SPDX-License-Identifier: Apache-2.0
// Checks names and types of a parsed module and resolves its operands to slots.
#include "matrix/lab/driver/ptx/assembler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <unordered_map>
#include <utility>

#include "matrix/lab/driver/ptx/instruction_set.h"
#include "matrix/lab/driver/ptx/parser.h"

namespace coroner::driver::ptx {
namespace {

struct Special {
  std::string_view name;
  FixedSlot slot;
};
constexpr std::array specials = {
    Special{"%tid.x", tid_x},       Special{"%tid.y", tid_y},       Special{"%tid.z", tid_z},
    Special{"%ntid.x", ntid_x},     Special{"%ntid.y", ntid_y},     Special{"%ntid.z", ntid_z},
    Special{"%ctaid.x", ctaid_x},   Special{"%ctaid.y", ctaid_y},   Special{"%ctaid.z", ctaid_z},
    Special{"%nctaid.x", nctaid_x}, Special{"%nctaid.y", nctaid_y}, Special{"%nctaid.z", nctaid_z}};

struct Slot {
  std::uint32_t number = 0;
  Type type;
};

std::uint64_t mask_of(Type type)
{
  return type.bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << type.bits) - 1;
}

// Whether a register of type `own` may stand where an instruction means `meant` (PTX ISA, operand
// type checking).
bool agrees(Type meant, Type own, bool takes_wider)
{
  if ((meant.kind == Kind::predicate) != (own.kind == Kind::predicate)) return false;
  const bool meant_floating = meant.kind == Kind::floating;
  const bool own_floating = own.kind == Kind::floating;
  if (meant_floating != own_floating && meant.kind != Kind::untyped && own.kind != Kind::untyped) {
    return false;
  }
  if (meant.bits == own.bits) return true;
  return takes_wider && own.bits > meant.bits && !meant_floating && !own_floating;
}

// A constant's bits as an operand of that type; nothing where it cannot be one.
std::optional<std::uint64_t> constant_for(const Operand& operand, Type type)
{
  const bool wants_floating = type.kind == Kind::floating;
  const bool is_integer = operand.form == OperandForm::integer;
  if (type.kind == Kind::predicate) return {};
  if (is_integer)
    return wants_floating ? std::nullopt : std::optional(operand.bits & mask_of(type));
  if (!wants_floating && type.kind != Kind::untyped) return {};
  const bool is_single = operand.form == OperandForm::floating32;
  if (type.bits == 32) {
    if (is_single) return operand.bits;
    return std::bit_cast<std::uint32_t>(static_cast<float>(std::bit_cast<double>(operand.bits)));
  }
  if (type.bits != 64) return {};
  if (!is_single) return operand.bits;
  const auto single = std::bit_cast<float>(static_cast<std::uint32_t>(operand.bits));
  return std::bit_cast<std::uint64_t>(static_cast<double>(single));
}

class Assembler {
 public:
  explicit Assembler(const Entry& entry) : entry_(entry) {}

  Outcome<Kernel> assemble()
  {
    kernel_.name = entry_.name;
    kernel_.parameters = entry_.parameters;
    kernel_.parameter_bytes = entry_.parameter_bytes;
    kernel_.register_count = static_cast<std::uint32_t>(entry_.registers.size());
    if (!declare() || !translate_all()) return tl::unexpected(std::move(*problem_));
    return std::move(kernel_);
  }

 private:
  bool fail(unsigned line, const std::string& text)
  {
    if (!problem_) problem_ = problem_at(line, text);
    return false;
  }

  bool fail_unknown(unsigned line, const std::string& name)
  {
    return fail(line, "Unknown symbol '" + name + "'");
  }

  bool fail_mismatch(const Statement& statement)
  {
    return fail(statement.line, "Arguments mismatch for instruction '" + statement.operation + "'");
  }

  bool declare()
  {
    std::uint32_t number = first_register_slot;
    for (const Register& one : entry_.registers) {
      if (!registers_.emplace(one.name, Slot{number++, one.type}).second) {
        return fail(entry_.line, "Duplicate definition of '" + one.name + "'");
      }
    }
    for (const Label& label : entry_.labels) {
      if (!labels_.emplace(label.name, label.statement).second) {
        return fail(label.line, "Duplicate definition of label '" + label.name + "'");
      }
    }
    return true;
  }

  bool translate_all()
  {
    kernel_.instructions.reserve(entry_.statements.size() + 1);
    for (const Statement& statement : entry_.statements) {
      if (!translate(statement)) return false;
    }
    // Running off the end of an entry ends the thread.
    kernel_.instructions.push_back({instruction_set().find("ret")->execute});
    return true;
  }

  bool translate(const Statement& statement)
  {
    const Row* row = instruction_set().find(statement.operation);
    if (row == nullptr) {
      return fail(statement.line, "instruction '" + statement.operation +
                                      "' is outside the simulated driver's subset");
    }
    Instruction instruction;
    instruction.execute = row->execute;
    if (!set_guard(statement, instruction)) return false;
    const auto& operands = statement.operands;
    const std::size_t expected = operand_count(*row);
    if (operands.size() != expected) return fail_mismatch(statement);
    bool is_right = true;
    switch (row->form) {
      case Form::computing:
        is_right = set_computing(statement, *row, instruction);
        break;
      case Form::load:
        is_right = set_target(statement, *row, instruction) &&
                   set_address(statement, operands[1], instruction);
        break;
      case Form::store:
        is_right = set_address(statement, operands[0], instruction) &&
                   set_source(statement, *row, 0, operands[1], instruction.sources[1]);
        break;
      case Form::load_parameter:
        is_right =
            set_target(statement, *row, instruction) && set_parameter(statement, *row, instruction);
        break;
      case Form::branch:
        is_right = set_branch(statement, instruction);
        break;
      case Form::ending:
        break;
    }
    if (is_right) kernel_.instructions.push_back(instruction);
    return is_right;
  }

  static std::size_t operand_count(const Row& row)
  {
    switch (row.form) {
      case Form::computing:
        return 1 + row.sources.size();
      case Form::branch:
        return 1;
      case Form::ending:
        return 0;
      default:
        return 2;
    }
  }

  bool set_guard(const Statement& statement, Instruction& instruction)
  {
    instruction.guard = true_slot;
    if (statement.guard.empty()) return true;
    const auto found = registers_.find(statement.guard);
    if (found == registers_.end()) return fail_unknown(statement.line, statement.guard);
    if (found->second.type.kind != Kind::predicate) return fail_mismatch(statement);
    instruction.guard = found->second.number;
    instruction.guard_negated = statement.guard_negated;
    return true;
  }

  bool set_computing(const Statement& statement, const Row& row, Instruction& instruction)
  {
    if (!set_target(statement, row, instruction)) return false;
    for (std::size_t at = 0; at < row.sources.size(); ++at) {
      if (!set_source(statement, row, at, statement.operands[at + 1], instruction.sources[at])) {
        return false;
      }
    }
    return true;
  }

  bool set_target(const Statement& statement, const Row& row, Instruction& instruction)
  {
    const Operand& operand = statement.operands[0];
    if (operand.form != OperandForm::name) return fail_mismatch(statement);
    const auto found = registers_.find(operand.name);
    if (found == registers_.end()) return fail_unknown(statement.line, operand.name);
    if (!agrees(row.target, found->second.type, row.takes_wider)) return fail_mismatch(statement);
    instruction.target = found->second.number;
    instruction.mask = mask_of(found->second.type);
    return true;
  }

  bool set_source(const Statement& statement, const Row& row, std::size_t at,
                  const Operand& operand, std::uint32_t& slot)
  {
    const Type type = row.sources[at];
    if (operand.form == OperandForm::address) return fail_mismatch(statement);
    if (operand.form != OperandForm::name) {
      const auto bits = constant_for(operand, type);
      if (!bits) return fail_mismatch(statement);
      slot = constant_slot(*bits);
      return true;
    }
    const auto source = find_source(operand.name, row.takes_special);
    if (!source) return fail_unknown(statement.line, operand.name);
    if (!agrees(type, source->type, row.takes_wider)) return fail_mismatch(statement);
    slot = source->number;
    return true;
  }

  std::optional<Slot> find_source(const std::string& name, bool takes_special) const
  {
    const auto found = registers_.find(name);
    if (found != registers_.end()) return found->second;
    const auto special = std::ranges::find(specials, name, &Special::name);
    if (special == specials.end() || !takes_special) return {};
    return Slot{special->slot, {Kind::unsigned_integer, 32}};
  }

  bool set_address(const Statement& statement, const Operand& operand, Instruction& instruction)
  {
    if (operand.form != OperandForm::address) return fail_mismatch(statement);
    const auto found = registers_.find(operand.name);
    if (found == registers_.end()) return fail_unknown(statement.line, operand.name);
    if (!agrees({Kind::unsigned_integer, 64}, found->second.type, false)) {
      return fail_mismatch(statement);
    }
    instruction.sources[0] = found->second.number;
    instruction.offset = operand.offset;
    return true;
  }

  bool set_parameter(const Statement& statement, const Row& row, Instruction& instruction)
  {
    const Operand& operand = statement.operands[1];
    if (operand.form != OperandForm::address) return fail_mismatch(statement);
    const auto found = std::ranges::find(entry_.parameters, operand.name, &Parameter::name);
    if (found == entry_.parameters.end()) return fail_unknown(statement.line, operand.name);
    const bool is_inside =
        operand.offset >= 0 && operand.offset + row.target.bytes() <= found->bytes;
    if (!is_inside || operand.offset % row.target.bytes() != 0) return fail_mismatch(statement);
    instruction.offset = found->offset + operand.offset;
    return true;
  }

  bool set_branch(const Statement& statement, Instruction& instruction)
  {
    const auto found = labels_.find(statement.operands[0].name);
    if (found == labels_.end()) return fail_unknown(statement.line, statement.operands[0].name);
    instruction.offset = static_cast<std::int64_t>(found->second);
    return true;
  }

  std::uint32_t constant_slot(std::uint64_t bits)
  {
    const auto [found, is_new] = constants_.emplace(bits, kernel_.constants.size());
    if (is_new) kernel_.constants.push_back(bits);
    return static_cast<std::uint32_t>(first_register_slot + kernel_.register_count + found->second);
  }

  const Entry& entry_;
  Kernel kernel_;
  std::unordered_map<std::string, Slot> registers_;
  std::unordered_map<std::string, std::size_t> labels_;
  std::unordered_map<std::uint64_t, std::size_t> constants_;
  std::optional<Problem> problem_;
};

struct FirstVersion {
  Version key;
  Version version;
};

// CUDA version, newest PTX version.
constexpr std::array cuda_versions = {
    FirstVersion{{11, 0}, {7, 0}}, FirstVersion{{11, 4}, {7, 4}}, FirstVersion{{11, 8}, {7, 8}},
    FirstVersion{{12, 0}, {8, 0}}, FirstVersion{{12, 1}, {8, 1}}, FirstVersion{{12, 2}, {8, 2}},
    FirstVersion{{12, 3}, {8, 3}}, FirstVersion{{12, 4}, {8, 4}}, FirstVersion{{12, 5}, {8, 5}},
    FirstVersion{{12, 7}, {8, 6}}, FirstVersion{{12, 8}, {8, 7}}, FirstVersion{{12, 9}, {8, 8}},
    FirstVersion{{13, 0}, {9, 0}}, FirstVersion{{13, 1}, {9, 1}}};

// Target, the first PTX version that knows it.
constexpr std::array targets = {
    FirstVersion{{3, 0}, {3, 1}}, FirstVersion{{5, 0}, {4, 0}}, FirstVersion{{5, 2}, {4, 1}},
    FirstVersion{{6, 0}, {5, 0}}, FirstVersion{{6, 1}, {5, 0}}, FirstVersion{{7, 0}, {6, 0}},
    FirstVersion{{7, 5}, {6, 3}}, FirstVersion{{8, 0}, {7, 0}}, FirstVersion{{8, 6}, {7, 1}},
    FirstVersion{{8, 9}, {7, 8}}, FirstVersion{{9, 0}, {7, 8}}, FirstVersion{{10, 0}, {8, 6}},
    FirstVersion{{12, 0}, {8, 7}}};

std::string text_of(Version version)
{
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

Version target_version(unsigned target)
{
  return {static_cast<int>(target / 10), static_cast<int>(target % 10)};
}

std::optional<Problem> check(const Source& source, const Limits& limits)
{
  if (source.version > limits.version) {
    return Problem{ProblemKind::unsupported_version,
                   "ptxas application ptx input, line " + std::to_string(source.version_line) +
                       "; fatal   : Unsupported .version " + text_of(source.version) +
                       "; current version is '" + text_of(limits.version) + "'"};
  }
  const Version target = target_version(source.target);
  const auto row = std::ranges::find_if(targets.rbegin(), targets.rend(),
                                        [&](const FirstVersion& one) { return one.key <= target; });
  if (row != targets.rend() && source.version < row->version) {
    return problem_at(source.target_line, "PTX .version " + text_of(source.version) +
                                              " does not support .target sm_" +
                                              std::to_string(source.target));
  }
  if (target > limits.compute_capability) {
    return Problem{ProblemKind::invalid,
                   "ptxas fatal   : SM version specified by .target is higher than default SM "
                   "version assumed"};
  }
  return {};
}

}  // namespace

Version newest_version(Version cuda)
{
  Version newest = cuda_versions.front().version;
  for (const FirstVersion& row : cuda_versions) {
    if (row.key <= cuda) newest = row.version;
  }
  return newest;
}

Outcome<Module> assemble(std::string_view text, const Limits& limits)
{
  auto source = parse(text);
  if (!source) return tl::unexpected(std::move(source.error()));
  if (auto problem = check(*source, limits)) return tl::unexpected(std::move(*problem));
  Module module;
  for (const Entry& entry : source->entries) {
    const auto is_same = [&](const Kernel& kernel) { return kernel.name == entry.name; };
    if (std::ranges::any_of(module.kernels, is_same)) {
      return tl::unexpected(problem_at(entry.line, "Duplicate definition of '" + entry.name + "'"));
    }
    auto kernel = Assembler(entry).assemble();
    if (!kernel) return tl::unexpected(std::move(kernel.error()));
    module.kernels.push_back(std::move(*kernel));
  }
  return module;
}

}  // namespace coroner::driver::ptx
