// SPDX-License-Identifier: Apache-2.0
// Names and marks of a run: its id, its nonces, and what is written on everything that it creates.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"

namespace coroner::engine {

/// Digits of a run id, and of each nonce.
inline constexpr std::size_t run_id_digits = 10;
inline constexpr std::size_t nonce_digits = 32;

/// Random hexadecimal digits from the kernel.
base::Result<std::string> random_digits(std::size_t count);

/// The nonce of one container of one pod, made from the run's secret seed: no log of another run
/// has it, and the plan alone tells it again.
std::string nonce_of(const std::string& seed, const std::string& pod, const std::string& container);

/// "2026-11-21T14:05:00Z".
std::string time_text(std::chrono::system_clock::time_point time);

/// "coroner-<run id>", "-mounts" and "-open": the namespaces of a run.
std::string space_name(const std::string& run_id, std::string_view suffix = {});

/// Writes both labels and the expiry into `object`.
void mark(nlohmann::json& object, const std::string& run_id, const std::string& expires_at);

}  // namespace coroner::engine
