// SPDX-License-Identifier: Apache-2.0
// Saved evidence as a record and a diagnosis: what `diagnose` and `report` share.
#pragma once

#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "harness/cli/input.h"
#include "harness/graveyard/diagnose.h"
#include "harness/record/record.h"

namespace coroner::cli {

/// What is said of an input. The record's findings are the diagnosis' (certain ones first).
struct Assessment {
  record::Record record;  ///< Mode::replay.
  graveyard::Diagnosis diagnosis;
};

/// The one place where offline verbs turn evidence into a record: a bundle keeps its run's
/// identity, anything else gets one made of `input.name` and the time. `version` is this program's.
base::Result<Assessment> assess(const Input& input, const graveyard::Catalogue& catalogue,
                                const std::string& version);

/// How many findings are certain, and make a run fail.
std::size_t certain_findings(const record::Record& record);

}  // namespace coroner::cli
