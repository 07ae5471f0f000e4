// SPDX-License-Identifier: Apache-2.0
// `coroner list`: what there is, as data: causes, cells, images.
#include <memory>

#include "harness/base/text.h"
#include "harness/cell/cell.h"
#include "harness/cli/catalogue.h"
#include "harness/cli/output.h"
#include "harness/cli/program.h"
#include "harness/cli/verbs.h"
#include "harness/embedded/embedded.h"
#include "harness/lab/images.h"
#include "harness/record/json.h"

namespace coroner::cli {
namespace {

using base::Result;

/// One list: a row of headings, then a row for each entry. The headings, in lower case, are the
/// keys of the JSON.
using Rows = std::vector<std::vector<std::string>>;

Result<Rows> causes()
{
  TRY_ASSIGN(catalogue, load_catalogue());
  Rows rows = {{"CODE", "LAYER", "NAME", "TITLE"}};
  for (const auto& cause : catalogue.causes())
    rows.push_back({cause.id, std::string(record::word(cause.layer)), cause.name, cause.title});
  return rows;
}

/// Those of the program itself, so that it needs no checkout.
Result<Rows> cells()
{
  Rows rows = {{"CELL", "PROVIDER", "DISTRO", "GPU", "SUMMARY"}};
  for (const auto path : embedded::files_below("matrix")) {
    const auto text = embedded::file(path).value_or("");
    if (path == "matrix/expectations.yaml" || path.find('/', sizeof "matrix") != path.npos)
      continue;
    TRY_ASSIGN(cell, cell::parse_cell(text, std::string(path)));
    rows.push_back({cell.name, cell.provider, cell.distro,
                    fmt::format("{} x {}", cell.gpu_count, cell.gpu_profile), cell.summary});
  }
  return rows;
}

Result<Rows> images()
{
  TRY_ASSIGN(places, lab::find_places());
  TRY_ASSIGN(listed, lab::list_images(places));
  Rows rows = {{"RECIPE", "IMAGE", "DIGEST"}};
  for (const auto& image : listed)
    rows.push_back({image.id, image.name, image.digest.empty() ? "not built yet" : image.digest});
  return rows;
}

/// What can be listed; cases and permissions join with the engine.
struct Listing {
  const char* name;
  const char* help;
  Result<Rows> (*rows)();
};

constexpr Listing listings[] = {
    {"causes", "Every cause of the graveyard that this program names", causes},
    {"cells", "The clusters of the matrix", cells},
    {"images", "The container images of the lab, with what of them is built", images},
};

std::string json_of(const Rows& rows)
{
  auto list = nlohmann::ordered_json::array();
  for (std::size_t row = 1; row < rows.size(); ++row) {
    nlohmann::ordered_json entry;
    for (std::size_t i = 0; i < rows[row].size(); ++i) {
      std::string key;
      for (const char letter : rows[0][i])
        key += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
      entry[key] = rows[row][i];
    }
    list.push_back(std::move(entry));
  }
  return record::json_text(list) + "\n";
}

int run_list(const Listing& listing, const std::string& output)
{
  const auto rows = listing.rows();
  if (!rows) return report_error(rows.error());
  print(output == "json" ? json_of(*rows) : table(*rows));
  return exit_good;
}

}  // namespace

void add_list(CLI::App& program, Chosen& chosen)
{
  auto* verb = program.add_subcommand("list", "What there is: causes, cells, images");
  verb->require_subcommand(1);
  verb->footer("Examples:\n  coroner list causes\n  coroner list cells --output json");
  const auto output = std::make_shared<std::string>("text");
  for (const auto& listing : listings) {
    auto* each = verb->add_subcommand(listing.name, listing.help);
    each->add_option("--output", *output, "text or json (default: text)")
        ->check(CLI::IsMember({"text", "json"}));
    each->footer(fmt::format("Example:\n  coroner list {} --output json", listing.name));
    each->callback([&chosen, &listing, output] {
      chosen.action = [&listing, output] { return run_list(listing, *output); };
    });
  }
}

}  // namespace coroner::cli
