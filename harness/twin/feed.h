// SPDX-License-Identifier: Apache-2.0
// Feed: the lines of one watch.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "harness/base/deadline.h"
#include "harness/objects/resource.h"
#include "harness/twin/store.h"

namespace coroner::twin {

/// Bounds of a watch's own time, and how often a silent one is asked whether anybody listens.
inline constexpr std::chrono::seconds longest_watch{3600};
inline constexpr std::chrono::seconds usual_watch{1800};
inline constexpr std::chrono::milliseconds heartbeat{500};

/// What a watch asked for.
struct WatchOrder {
  Selection selection;
  objects::Resource resource;
  std::optional<std::uint64_t> since;  ///< Empty: everything that there is comes first as ADDED.
  bool wants_bookmarks = false;
  std::chrono::seconds length = usual_watch;
};

/// Used by one thread. Its store outlives it.
class Feed {
 public:
  Feed(const Store& store, WatchOrder order);

  /// Lines to send, each ended by a newline: first the objects that are newer than the version
  /// asked for, then what is deleted, and bookmarks on every heartbeat when they are wanted. ""
  /// when a heartbeat brought nothing; empty when the watch's time is over or the store closed.
  std::optional<std::string> next();

 private:
  std::string first();
  std::string line(const char* type, const nlohmann::json& object) const;
  std::string bookmark() const;

  const Store& store_;
  const WatchOrder order_;
  const base::Deadline end_;
  std::uint64_t version_ = 0;
  bool has_begun_ = false;
};

}  // namespace coroner::twin
