// SPDX-License-Identifier: Apache-2.0
// A recorded run whose cluster, told anew, says the same things in the words of an attacker.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace coroner {

/// What a log can hold to act on whoever shows it, a few lines each: markup, terminal sequences,
/// commands of workflow runners, Markdown, bytes that are no UTF-8, a line of a mebibyte. Every one
/// holds a word that begins with `attack_mark`.
std::string attacks();
inline constexpr std::string_view attack_mark = "zap";

/// The same lines with a letter for every byte: what a benign cluster says.
std::string calm(std::string_view text);

/// Writes the bundle of the run recorded in `recorded` to `folder`, as a run would have written it:
/// its smoke pod's log and status, its events, its node's labels, annotations and versions, the
/// plugin's log and the answers of its API hold `text`. Two smoke cases fail, one passes, and a
/// cause is found in the plugin's log.
base::Result<void> write_bundle(const std::filesystem::path& recorded,
                                const std::filesystem::path& folder, const std::string& text);

}  // namespace coroner
