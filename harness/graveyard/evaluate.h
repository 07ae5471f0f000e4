// SPDX-License-Identifier: Apache-2.0
// Rules against evidence: where each holds, and what it was seen in; for this room only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/evidence/fact.h"
#include "harness/evidence/observed.h"
#include "harness/graveyard/cause.h"
#include "harness/graveyard/component.h"
#include "harness/graveyard/signature_set.h"

namespace coroner::graveyard {

/// Bounds of one rule on one body of evidence.
inline constexpr std::size_t most_matches = 256;
inline constexpr std::size_t most_evidence_lines = 8;

/// A line that a signature hit, with the text it stands in.
struct LineHit {
  Hit hit;
  const evidence::Text* text = nullptr;
  std::string component;  ///< Of the line, else of its text; "" when neither tells.
};

/// What rules are held against.
struct Ground {
  std::map<int, std::vector<LineHit>> hits;  ///< By signature.
  evidence::FactStore facts;
};

/// One way in which a rule holds.
struct Match {
  evidence::Scope scope;
  std::vector<record::Evidence> evidence;
  std::map<std::string, std::string> captures;
  int points = 0;  ///< Observations that agree.
  bool is_decisive = false;
};

/// Every way in which `rule` holds, at most most_matches.
std::vector<Match> evaluate(const Rule& rule, const Ground& ground);

/// Whether `value` meets `test`; not for absent.
bool holds(const FactTest& test, const nlohmann::json& value);

/// Whether version `text` ("v1.17.4-rc.1") meets all of `wanted` (">=1.17.4 <1.18").
bool is_version_within(std::string_view text, std::string_view wanted);

}  // namespace coroner::graveyard
