// SPDX-License-Identifier: Apache-2.0
// The table of repeats, as data and pure functions.
#include "harness/kube/retry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "harness/base/random.h"

namespace coroner::kube {
namespace {

constexpr int too_many_requests = 429;

// 500 too: the API server answers it for etcd's time-outs (apiserver, storage errors).
constexpr std::array repeated_server_errors = {500, 502, 503, 504};

std::uint64_t seed_of(const RetryOptions& options)
{
  return options.seed != 0 ? options.seed : base::random_number();
}

}  // namespace

Backoff::Backoff(const RetryOptions& options) : options_(options), random_(seed_of(options)) {}

std::chrono::milliseconds Backoff::pause_after(int attempt)
{
  constexpr int largest_power = 20;
  const auto factor = std::int64_t{1} << std::clamp(attempt - 1, 0, largest_power);
  const auto ceiling = std::min(options_.largest_pause, options_.first_pause * factor);
  const std::scoped_lock lock(mutex_);
  std::uniform_int_distribution<std::int64_t> pause(0, std::max<std::int64_t>(0, ceiling.count()));
  return std::chrono::milliseconds{pause(random_)};
}

RateLimit::RateLimit(double per_second, double burst)
    : per_second_(std::max(per_second, 0.001)),
      burst_(std::max(burst, 1.0)),
      tokens_(burst_),
      filled_at_(base::Deadline::Clock::now())
{}

std::chrono::milliseconds RateLimit::reserve()
{
  const std::scoped_lock lock(mutex_);
  const auto now = base::Deadline::Clock::now();
  const std::chrono::duration<double> passed = now - filled_at_;
  filled_at_ = now;
  tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_) - 1;
  if (tokens_ >= 0) return std::chrono::milliseconds{0};
  return std::chrono::milliseconds{std::llround(std::ceil(-tokens_ / per_second_ * 1000))};
}

base::Result<void> RateLimit::take(const base::Deadline& deadline, const std::stop_token& stop)
{
  const auto pause = reserve();
  if (pause.count() == 0) return {};
  if (pause > deadline.left() || !base::wait_for(pause, stop)) {
    const std::scoped_lock lock(mutex_);
    tokens_ += 1;  // given up: whoever waits behind moves up
    return base::error(base::ErrorKind::timed_out,
                       "the deadline passed while requests were held to {} a second", per_second_);
  }
  return {};
}

bool is_worth_repeating(int status, Safety)
{
  if (status == too_many_requests) return true;
  return std::find(repeated_server_errors.begin(), repeated_server_errors.end(), status) !=
         repeated_server_errors.end();
}

bool is_worth_repeating(FailureKind kind, Safety safety)
{
  switch (kind) {
    case FailureKind::refused:
    case FailureKind::reset:
      return true;
    case FailureKind::slow:
    case FailureKind::malformed:
      return safety != Safety::create;
    default:
      return false;
  }
}

std::optional<std::chrono::milliseconds> retry_after(const HttpAnswer& answer)
{
  const auto found = answer.headers.find("retry-after");
  if (found == answer.headers.end()) return std::nullopt;
  const auto& text = found->second;
  unsigned seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr unsigned longest_seconds = 3600;
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || seconds > longest_seconds)
    return std::nullopt;
  return std::chrono::seconds{seconds};
}

}  // namespace coroner::kube
