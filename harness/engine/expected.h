// SPDX-License-Identifier: Apache-2.0
// Expectations of a node of this cluster, by the table that is compiled in.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/base/result.h"
#include "harness/cell/expectations.h"

namespace coroner::engine {

/// What is right on `node` (an object). Errors are those of the table itself.
base::Result<cell::NodeExpectations> expectations_of_node(const nlohmann::json& node);

}  // namespace coroner::engine
