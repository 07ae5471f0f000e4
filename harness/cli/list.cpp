// SPDX-License-Identifier: Apache-2.0
// `coroner list`: what there is, as data.
#include <memory>

#include "harness/base/text.h"
#include "harness/cell/cell.h"
#include "harness/cli/catalogue.h"
#include "harness/cli/output.h"
#include "harness/cli/program.h"
#include "harness/cli/verbs.h"
#include "harness/embedded/embedded.h"
#include "harness/engine/case.h"
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

Result<Rows> cases()
{
  Rows rows = {{"CASE", "EFFECT", "REQUIREMENT"}};
  for (const auto& each : engine::registry())
    rows.push_back({each.id, std::string(record::word(each.effect)), each.requirement});
  return rows;
}

/// What an account needs; a right that is missing costs the cases that its row names.
Result<Rows> permissions()
{
  return Rows{
      {"VERBS", "RESOURCE", "WITHOUT IT"},
      {"get list", "nodes", "no node is found: nothing can be judged"},
      {"list", "pods, daemonsets.apps", "the plugin and busy GPUs are not seen"},
      {"list", "runtimeclasses.node.k8s.io", "the runtime suite cannot judge"},
      {"get", "namespaces (kube-system)", "the cluster cannot be told from another one"},
      {"get", "pods/log", "the plugin's own words and the results of pods are missing"},
      {"create delete list", "namespaces", "no pods are run, unless --namespace names one"},
      {"create list watch delete", "pods, configmaps (in the run's namespaces)", "no pods are run"},
      {"create delete list", "priorityclasses.scheduling.k8s.io",
       "pods have the cluster's default priority, not the lowest"},
      {"get create", "secrets (named by --pull-secret, in the run's namespaces)",
       "images of private registries cannot be pulled"},
      {"list", "events (in the run's namespaces)", "why a pod did not start may stay unknown"},
  };
}

/// What can be listed.
struct Listing {
  const char* name;
  const char* help;
  Result<Rows> (*rows)();
};

constexpr Listing listings[] = {
    {"cases", "Every requirement that a probe judges", cases},
    {"permissions", "The RBAC rules that a probe uses, and what each is for", permissions},
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
  auto* verb =
      program.add_subcommand("list", "What there is: cases, permissions, causes, cells, images");
  verb->require_subcommand(1);
  verb->footer(
      "Examples:\n  coroner list cases\n  coroner list causes\n  coroner list cells --output json");
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
