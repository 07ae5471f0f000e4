// SPDX-License-Identifier: Apache-2.0
// Runs the driver's own nvidia-smi, wherever this distro keeps it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "payload/files.h"
#include "payload/worker.h"

namespace coroner::payload {

/// Emits one line: {"path","exit_code","seconds","output","error_output","is_cut","tried":[path]};
/// without a program that could be started `error` = `not_found`, or `not_started` with `problem`
/// (an errno name); with one that did not end `timed_out`; with a code above 0 `exit_code`.
/// Gives exit_ok where nvidia-smi gave 0.
int smi(Worker& worker);

/// Where nvidia-smi may be, in the order in which it is looked for, each once: the folders of
/// `search_path` (the variable PATH), the places of the distros, beside the driver's library, and
/// in the store of NixOS.
std::vector<std::string> smi_places(const Root& root, std::string_view search_path);

}  // namespace coroner::payload
