// SPDX-License-Identifier: Apache-2.0
// Puts the families of instructions together.
#include "matrix/lab/driver/ptx/instruction_set.h"

#include <algorithm>

namespace coroner::driver::ptx {

const Row* InstructionSet::find(const std::string& operation) const
{
  const auto found = rows_.find(operation);
  return found == rows_.end() ? nullptr : &found->second;
}

std::vector<std::string> InstructionSet::names() const
{
  std::vector<std::string> names;
  for (const auto& [name, row] : rows_) names.push_back(name);
  std::ranges::sort(names);
  return names;
}

const InstructionSet& instruction_set()
{
  static const InstructionSet& set = *[] {
    auto* made = new InstructionSet;  // never destroyed: a caller's threads may outlive main
    add_arithmetic(*made);
    add_floating(*made);
    add_logic(*made);
    add_comparison(*made);
    add_conversion(*made);
    add_memory(*made);
    return made;
  }();
  return set;
}

}  // namespace coroner::driver::ptx
