// SPDX-License-Identifier: Apache-2.0
// Replay: requests of the Kubernetes API answered from a recording; knows no network.
#pragma once

#include <atomic>
#include <mutex>

#include "harness/evidence/reader.h"
#include "harness/twin/answer.h"
#include "harness/twin/recording.h"
#include "harness/twin/route.h"
#include "harness/twin/store.h"

namespace coroner::twin {

/// Watches that are open at a time; a further one is answered 429.
inline constexpr int most_watches = 24;

/// Thread-safe. Feeds that it gave away must not outlive it.
class Replay {
 public:
  /// `bundle` outlives this; logs are read from it.
  Replay(Recording recording, const evidence::Reader& bundle);

  Answer answer(const Request& request);

  /// Ends every watch, now and from now on.
  void close() { store_.close(); }

 private:
  /// A request whose path names a kind.
  struct Call {
    const Request& request;
    const Route& route;
    std::size_t kind = 0;
    About about;

    std::string parameter(const std::string& name) const;
  };

  Answer dispatch(const Call& call);
  Answer read(const Call& call);
  Answer get(const Call& call);
  Answer list(const Call& call);
  Answer watch(const Call& call, Selection selection);
  Answer log(const Call& call);
  Answer create(const Call& call);
  Answer dry_run(const Call& call, const nlohmann::json& object) const;
  Answer review(const nlohmann::json& review) const;
  Answer remove(const Call& call);
  Answer remove_collection(const Call& call);
  Answer not_collected(const Call& call) const;
  bool is_complete(const Selection& selection) const;
  base::Result<Selection> selection_of(const Call& call) const;

  Recording recording_;  ///< Its objects have moved into the store; nothing changes afterwards.
  const evidence::Reader& bundle_;
  Store store_;
  std::mutex logs_mutex_;  ///< One log in memory at a time, however many ask.
  std::atomic<int> watches_{0};
};

}  // namespace coroner::twin
