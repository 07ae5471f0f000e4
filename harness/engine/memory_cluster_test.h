// SPDX-License-Identifier: Apache-2.0
// MemoryCluster: a cluster of objects in memory with a kubelet that does what a test says; it
// remembers every call.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "harness/base/text.h"
#include "harness/kube/cluster.h"
#include "harness/objects/object.h"

namespace coroner::engine {

class MemoryCluster : public kube::Cluster {
 public:
  using json = nlohmann::json;
  template <class T>
  using Result = base::Result<T>;

  /// What becomes of a pod that was created: its status, and the logs of its containers.
  std::function<void(json& pod, std::map<std::string, std::string>& logs)> kubelet = [](json&,
                                                                                        auto&) {};
  bool may_do_all = true;
  std::set<std::string> refused;  ///< Plurals about which a review says no all the same.

  void add(json object)
  {
    object["metadata"]["uid"] = "uid-" + std::to_string(++last_uid_);
    const auto name = key(object);
    objects_[name] = std::move(object);
  }

  std::vector<std::string> titles() const
  {
    std::vector<std::string> all;
    for (const auto& [name, object] : objects_) all.push_back(objects::title_of(object));
    return all;
  }
  const std::vector<std::string>& calls() const { return calls_; }

  Result<json> get(const kube::Target& target, const base::Deadline&,
                   const std::stop_token&) override
  {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(target.resource.kind + " " + target.space + "/" + target.name);
    if (found == objects_.end()) return base::error(base::ErrorKind::not_found, "not found");
    return found->second;
  }

  Result<kube::Listing> list(const kube::Query& query, const base::Deadline&,
                             const std::stop_token&) override
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back("list " + query.resource.kind);
    kube::Listing listing{.resource_version = "1"};
    for (const auto& [name, object] : objects_)
      if (objects::kind_of(object) == query.resource.kind && fits(object, query))
        listing.items.push_back(object);
    return listing;
  }

  Result<json> create(const json& object, const kube::CreateOptions& options, const base::Deadline&,
                      const std::stop_token&) override
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back((options.is_dry_run ? "dry-run " : "create ") + objects::title_of(object));
    auto made = object;
    if (options.is_dry_run) return made;
    if (objects::kind_of(made) == "Pod") {
      std::map<std::string, std::string> logs;
      kubelet(made, logs);
      for (const auto& [container, text] : logs)
        logs_[objects::namespace_of(made) + "/" + objects::name_of(made) + "/" + container] = text;
    }
    made["metadata"]["uid"] = "uid-" + std::to_string(++last_uid_);
    objects_[key(made)] = made;
    return made;
  }

  Result<json> replace(const json& object, const base::Deadline&, const std::stop_token&) override
  {
    return object;
  }
  Result<json> patch(const kube::Target&, const kube::Patch&, const base::Deadline&,
                     const std::stop_token&) override
  {
    return base::error(base::ErrorKind::internal, "nothing is patched here");
  }

  Result<bool> remove(const kube::Target& target, const kube::Removal& removal,
                      const base::Deadline&, const std::stop_token&) override
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back("remove " + target.resource.kind + " " + target.name);
    const auto found = objects_.find(target.resource.kind + " " + target.space + "/" + target.name);
    if (found == objects_.end()) return false;
    if (!removal.uid.empty() && removal.uid != objects::uid_of(found->second))
      return base::error(base::ErrorKind::invalid, "another uid");
    const auto name = target.name;
    objects_.erase(found);
    if (target.resource.kind == "Namespace")
      std::erase_if(objects_,
                    [&](const auto& entry) { return objects::namespace_of(entry.second) == name; });
    return true;
  }

  Result<kube::LogText> logs(const kube::LogQuery& query, const base::Deadline&,
                             const std::stop_token&) override
  {
    const std::lock_guard lock(mutex_);
    return kube::LogText{.text = logs_[query.space + "/" + query.pod + "/" + query.container]};
  }

  std::unique_ptr<kube::Watch> watch(const kube::Query& query) override
  {
    return std::make_unique<MemoryWatch>(*this, query);
  }

  Result<kube::Allowance> access_review(const kube::Action& action, const base::Deadline&,
                                        const std::stop_token&) override
  {
    return kube::Allowance{.is_allowed = may_do_all && !refused.contains(action.plural)};
  }
  Result<kube::RawAnswer> raw(const std::string&, const base::Deadline&,
                              const std::stop_token&) override
  {
    return kube::RawAnswer{.status = 200, .body = "ok"};
  }
  Result<kube::Identity> identity(const base::Deadline&, const std::stop_token&) override
  {
    return kube::Identity{.uid = "u", .server = "https://memory", .version = "v1.34.1"};
  }
  Result<objects::Resource> resource_for(const std::string& api_version, const std::string& kind,
                                         const base::Deadline&, const std::stop_token&) override
  {
    return objects::resource_for(api_version, kind);
  }
  kube::Statistics statistics() const override { return {}; }

 private:
  /// Tells each present object once, then nothing until the deadline.
  class MemoryWatch : public kube::Watch {
   public:
    MemoryWatch(MemoryCluster& cluster, kube::Query query)
        : cluster_(cluster), query_(std::move(query))
    {}
    Result<std::optional<kube::WatchEvent>> next(const base::Deadline& deadline,
                                                 const std::stop_token& stop) override
    {
      {
        const std::lock_guard lock(cluster_.mutex_);
        for (const auto& [name, object] : cluster_.objects_) {
          if (objects::kind_of(object) != query_.resource.kind || !fits(object, query_)) continue;
          if (told_.insert(objects::uid_of(object)).second)
            return kube::WatchEvent{kube::WatchEventType::added, object};
        }
      }
      base::wait_for(std::min(deadline.left(), std::chrono::milliseconds(20)), stop);
      return std::nullopt;
    }

   private:
    MemoryCluster& cluster_;
    kube::Query query_;
    std::set<std::string> told_;
  };

  static std::string key(const json& object)
  {
    return objects::kind_of(object) + " " + objects::namespace_of(object) + "/" +
           objects::name_of(object);
  }

  static bool fits(const json& object, const kube::Query& query)
  {
    if (!query.space.empty() && objects::namespace_of(object) != query.space) return false;
    if (query.labels.empty()) return true;
    for (const auto& term : base::split(query.labels, ',')) {
      const auto equals = term.find('=');
      const auto labels = objects::labels_of(object);
      const auto found = labels.find(term.substr(0, equals));
      if (found == labels.end()) return false;
      if (equals != std::string::npos && found->second != term.substr(equals + 1)) return false;
    }
    return true;
  }

  mutable std::mutex mutex_;
  std::map<std::string, json> objects_;
  std::map<std::string, std::string> logs_;
  std::vector<std::string> calls_;
  int last_uid_ = 0;
};

}  // namespace coroner::engine
