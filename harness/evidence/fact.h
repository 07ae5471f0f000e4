// SPDX-License-Identifier: Apache-2.0
// Facts: named values with their source, and the difference between absent and not collected.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace coroner::evidence {

/// Whom a fact or a text concerns; "" where that is unknown or all of the cluster.
struct Scope {
  std::string node;
  std::string pod;   ///< "namespace/name"
  std::string file;  ///< For files of a host: the file itself.

  /// Whether both may speak of the same thing: each part equal, or unknown on one side.
  bool fits(const Scope& other) const;
};

/// One named value and where it stands. A null value says: looked there, and it is absent.
struct Fact {
  std::string name;
  nlohmann::json value;
  std::string source;  ///< Path in the bundle.
  int line = 0;        ///< From 1; 0: the whole file.
  Scope scope;
};

enum class Presence {
  present,
  absent,         ///< The place was collected and says nothing of it.
  not_collected,  ///< Nobody looked.
};

/// What is known of one name.
struct Answer {
  Presence presence = Presence::not_collected;
  std::vector<Fact> facts;  ///< Values when present; the places that lack it when absent.
  std::string collect;      ///< When not collected: what to collect, and the command that does.
};

/// Every fact of a bundle or text, and which places were looked at.
class FactStore {
 public:
  void add(Fact fact);

  /// All of `place` was collected on `node` ("" for the cluster); the words of Writer::collected.
  void mark_collected(const std::string& place, const std::string& node);
  bool was_collected(const std::string& place, const std::string& node) const;

  /// What is known of `name` within `scope`; an empty scope asks about everything.
  Answer ask(std::string_view name, const Scope& scope = {}) const;

  /// All facts of one name, absences (null values) included.
  std::vector<Fact> all(std::string_view name) const;

  std::size_t size() const;

 private:
  std::map<std::string, std::vector<Fact>, std::less<>> facts_;
  std::map<std::string, std::set<std::string>> collected_;
};

}  // namespace coroner::evidence
