// SPDX-License-Identifier: Apache-2.0
// Assess: a bundle as a record: every task judged, findings made, failures explained. Pure.
#pragma once

#include "harness/base/result.h"
#include "harness/evidence/reader.h"
#include "harness/graveyard/catalogue.h"
#include "harness/record/record.h"

namespace coroner::engine {

/// The record of the run that wrote `bundle`. A bundle without a plan (evidence that was only
/// collected) gives findings and no results. A bundle of a killed run is Ending::lost.
/// ErrorKind::invalid for events or a plan that do not read.
base::Result<record::Record> assess(const evidence::Reader& bundle,
                                    const graveyard::Catalogue& catalogue);

}  // namespace coroner::engine
