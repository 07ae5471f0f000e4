// SPDX-License-Identifier: Apache-2.0
// ReplayedBundle: a bundle made in a temporary folder, its twin, and a real client of that; for
// tests of this room.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "harness/base/files.h"
#include "harness/evidence/writer.h"
#include "harness/kube/client.h"
#include "harness/twin/twin.h"

namespace coroner::twin {

inline const objects::Resource pods{"v1", "Pod", "pods", true};
inline const objects::Resource nodes{"v1", "Node", "nodes", false};
inline const objects::Resource namespaces{"v1", "Namespace", "namespaces", false};
inline const objects::Resource runtime_classes{"node.k8s.io/v1", "RuntimeClass", "runtimeclasses",
                                               false};
inline const objects::Resource daemon_sets{"apps/v1", "DaemonSet", "daemonsets", true};

/// Far enough away for a loaded machine; no test waits for it.
inline base::Deadline soon()
{
  return base::Deadline::in(std::chrono::seconds{30});
}

template <class T>
T must(base::Result<T> result)
{
  if (!result) throw std::runtime_error(result.error().text());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline nlohmann::json object(const std::string& api_version, const std::string& kind,
                             const std::string& space, const std::string& name,
                             const nlohmann::json& labels = nlohmann::json::object())
{
  nlohmann::json made = {{"apiVersion", api_version},
                         {"kind", kind},
                         {"metadata",
                          {{"name", name},
                           {"uid", "uid-" + kind + "-" + space + "-" + name},
                           {"resourceVersion", "7"},
                           {"labels", labels}}}};
  if (!space.empty()) made["metadata"]["namespace"] = space;
  return made;
}

/// A client of `access` whose retries happen at once.
inline std::unique_ptr<kube::Cluster> client_of(kube::ClusterAccess access,
                                                std::size_t page_items = 500)
{
  kube::Options options;
  options.retry = {.first_pause = std::chrono::milliseconds{1},
                   .largest_pause = std::chrono::milliseconds{2},
                   .attempts = 5,
                   .seed = 1};
  options.requests_per_second = 100'000;
  options.burst_requests = 100'000;
  options.page_items = page_items;
  return must(kube::connect(access, options));
}

class ReplayedBundle {
 public:
  using Fill = std::function<void(evidence::Writer&)>;
  /// Changes files behind the writer's back, before the twin reads them.
  using Spoil = std::function<void(const std::filesystem::path&)>;

  explicit ReplayedBundle(const Fill& fill, const Spoil& spoil = {})
      : folder_(must(base::ScopedDirectory::make("/tmp", "coroner-twin-test-"))),
        bundle_(written(folder_.path() / "bundle", fill, spoil))
  {
    twin_ = must(Twin::start(bundle_));
    client_ = client_of(twin_->access());
  }

  /// Only writes and opens the bundle.
  static evidence::Reader written(const std::filesystem::path& place, const Fill& fill,
                                  const Spoil& spoil)
  {
    auto writer = must(evidence::Writer::create(
        place, {.run = "run-1", .cluster = {"cluster-uid", "https://10.0.0.1:6443", "v1.34.1"}}));
    fill(writer);
    must(writer.finish());
    if (spoil) spoil(place);
    return must(evidence::Reader::open(place));
  }

  kube::Cluster* operator->() { return client_.get(); }
  const Twin& twin() const { return *twin_; }
  void end_twin() { twin_.reset(); }

 private:
  base::ScopedDirectory folder_;
  evidence::Reader bundle_;
  std::unique_ptr<Twin> twin_;
  std::unique_ptr<kube::Cluster> client_;
};

}  // namespace coroner::twin
