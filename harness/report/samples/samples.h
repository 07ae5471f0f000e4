// SPDX-License-Identifier: Apache-2.0
// Records made by hand for the tests of reports.
#pragma once

#include <span>
#include <string_view>

#include "harness/record/record.h"

namespace coroner::report::samples {

/// A healthy nixos cell: one node, one simulated GPU, every check passes or is rightly skipped.
record::Record healthy();

/// The same cell with the device plugin lacking its mounts: GY005 first, what follows blocked.
record::Record nvml_missing();

/// Two nodes of different distros, a flaky check, a warning, waivers, a failure that no cause
/// explains, something left over, an insecure connection; stopped by SIGTERM. Replayed.
record::Record mixed();

/// Texts that try to become script, markup, terminal control or workflow commands.
std::span<const std::string_view> payloads();

/// `nvml_missing` with one payload or hostile byte sequence in every free text.
record::Record hostile();

/// `nodes` × `cases` results with a few failures and long evidence, for sizes.
record::Record large(int nodes, int cases);

}  // namespace coroner::report::samples
