// SPDX-License-Identifier: Apache-2.0
// Twin: a loopback API server that replays a bundle to an unchanged client.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/evidence/reader.h"
#include "harness/kube/access.h"

namespace coroner::twin {

/// One request and what it came to. Neither query nor body are kept.
struct SeenRequest {
  std::string method;
  std::string path;  ///< Still percent-encoded, cut at longest_path_bytes.
  int status = 0;
  /// The bundle has no answer to this: a live cluster would have had one.
  bool is_unrecorded = false;
};

struct Statistics {
  std::uint64_t requests = 0;
  std::uint64_t denied = 0;       ///< Without the token: 401.
  std::uint64_t unrecorded = 0;   ///< Asked for what the bundle does not hold.
  std::uint64_t passed_over = 0;  ///< Objects of the bundle that are none, or not of their path.
};

/// How many requests seen() remembers; the oldest are forgotten first.
inline constexpr std::size_t most_seen_requests = 4096;

/// Serves HTTPS on 127.0.0.1, at a port that was free, while it exists. The certificate's authority
/// and the token are made anew each time and die with it.
///
/// It replays and simulates nothing: reading gives the last state of every recorded object (also of
/// those that were deleted while recording), creating what was recorded gives 409 AlreadyExists,
/// deleting takes an object out of this replay, dry runs and access reviews are answered as they
/// were. Whatever was not recorded is said to be so (403, 501), and never taken for absent.
///
/// Each is safe to use from several threads. It makes this process ignore SIGPIPE: OpenSSL writes
/// without MSG_NOSIGNAL, here and in the client.
class Twin {
 public:
  /// Reads all of `bundle` but its logs, which are read when they are asked for: it must outlive
  /// the twin. ErrorKind::invalid for a bundle that does not read or holds more than the twin
  /// serves; internal when there is no port or thread.
  static base::Result<std::unique_ptr<Twin>> start(const evidence::Reader& bundle);

  /// Ends open watches, then threads and socket; takes as long as the slowest client needs to be
  /// given up, a few seconds at most.
  ~Twin();

  /// How to connect. The token is in here.
  kube::ClusterAccess access() const;

  Statistics statistics() const;
  std::vector<SeenRequest> seen() const;

 private:
  class Body;
  explicit Twin(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace coroner::twin
