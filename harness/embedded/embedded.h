// SPDX-License-Identifier: Apache-2.0
// Embedded: the project's own data, compiled in, so that the program is one file.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace coroner::embedded {

/// The content of a file by its path in the project: "graveyard/GY005-….yaml",
/// "graveyard/fixes/GY005-nixos.yaml", "manifests/smoke/gpu.yaml", "matrix/expectations.yaml",
/// "payload/coroner-payload-amd64" (a program for that architecture). Lives as long as the program.
std::optional<std::string_view> file(std::string_view path);

/// The paths of all files below `folder` ("graveyard"), sorted; those of its own folders too.
std::vector<std::string_view> files_below(std::string_view folder);

}  // namespace coroner::embedded
