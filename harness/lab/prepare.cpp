// SPDX-License-Identifier: Apache-2.0
// Gathers a cell's parts and writes its folder.
#include "harness/lab/prepare.h"

#include <cerrno>

#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/lab/credentials.h"
#include "harness/lab/gpu_source.h"
#include "harness/lab/images.h"
#include "harness/lab/node_design.h"
#include "harness/lab/node_words.h"

namespace coroner::lab {
namespace {

using base::ErrorKind;
using base::Result;

std::vector<std::string> names_of(const std::map<std::string, Component>& components)
{
  std::vector<std::string> names;
  for (const auto& [name, component] : components) names.push_back(name);
  return names;
}

/// Names of files that only a driver or a toolkit puts below /usr.
const std::vector<std::string> driver_file_prefixes = {
    "libnvidia-",      "libcuda.so", "libnvcuvid", "libnvoptix",
    "libcudadebugger", "nvidia-",    "nvidia_"};

}  // namespace

Result<Provision> provide(const Places& places, const cell::Cell& cell, const Progress& progress,
                          const std::stop_token& stop)
{
  TRY_ASSIGN(components, load_components(places.matrix));
  Provision provision;
  for (const auto& [part, name] : cell.components) {
    const auto found = components.find(name);
    if (found == components.end()) {
      const auto near = base::nearest(name, names_of(components));
      return base::error_with_hint(ErrorKind::invalid,
                                   fmt::format("{}.yaml: the part {} names the component '{}', "
                                               "which lab/components.yaml does not have",
                                               cell.name, part, name),
                                   near.empty() ? "" : "did you mean '" + near + "'?");
    }
    auto folder = provide_component(places, found->second, progress, stop);
    if (!folder)
      return base::pass_on(std::move(folder).error(),
                           fmt::format("while building the part {} of cell {}", part, cell.name));
    provision.parts[part] = *folder;
  }
  TRY_ASSIGN(images, provide_images(places, cell.images, components, progress, stop));
  for (const auto& image : images) provision.images.push_back(image.archive);
  return provision;
}

Result<Prepared> prepare_directory(const Places& places, const cell::Cell& cell,
                                   const UpRequest& request, const Provision& provision,
                                   const CgroupLayout& cgroups, int port)
{
  const auto directory = places.cell(request.name);
  const auto node = directory / "node";
  TRY(base::make_directories(node / "log"));
  if (::mkfifo((node / "control").c_str(), 0600) != 0 && errno != EEXIST)
    return tl::unexpected(base::file_error("create", node / "control", errno));
  TRY(write_credentials(node, request.name, {node_address, port}));
  const auto profile = request.gpu_profile.empty() ? cell.gpu_profile : request.gpu_profile;
  TRY_ASSIGN(gpus, provide_gpus(places, {request.gpu, request.gpu_count.value_or(cell.gpu_count),
                                         profile, cell.driver, directory / "driver"}));
  NodeDesign design;
  design.cell = cell;
  design.cell.files.insert(design.cell.files.begin(), gpus.files.begin(), gpus.files.end());
  design.name = request.name;
  design.directory = directory;
  design.parts = provision.parts;
  design.words = {{"driver_version", gpus.driver_version}};
  design.cgroups = cgroups;
  design.devices = gpus.devices;
  design.binds = gpus.binds;
  design.binds.push_back({places.images().string(), "/opt/coroner/images", true});
  design.hidden = driver_file_prefixes;
  design.domain_name = gpus.domain_name;
  TRY_ASSIGN(plan, plan_node(places, design));
  TRY(base::write_file(node / "plan.json", to_json(plan), 0600));
  TRY(write_node_words(directory, placeholders(design)));
  return Prepared{plan, placeholders(design), gpus.count};
}

}  // namespace coroner::lab
