// SPDX-License-Identifier: Apache-2.0
// The simulated subset of PTX as a table: what each instruction takes and the function that does
// it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "matrix/lab/driver/ptx/program.h"

namespace coroner::driver::ptx {

enum class Form {
  computing,       // target, sources…
  load,            // target, [address]
  store,           // [address], source
  load_parameter,  // target, [parameter]
  branch,          // label
  ending,          // nothing
};

struct Row {
  Form form = Form::computing;
  Execute execute = nullptr;
  Type target;
  std::vector<Type> sources;
  // Loads, stores and conversions also take registers wider than their type.
  bool takes_wider = false;
  // Only mov and cvt read %tid and its like.
  bool takes_special = false;
};

class InstructionSet {
 public:
  void add(const std::string& operation, Row row)
  {
    rows_.insert_or_assign(operation, std::move(row));
  }
  // Null where the operation is outside the subset.
  [[nodiscard]] const Row* find(const std::string& operation) const;
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::unordered_map<std::string, Row> rows_;
};

// All of it.
const InstructionSet& instruction_set();

// Its families, one file each.
void add_arithmetic(InstructionSet& set);
void add_floating(InstructionSet& set);
void add_logic(InstructionSet& set);
void add_comparison(InstructionSet& set);
void add_conversion(InstructionSet& set);
void add_memory(InstructionSet& set);

}  // namespace coroner::driver::ptx
