// SPDX-License-Identifier: Apache-2.0
// What a secret looks like: the table of forms that the redactor looks for; for this room only.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace coroner::evidence {

/// One form of secret. The first group that takes part in a match is the secret itself; what stands
/// around it is kept, so that a reader sees what was there.
struct SecretForm {
  std::string_view kind;     ///< Goes into the tag.
  std::string_view pattern;  ///< RE2 with the parts of written_out(); may reach over lines.
};

/// All forms, in the order in which they are taken out.
std::span<const SecretForm> secret_forms();

/// A field or flag whose whole value is secret ("password", "client-key-data"); must match all of
/// the name.
inline constexpr std::string_view secret_field_pattern = "-{0,2}<fields>";

/// A variable whose value is secret: TOKEN, KEY, SECRET or PASS somewhere in its name.
inline constexpr std::string_view secret_variable_pattern =
    R"((?i)[\w.-]*(?:TOKEN|SECRET|PASS|KEY)[\w.-]*)";

/// The same for the keys of any object, where lower case words such as "key" are common.
inline constexpr std::string_view secret_upper_pattern =
    R"([A-Z0-9_]*(?:TOKEN|SECRET|PASS|KEY)[A-Z0-9_]*)";

/// `pattern` with <quote>, <gap>, <value> and <fields> replaced by what they stand for.
std::string written_out(std::string_view pattern);

}  // namespace coroner::evidence
