// SPDX-License-Identifier: Apache-2.0
// Credential plugins: programs that a kubeconfig names and that print credentials.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/kube/access.h"

namespace coroner::kube {

/// A plugin's time and output are bounded by these.
inline constexpr std::chrono::seconds longest_plugin_run{30};
inline constexpr std::size_t largest_plugin_output_bytes = 1U << 20U;

/// What a plugin gave (ExecCredential /status).
struct ExecCredential {
  std::string token;
  std::string certificate_pem;
  std::string key_pem;
  std::optional<std::chrono::sys_seconds> expires_at;

  bool has_expired() const
  {
    const auto now = std::chrono::system_clock::now();
    return expires_at && std::chrono::floor<std::chrono::seconds>(now) >= *expires_at;
  }
};

/// The program that `plugin` would run: its command when that is a path, else what an absolute
/// folder of PATH has of that name; empty when none has. Links are not resolved.
std::filesystem::path plugin_program(const ExecPlugin& plugin);

/// Whether the policy lets `plugin` run, and where it is: an absolute path of a regular file that
/// belongs to this user or root and that nobody else can write, nor its folder. A name is looked
/// up in PATH first. ErrorKind::denied says what to pass to allow it; not_found gives the
/// plugin's own install hint.
base::Result<std::filesystem::path> check_plugin(const ExecPlugin& plugin,
                                                 const ExecPolicy& policy);

/// Runs the plugin without a shell, with PATH, HOME, its own listed variables, the proxy and
/// locale variables and KUBERNETES_EXEC_INFO only. ErrorKind::denied when the policy forbids it or
/// it exits with an error, invalid when what it prints is no ExecCredential of its apiVersion,
/// timed_out. What it says on its error output is in the error's text.
base::Result<ExecCredential> run_exec_plugin(const ExecPlugin& plugin, const ExecPolicy& policy,
                                             const base::Deadline& deadline,
                                             const std::stop_token& stop);

/// RFC 3339 ("2026-11-20T22:10:00Z", fractions and offsets allowed) as a time in whole
/// seconds, which the year 9999 does not overflow; empty otherwise.
std::optional<std::chrono::sys_seconds> parse_time(std::string_view text);

}  // namespace coroner::kube
