// SPDX-License-Identifier: Apache-2.0
// What the catalogue knows of a cause, for people, as Markdown and for programs.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/graveyard/catalogue.h"
#include "harness/report/style.h"

namespace coroner::cli {

/// One line of a rule in words, with how deep it stands below others.
struct RuleLine {
  std::size_t depth = 0;
  std::string text;     ///< "a line of any log matches"
  std::string pattern;  ///< What follows verbatim; may be empty.
  std::string weight;   ///< "decides", "agrees", "a hint"; empty for groups.
};

/// A rule as a person reads it, outermost first.
std::vector<RuleLine> rule_in_words(const graveyard::Rule& rule);

/// Each ends with a newline. Text that `because` fills from a cluster shows as <fact>.
std::string explanation_text(const graveyard::Catalogue& catalogue, const graveyard::Cause& cause,
                             const report::Style& style);
std::string explanation_markdown(const graveyard::Catalogue& catalogue,
                                 const graveyard::Cause& cause);

/// {"id","name","title","layer","because","detected":{"when","raises","unless": lists of strings},
/// "needs":[{"fact","collect"}],"fixes":[{"distro","text","patch_file","patch"}],"verify",
/// "look_alikes":[{"name","code","told_apart_by"}],"yields_to","sources","examples"}
nlohmann::ordered_json explanation_json(const graveyard::Catalogue& catalogue,
                                        const graveyard::Cause& cause);

}  // namespace coroner::cli
