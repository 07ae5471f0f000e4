// SPDX-License-Identifier: Apache-2.0
// From embedded files to a catalogue.
#include "harness/cli/catalogue.h"

#include "harness/embedded/embedded.h"

namespace coroner::cli {

base::Result<graveyard::Catalogue> load_catalogue()
{
  constexpr std::string_view folder = "graveyard/";
  std::vector<graveyard::SourceFile> causes;
  std::map<std::string, std::string> patches;
  for (const auto path : embedded::files_below("graveyard")) {
    const auto name = path.substr(folder.size());
    const std::string text(embedded::file(path).value_or(""));
    if (name.starts_with("fixes/"))
      patches.emplace(name, text);
    else if (name.starts_with("GY") && name.ends_with(".yaml"))
      causes.push_back({std::string(name), text});
  }
  if (causes.empty())
    return base::error(base::ErrorKind::internal, "this program was built without a graveyard");
  return graveyard::Catalogue::of(causes, patches);
}

}  // namespace coroner::cli
