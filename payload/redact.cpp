// SPDX-License-Identifier: Apache-2.0
// By parts of names, and by the shape of values.
#include "payload/redact.h"

#include <algorithm>
#include <array>

#include "payload/text.h"

namespace coroner::payload {
namespace {

constexpr std::array<std::string_view, 7> secret_name_parts = {
    "token", "key", "secret", "pass", "credential", "cookie", "auth"};

bool has_secret_name(std::string_view name)
{
  const std::string lower = lower_case(name);
  return std::any_of(secret_name_parts.begin(), secret_name_parts.end(),
                     [&lower](std::string_view part) { return contains(lower, part); });
}

// scheme://user:password@host
bool has_password_in_address(std::string_view value)
{
  const std::size_t scheme = value.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view rest = value.substr(scheme + 3);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const std::size_t at = authority.rfind('@');
  return at != std::string_view::npos && contains(authority.substr(0, at), ":");
}

// Header and payload of a JSON web token both begin with {" in base64.
bool has_web_token(std::string_view value)
{
  const std::size_t header = value.find("eyJ");
  return header != std::string_view::npos && contains(value.substr(header), ".eyJ");
}

}  // namespace

bool is_secret(std::string_view name, std::string_view value)
{
  return has_secret_name(name) || has_password_in_address(value) || has_web_token(value) ||
         contains(value, "-----BEGIN ");
}

std::string without_secrets(std::string_view command_line)
{
  std::string all;
  for (const std::string_view word : words(trimmed(command_line))) {
    if (!all.empty()) all += ' ';
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
      all += is_secret({}, word) ? redacted : word;
      continue;
    }
    const std::string_view name = word.substr(0, equals);
    all += name;
    all += '=';
    all += is_secret(name, word.substr(equals + 1)) ? redacted : word.substr(equals + 1);
  }
  return all;
}

}  // namespace coroner::payload
