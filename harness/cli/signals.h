// SPDX-License-Identifier: Apache-2.0
// SIGINT, SIGTERM and SIGHUP as a stop token.
#pragma once

#include <stop_token>

namespace coroner::cli {

/// While it lives, the first of the three signals requests a stop instead of ending the process;
/// a second one ends it. Writes to whoever has gone fail instead of ending the process (SIGPIPE).
/// One at a time.
class SignalStop {
 public:
  SignalStop();
  SignalStop(const SignalStop&) = delete;
  SignalStop& operator=(const SignalStop&) = delete;
  ~SignalStop();

  std::stop_token token() const { return source_.get_token(); }

  /// The signal that came, 0 while none did.
  int number() const;

 private:
  std::stop_source source_;
};

}  // namespace coroner::cli
