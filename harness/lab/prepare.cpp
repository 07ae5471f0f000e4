// SPDX-License-Identifier: Apache-2.0
// Gathers a cell's parts and writes its folder.
#include "harness/lab/prepare.h"

#include <cerrno>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/lab/credentials.h"
#include "harness/lab/gpu_source.h"
#include "harness/lab/image_store.h"
#include "harness/lab/images.h"
#include "harness/lab/node_design.h"
#include "harness/lab/node_words.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;

std::vector<std::string> names_of(const std::map<std::string, Component>& components)
{
  std::vector<std::string> names;
  for (const auto& [name, component] : components) names.push_back(name);
  return names;
}

/// Builds what the cache lacks. Components with cgo and those without share no compiled package, so
/// each kind has a thread: what the one leaves of the processors while it loads and links, the
/// other takes. A third downloads ahead of both, so that neither waits for the network.
class PartBuilds {
 public:
  PartBuilds(const Places& places, std::string cell, const Progress& progress,
             const std::stop_token& stop)
      : places_(places),
        cell_(std::move(cell)),
        progress_(progress),
        pass_on_stop_(stop, [this] { ended_.request_stop(); })
  {}

  /// The folders of the components by part, or the first failure, which ends the other builds.
  Result<std::map<std::string, std::filesystem::path>> all(
      const std::map<std::string, Component>& parts)
  {
    {
      const std::jthread download([&](const std::stop_token& built) {
        for (const auto& [part, component] : parts)
          if (!built.stop_requested()) fetch_modules(places_, component, built);
      });
      const std::jthread beside([&] { build(parts, true); });
      build(parts, false);
    }
    if (failure_) return tl::unexpected(std::move(*failure_));
    return std::move(folders_);
  }

 private:
  void build(const std::map<std::string, Component>& parts, bool needs_cgo)
  {
    const Progress tell = [this](const std::string& line) {
      const std::lock_guard held(lock_);
      progress_(line);
    };
    for (const auto& [part, component] : parts) {
      if (component.needs_cgo != needs_cgo) continue;
      auto folder = provide_component(places_, component, tell, ended_.get_token());
      const std::lock_guard held(lock_);
      if (!folder) {
        if (!failure_)
          failure_ = folder.error().within(
              fmt::format("while building the part {} of cell {}", part, cell_));
        ended_.request_stop();
        return;
      }
      folders_[part] = *folder;
    }
  }

  const Places& places_;
  std::string cell_;
  const Progress& progress_;
  std::stop_source ended_;
  std::stop_callback<std::function<void()>> pass_on_stop_;
  std::mutex lock_;
  std::map<std::string, std::filesystem::path> folders_;
  std::optional<base::Error> failure_;
};

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
  std::map<std::string, Component> missing;
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
    TRY_ASSIGN(cached, cached_component(places, found->second));
    if (cached)
      provision.parts[part] = *cached;
    else
      missing.emplace(part, found->second);
  }
  if (!missing.empty()) {
    TRY_ASSIGN(built, PartBuilds(places, cell.name, progress, stop).all(missing));
    provision.parts.merge(built);
  }
  TRY_ASSIGN(images, provide_images(places, cell.images, components, progress, stop));
  for (const auto& image : images) provision.images.push_back(image.archive);
  const auto containerd = provision.parts.find("containerd");
  if (provision.images.empty() || containerd == provision.parts.end()) return provision;
  TRY_ASSIGN(store,
             provide_image_store(places, containerd->second, provision.images, progress, stop));
  provision.image_store = store;
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
  const fs::path root = cell.containerd.root;
  const bool is_on_disk =
      *std::next(root.begin()) == "var";  // of the cell's folder (node_root.cpp)
  const bool has_images = is_on_disk && !provision.image_store.empty() &&
                          link_image_store(provision.image_store, directory / root.relative_path());
  return Prepared{plan, placeholders(design), gpus.count, has_images};
}

}  // namespace coroner::lab
