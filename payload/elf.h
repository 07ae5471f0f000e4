// SPDX-License-Identifier: Apache-2.0
// Which symbol versions of other libraries a program asks for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coroner::payload {

/// The version names that a 64-bit little-endian ELF file needs ("GLIBC_2.17", "GCC_3.0"), in the
/// file's order; empty for anything else, and for what is cut or contradicts itself. Read from the
/// section of type SHT_GNU_verneed (Linux Standard Base, Symbol Versioning).
std::vector<std::string> needed_versions(std::string_view file);

/// "2.28" of the highest GLIBC_ version among them; empty where there is none.
std::string highest_glibc(const std::vector<std::string>& versions);

/// True where `left` is the older one of two dotted versions.
bool is_older(std::string_view left, std::string_view right);

}  // namespace coroner::payload
