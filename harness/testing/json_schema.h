// SPDX-License-Identifier: Apache-2.0
// JSON held against a schema by a program of another project.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace coroner::testing {

/// What python3-jsonschema (draft 2020-12) says against `text`, a line an error: "" when the file
/// `schema` takes it; nothing where it is not installed (cmake/packages.txt, test).
std::optional<std::string> schema_refusal(const std::filesystem::path& schema,
                                          const std::string& text);

}  // namespace coroner::testing
