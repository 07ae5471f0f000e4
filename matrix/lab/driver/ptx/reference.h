// SPDX-License-Identifier: Apache-2.0
// What each instruction of the subset must give, worked out another way than the simulation does.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "matrix/lab/driver/ptx/syntax.h"

namespace coroner::driver::ptx {

// An instruction's name taken apart: "mad.wide.s32" -> {mad, wide}, target s64, sources s32 s32
// s64.
struct Signature {
  std::string mnemonic;
  std::vector<std::string> modifiers;
  Type target;
  std::vector<Type> sources;
};

// Nothing for loads, stores and jumps, which have tests of their own.
std::optional<Signature> signature_of(const std::string& name);

// The result's bits, zero above the target's width. Sources are bits too.
std::uint64_t reference_result(const Signature& signature,
                               const std::array<std::uint64_t, 3>& sources);

}  // namespace coroner::driver::ptx
