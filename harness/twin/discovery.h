// SPDX-License-Identifier: Apache-2.0
// Discovery: which groups, versions and kinds a recording lets the twin claim to serve; pure.
#pragma once

#include "harness/twin/answer.h"
#include "harness/twin/recording.h"
#include "harness/twin/route.h"

namespace coroner::twin {

/// GET of Place::groups, group or version. Only kinds that the bundle mentions are claimed, and
/// access reviews: a group that it says nothing of is 404, as of a cluster without it.
Answer discover(const Recording& recording, const Route& route);

/// GET /version.
Answer version_answer(const evidence::ClusterIdentity& cluster);

}  // namespace coroner::twin
