// SPDX-License-Identifier: Apache-2.0
// The placeholders of a booted cell, kept for manifests and breaks that come later.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "harness/base/result.h"

namespace coroner::lab {

/// <cell directory>/words.json: an object of strings.
base::Result<void> write_node_words(const std::filesystem::path& cell_directory,
                                    const std::map<std::string, std::string>& words);
base::Result<std::map<std::string, std::string>> read_node_words(
    const std::filesystem::path& cell_directory);

}  // namespace coroner::lab
