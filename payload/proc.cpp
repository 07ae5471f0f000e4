// SPDX-License-Identifier: Apache-2.0
// Line by line; what is no such line is passed over.
#include "payload/proc.h"

#include <algorithm>

#include "payload/text.h"

namespace coroner::payload {
namespace {

bool is_octal(char letter)
{
  return letter >= '0' && letter <= '7';
}

// Undoes the kernel's \040 and its like.
std::string unescaped(std::string_view text)
{
  std::string plain;
  while (!text.empty()) {
    const bool is_escape = text.size() >= 4 && text[0] == '\\' && text[1] >= '0' &&
                           text[1] <= '3' && is_octal(text[2]) && is_octal(text[3]);
    if (!is_escape) {
      plain += text[0];
      text.remove_prefix(1);
      continue;
    }
    plain += static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
    text.remove_prefix(4);
  }
  return plain;
}

bool is_version(std::string_view word)
{
  return word.size() >= 3 && word[0] >= '0' && word[0] <= '9' && contains(word, ".") &&
         word.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

std::optional<Mount> parse_mount(std::string_view line)
{
  const auto fields = words(line);
  constexpr std::size_t fixed_fields = 6;  // before the optional ones, which a lone dash ends
  if (fields.size() < fixed_fields) return std::nullopt;
  const auto dash = std::find(fields.begin() + fixed_fields, fields.end(), "-");
  if (fields.end() - dash < 3) return std::nullopt;
  return Mount{unescaped(fields[3]), unescaped(fields[4]), std::string(fields[5]),
               unescaped(dash[1]), unescaped(dash[2])};
}

std::optional<Module> parse_module(std::string_view line)
{
  const auto fields = words(line);
  if (fields.size() < 5) return std::nullopt;
  const auto bytes = number_of<std::uint64_t>(fields[1]);
  const auto uses = number_of<int>(fields[2]);
  if (!bytes || !uses) return std::nullopt;
  return Module{std::string(fields[0]), *bytes, *uses, std::string(fields[4])};
}

Cgroup parse_cgroup(std::string_view text)
{
  Cgroup found;
  bool has_old = false;
  bool has_new = false;
  bool has_memory = false;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string path(line.substr(second + 1));
    if (controllers.empty() && line.substr(0, first) == "0") {
      has_new = true;
      if (!has_old) found.path = path;
      continue;
    }
    const auto names = split(controllers, ',');
    const bool is_memory = std::find(names.begin(), names.end(), "memory") != names.end();
    if (!has_old || (is_memory && !has_memory)) found.path = path;
    has_old = true;
    has_memory = has_memory || is_memory;
  }
  if (has_old) found.version = has_new ? "hybrid" : "v1";
  if (has_new && !has_old) found.version = "v2";
  return found;
}

std::string_view field_of(std::string_view text, std::string_view name)
{
  for (const std::string_view line : split(text, '\n')) {
    if (line.size() > name.size() && line.substr(0, name.size()) == name &&
        line[name.size()] == ':') {
      return trimmed(line.substr(name.size() + 1));
    }
  }
  return {};
}

std::optional<std::uint64_t> kibibyte_field(std::string_view text, std::string_view name)
{
  const auto parts = words(field_of(text, name));
  if (parts.size() != 2 || parts[1] != "kB") return std::nullopt;
  const auto value = number_of<std::uint64_t>(parts[0]);
  if (!value || *value > UINT64_MAX / 1024) return std::nullopt;
  return *value * 1024;
}

DriverVersion parse_driver_version(std::string_view text)
{
  DriverVersion found{"unknown", {}};
  const std::string_view line = text.substr(0, text.find('\n'));
  if (contains(line, "Open Kernel Module")) {
    found.flavour = "open";
  } else if (contains(line, "Kernel Module")) {
    found.flavour = "proprietary";
  }
  const auto parts = words(line);
  const auto version = std::find_if(parts.begin(), parts.end(), is_version);
  if (version != parts.end()) found.version = *version;
  return found;
}

std::string_view simulated_driver_version(std::string_view domain_name)
{
  constexpr std::string_view begin = "nvidia-";
  constexpr std::string_view end = ".simulated";
  if (domain_name.size() <= begin.size() + end.size()) return {};
  if (!domain_name.starts_with(begin) || !domain_name.ends_with(end)) return {};
  domain_name.remove_prefix(begin.size());
  domain_name.remove_suffix(end.size());
  return domain_name;
}

Resolver parse_resolver(std::string_view text)
{
  Resolver found;
  for (const std::string_view line : split(text, '\n')) {
    const auto parts = words(trimmed(line));
    if (parts.size() < 2) continue;
    if (parts[0] == "nameserver") found.servers.emplace_back(parts[1]);
    if (parts[0] == "search") found.search.assign(parts.begin() + 1, parts.end());
    if (parts[0] != "options") continue;
    for (std::size_t index = 1; index < parts.size(); ++index) {
      if (!found.options.empty()) found.options += ' ';
      found.options += parts[index];
    }
  }
  return found;
}

}  // namespace coroner::payload
