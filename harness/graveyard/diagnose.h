// SPDX-License-Identifier: Apache-2.0
// Diagnosis: evidence in, findings out, by the catalogue alone; the same live and offline.
#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/evidence/observed.h"
#include "harness/graveyard/catalogue.h"
#include "harness/record/finding.h"

namespace coroner::graveyard {

/// How sure a finding is, by what supports it. These are grades, not measured rates.
inline constexpr double hint_confidence = 0.40;  ///< One line or fact that others share.
inline constexpr double two_agree_confidence = 0.75;
inline constexpr double three_agree_confidence = 0.85;
inline constexpr double most_agree_confidence = 0.90;
inline constexpr double decisive_confidence = 0.92;  ///< A line that only this cause prints.
inline constexpr double most_confidence = 0.97;      ///< The same, and facts agree.

/// "decisive line", "several agreeing facts" or "weak hint".
std::string_view confidence_word(double confidence);

/// What a probable cause lacks to be certain.
struct Missing {
  std::string cause;
  std::string fact;
  std::string collect;  ///< What to collect, and the command.
};

struct Diagnosis {
  /// Best first: the certain ones by layer, earliest first, then the possible ones by confidence.
  std::vector<record::Finding> findings;
  /// Causes that hold, but follow from one of the findings.
  std::vector<record::Finding> consequences;
  /// Errors of the GPU stack that belong to no finding.
  std::vector<record::Evidence> unexplained;
  std::vector<Missing> missing;
};

/// Holds all causes against all evidence. Pure: the same input gives the same answer.
/// ErrorKind::internal when a set of signatures runs out of memory.
base::Result<Diagnosis> diagnose(const Catalogue& catalogue, const evidence::Observed& seen);

/// A case that did not pass on a node.
struct FailedCase {
  std::string id;    ///< "smoke/cuda_vector_add"
  std::string node;  ///< "" for a case of the cluster.
  bool is_warning = false;
};

/// Says for each failed case which finding explains it: among the certain findings of its node the
/// one of the lowest layer, if the case's suite stands at that layer or above. On each node the
/// failed cases of the lowest suite are explained, those above are blocked; a warning blocks no
/// failure. Gives the cases that nothing explains.
std::vector<FailedCase> attribute(Diagnosis& diagnosis, const std::vector<FailedCase>& failed);

}  // namespace coroner::graveyard
