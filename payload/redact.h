// SPDX-License-Identifier: Apache-2.0
// Keeps secrets out of what is reported.
#pragma once

#include <string>
#include <string_view>

namespace coroner::payload {

inline constexpr std::string_view redacted = "redacted";

/// True for names such as API_KEY, DB_PASSWORD, GITHUB_TOKEN, in any letter case, and for values
/// that show themselves as secrets: JSON web tokens, PEM blocks, addresses with a password in them.
bool is_secret(std::string_view name, std::string_view value);

/// Each `name=value` word whose name or value is a secret has `redacted` for its value.
std::string without_secrets(std::string_view command_line);

}  // namespace coroner::payload
