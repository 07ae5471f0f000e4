// SPDX-License-Identifier: Apache-2.0
// Credentials: what to present to the server now, read again as files and tokens rotate.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/deadline.h"
#include "harness/base/result.h"
#include "harness/kube/access.h"
#include "harness/kube/exec_plugin.h"

namespace coroner::kube {

/// How old what was read may become before it is read again.
struct CredentialAges {
  std::chrono::milliseconds token{std::chrono::minutes{1}};        ///< client-go, rest/token_source
  std::chrono::milliseconds certificate{std::chrono::minutes{5}};  ///< client-go, cert_rotation
};

/// What one request presents; "" where it presents nothing of the kind.
struct Presented {
  std::string token;
  std::string username;
  std::string password;
  std::string certificate_pem;
  std::string key_pem;
};

/// Thread-safe. One object per connected cluster.
class Credentials {
 public:
  /// Reads and checks everything once. `plugin` is empty where no exec entry exists.
  static base::Result<std::unique_ptr<Credentials>> open(const ClusterAccess& access,
                                                         const ExecPolicy& policy,
                                                         const CredentialAges& ages);

  /// What to present now. A failed re-read keeps the last good value. The first run of a
  /// credential plugin happens here, so the call may take until `deadline`.
  base::Result<Presented> present(const base::Deadline& deadline, const std::stop_token& stop);

  /// Forgets what can be had anew after the server refused it (401); false when nothing can.
  bool refresh();

  /// Sentences for people that reading the files gave rise to.
  std::vector<std::string> warnings() const;

 private:
  using Clock = std::chrono::steady_clock;
  Credentials(const ClusterAccess& access, ExecPolicy policy, const CredentialAges& ages);
  base::Result<void> read_certificate();
  base::Result<void> read_token();
  base::Result<std::string> read_noting(const std::filesystem::path& file);
  base::Result<void> run_plugin(const base::Deadline& deadline, const std::stop_token& stop);

  const Material certificate_;
  const Material key_;
  const std::filesystem::path token_file_;
  const std::optional<ExecPlugin> exec_;
  const ExecPolicy policy_;
  const CredentialAges ages_;

  mutable std::mutex mutex_;
  Presented presented_;
  Clock::time_point token_read_at_;
  Clock::time_point certificate_read_at_;
  std::optional<ExecCredential> plugin_given_;
  std::vector<std::string> warnings_;
};

}  // namespace coroner::kube
