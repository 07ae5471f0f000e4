// SPDX-License-Identifier: Apache-2.0
// Channel: one libcurl transfer at a time over connections that it keeps.
#pragma once

#include <memory>
#include <string>

#include <curl/curl.h>

#include "harness/kube/transport.h"

namespace coroner::kube {

/// Not thread-safe: one thread at a time. Reused for one request after the other.
class Channel {
 public:
  explicit Channel(const Endpoint& endpoint, const Transport::Headers& headers);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  bool is_usable() const { return easy_ != nullptr && multi_ != nullptr; }

  /// Sets a request up; nothing moves before drive().
  void begin(const HttpRequest& request, const Presented& credentials, bool is_stream);

  /// Why drive() came back.
  enum class Progress { ended, reached, deadline, idle };

  /// Moves bytes until the transfer ended, `is_enough` (asked after each step) says so, the
  /// deadline passed, stop was asked, or nothing came for the idle time.
  template <class IsEnough>
  Progress drive(IsEnough is_enough, const base::Deadline& deadline, const std::stop_token& stop)
  {
    const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_); });
    restart_idle_window();
    while (true) {
      step();
      if (is_enough()) return Progress::reached;
      if (has_ended_) return Progress::ended;
      if (deadline.has_passed() || stop.stop_requested()) return Progress::deadline;
      if (is_idle()) return Progress::idle;
      wait(deadline);
    }
  }

  /// Ends the transfer; an unfinished one loses its connection.
  void finish();

  /// How a transfer that ended failed; empty when the server answered.
  std::optional<Failure> failure() const;
  Failure failure_of(Progress progress) const;

  bool has_ended() const { return has_ended_; }
  bool has_headers() const { return has_headers_; }
  HttpAnswer& answer() { return answer_; }
  /// The same-origin target of a redirect; "" for none, ErrorKind-free: others are not followed.
  std::string redirect_target() const;
  std::optional<std::chrono::seconds> clock_skew() const { return clock_skew_; }

 private:
  void step();
  void wait(const base::Deadline& deadline);
  void restart_idle_window();
  bool is_idle();
  void set_connection();
  void set_tls(const Presented& credentials);
  void set_headers(const HttpRequest& request, const Presented& credentials);
  std::optional<Failure> tls_failure() const;
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  std::size_t take_body(std::string_view bytes);
  std::size_t take_header(std::string_view line);

  const Endpoint& endpoint_;
  const Transport::Headers& headers_;
  CURLM* multi_ = nullptr;
  CURL* easy_ = nullptr;
  curl_slist* sent_headers_ = nullptr;
  curl_slist* connect_to_ = nullptr;
  std::string body_;
  std::string error_text_ = std::string(CURL_ERROR_SIZE, '\0');

  HttpAnswer answer_;
  std::size_t largest_body_bytes_ = 0;
  std::size_t headers_bytes_ = 0;
  bool keeps_cut_body_ = false;
  bool is_stream_ = false;
  bool is_running_ = false;
  bool has_ended_ = false;
  bool has_headers_ = false;
  bool is_too_large_ = false;
  CURLcode code_ = CURLE_OK;
  std::optional<std::chrono::seconds> clock_skew_;

  std::size_t window_bytes_ = 0;
  base::Deadline::Clock::time_point window_began_;
};

}  // namespace coroner::kube
