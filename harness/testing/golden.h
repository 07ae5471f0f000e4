// SPDX-License-Identifier: Apache-2.0
// Golden files: what was approved once is what comes out, until somebody approves another.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace coroner::testing {

/// `text` with what differs from run to run replaced: times (2026-11-20T22:59:01.250Z, with or
/// without fraction) by TIME, run ids (20261120-225901-4f31) by RUN, UUIDs by UUID, and the current
/// folder and the folder for temporary files by ROOT and TMP.
std::string normalised(std::string_view text);

/// Holds normalised(actual) against the file `approved` (relative to the working folder, which is
/// the source's root in tests). With CORONER_APPROVE=1 in the environment the file is rewritten.
/// ErrorKind::invalid shows the first line that differs; not_found when nothing was approved yet.
base::Result<void> check_golden(const std::filesystem::path& approved, std::string_view actual);

}  // namespace coroner::testing
