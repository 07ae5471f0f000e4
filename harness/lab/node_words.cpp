// SPDX-License-Identifier: Apache-2.0
// One small JSON file.
#include "harness/lab/node_words.h"

#include <nlohmann/json.hpp>

#include "harness/base/files.h"

namespace coroner::lab {

base::Result<void> write_node_words(const std::filesystem::path& cell_directory,
                                    const std::map<std::string, std::string>& words)
{
  return base::write_file(cell_directory / "words.json", nlohmann::json(words).dump(1) + "\n");
}

base::Result<std::map<std::string, std::string>> read_node_words(
    const std::filesystem::path& cell_directory)
{
  TRY_ASSIGN(text, base::read_file(cell_directory / "words.json"));
  try {
    return nlohmann::json::parse(text).get<std::map<std::string, std::string>>();
  } catch (const nlohmann::json::exception& exception) {
    return base::error(base::ErrorKind::invalid, "{}: {}", (cell_directory / "words.json").string(),
                       exception.what());
  }
}

}  // namespace coroner::lab
