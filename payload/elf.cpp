// SPDX-License-Identifier: Apache-2.0
// Every offset is held against the file's size before it is used.
#include "payload/elf.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <elf.h>

#include "payload/text.h"

namespace coroner::payload {
namespace {

constexpr std::size_t max_needed_versions = 1024;

template <typename Structure>
std::optional<Structure> structure_at(std::string_view file, std::uint64_t offset)
{
  if (offset > file.size() || file.size() - offset < sizeof(Structure)) return std::nullopt;
  Structure structure;
  std::memcpy(&structure, file.data() + offset, sizeof(structure));
  return structure;
}

std::string_view text_at(std::string_view file, std::uint64_t offset)
{
  if (offset >= file.size()) return {};
  const std::string_view rest = file.substr(offset);
  return rest.substr(0, rest.find('\0'));
}

std::optional<Elf64_Shdr> section(std::string_view file, const Elf64_Ehdr& header, unsigned index)
{
  return structure_at<Elf64_Shdr>(file, header.e_shoff + std::uint64_t{index} * sizeof(Elf64_Shdr));
}

// The names of one library's versions, a chain that begins at `offset`.
void add_versions(std::string_view file, std::uint64_t offset, std::uint64_t strings,
                  std::vector<std::string>& names)
{
  while (names.size() < max_needed_versions) {
    const auto version = structure_at<Elf64_Vernaux>(file, offset);
    if (!version) return;
    names.emplace_back(text_at(file, strings + version->vna_name));
    if (version->vna_next == 0) return;
    offset += version->vna_next;
  }
}

std::vector<std::string> versions_in(std::string_view file, const Elf64_Shdr& needed,
                                     const Elf64_Shdr& strings)
{
  std::vector<std::string> names;
  std::uint64_t offset = needed.sh_offset;
  for (std::size_t libraries = 0; libraries < max_needed_versions; ++libraries) {
    const auto library = structure_at<Elf64_Verneed>(file, offset);
    if (!library) break;
    add_versions(file, offset + library->vn_aux, strings.sh_offset, names);
    if (library->vn_next == 0) break;
    offset += library->vn_next;
  }
  return names;
}

}  // namespace

std::vector<std::string> needed_versions(std::string_view file)
{
  const auto header = structure_at<Elf64_Ehdr>(file, 0);
  if (!header || std::memcmp(&header->e_ident[0], ELFMAG, SELFMAG) != 0) return {};
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) return {};
  for (unsigned index = 0; index < header->e_shnum; ++index) {
    const auto needed = section(file, *header, index);
    if (!needed) return {};
    if (needed->sh_type != SHT_GNU_verneed) continue;
    const auto strings = section(file, *header, needed->sh_link);
    return strings ? versions_in(file, *needed, *strings) : std::vector<std::string>();
  }
  return {};
}

std::string highest_glibc(const std::vector<std::string>& versions)
{
  constexpr std::string_view prefix = "GLIBC_";
  std::string highest;
  for (const std::string_view version : versions) {
    if (!version.starts_with(prefix)) continue;
    const std::string_view number = version.substr(prefix.size());
    if (highest.empty() || is_older(highest, number)) highest = number;
  }
  return highest;
}

bool is_older(std::string_view left, std::string_view right)
{
  const auto left_parts = split(left, '.');
  const auto right_parts = split(right, '.');
  for (std::size_t index = 0; index < std::max(left_parts.size(), right_parts.size()); ++index) {
    const auto number = [index](const std::vector<std::string_view>& parts) {
      return index < parts.size() ? number_of<unsigned>(parts[index]).value_or(0) : 0U;
    };
    if (number(left_parts) != number(right_parts)) return number(left_parts) < number(right_parts);
  }
  return false;
}

}  // namespace coroner::payload
