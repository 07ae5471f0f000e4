// SPDX-License-Identifier: Apache-2.0
// Store: the recorded objects of a replay, what was deleted in it, and who waits for that.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/deadline.h"
#include "harness/twin/recording.h"
#include "harness/twin/selector.h"

namespace coroner::twin {

/// Which objects of one kind are meant.
struct Selection {
  std::size_t kind = 0;
  std::string space;  ///< "": all namespaces.
  Selector selector;

  bool fits(const nlohmann::json& object) const;
};

/// One page of a list.
struct Page {
  std::vector<nlohmann::json> items;  ///< By namespace and name.
  std::string next;                   ///< The key that the next page begins after; "" at the end.
  std::uint64_t version = 0;          ///< Of the whole store.
};

enum class Removed { yes, missing, other_uid };

/// What became of a selection since a version. The only changes of a replay are deletions.
struct News {
  std::vector<nlohmann::json> deleted;  ///< Last states, each with the version of its deletion.
  std::uint64_t version = 0;
  bool is_closed = false;  ///< The replay ends.
};

/// Thread-safe. Versions are numbers above every recorded resourceVersion that is one.
class Store {
 public:
  /// `namespaces` is the index of the kind Namespace: with one of those goes all that is in it.
  Store(std::vector<RecordedObject> objects, std::size_t namespaces);

  std::optional<nlohmann::json> get(std::size_t kind, const std::string& space,
                                    const std::string& name) const;
  bool was_deleted(std::size_t kind, const std::string& space, const std::string& name) const;

  /// At most `limit` objects (0: all) behind the key `after`.
  Page list(const Selection& selection, std::size_t limit, const std::string& after) const;

  /// Objects whose own resourceVersion is a number above `version`.
  std::vector<nlohmann::json> newer_than(const Selection& selection, std::uint64_t version) const;

  /// Takes one object out, when its uid is `uid` or that is "".
  Removed remove(std::size_t kind, const std::string& space, const std::string& name,
                 const std::string& uid);
  void remove_all(const Selection& selection);

  /// Waits until something of the selection was deleted after `version`, the deadline passed or
  /// the store was closed.
  News news(const Selection& selection, std::uint64_t version,
            const base::Deadline& deadline) const;

  std::uint64_t version() const;

  /// Ends all waits, now and from now on.
  void close();

 private:
  using Objects = std::map<std::string, nlohmann::json>;  ///< By key.

  struct Deletion {
    std::size_t kind = 0;
    std::string key;
    nlohmann::json object;
  };

  void erase(std::size_t kind, Objects::iterator place);
  std::vector<nlohmann::json> deleted_since(const Selection& selection,
                                            std::uint64_t version) const;

  const std::size_t namespaces_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::size_t, Objects> objects_;  ///< By kind.
  std::uint64_t first_version_ = 1;
  /// In order: the version of the n-th is first_version_ + n + 1. Never more than there were
  /// objects.
  std::vector<Deletion> deletions_;
  std::set<std::pair<std::size_t, std::string>> deleted_keys_;
  bool is_closed_ = false;
};

/// A decimal resourceVersion; empty for anything else, and for numbers that leave no room above.
std::optional<std::uint64_t> version_number(std::string_view text);

}  // namespace coroner::twin
