// SPDX-License-Identifier: Apache-2.0
// Kubernetes quantities: "2", "500m", "16Gi", "1e3".
#pragma once

#include <string_view>

#include "harness/base/result.h"

namespace coroner::objects {

/// A quantity in its base unit (bytes, cores, devices); "500m" is 0.5, "1Ki" is 1024.
/// Format: k8s.io/apimachinery/pkg/api/resource, quantity.go. ErrorKind::invalid for other text.
base::Result<double> parse_quantity(std::string_view text);

}  // namespace coroner::objects
