// SPDX-License-Identifier: Apache-2.0
// A pool of channels, and calls and streams over them.
#include "harness/kube/transport.h"

#include <mutex>

#include "harness/kube/channel.h"

namespace coroner::kube {
namespace {

/// libcurl's own start must happen once, before any thread uses it.
void start_libcurl()
{
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(started);
}

}  // namespace

/// Idle channels, the warmest last, so that few connections serve sequential calls.
class Transport::Pool {
 public:
  Pool(Endpoint endpoint, Headers headers)
      : endpoint_(std::move(endpoint)), headers_(std::move(headers))
  {}

  std::unique_ptr<Channel> take()
  {
    {
      const std::scoped_lock lock(mutex_);
      if (!idle_.empty()) {
        auto channel = std::move(idle_.back());
        idle_.pop_back();
        return channel;
      }
    }
    return std::make_unique<Channel>(endpoint_, headers_);
  }

  void give_back(std::unique_ptr<Channel> channel)
  {
    constexpr std::size_t most_idle = 8;
    channel->finish();
    const auto skew = channel->clock_skew();
    const std::scoped_lock lock(mutex_);
    if (skew) clock_skew_ = skew;
    if (idle_.size() < most_idle) idle_.push_back(std::move(channel));
  }

  std::optional<std::chrono::seconds> clock_skew() const
  {
    const std::scoped_lock lock(mutex_);
    return clock_skew_;
  }

  const Endpoint& endpoint() const { return endpoint_; }

 private:
  const Endpoint endpoint_;
  const Headers headers_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Channel>> idle_;
  std::optional<std::chrono::seconds> clock_skew_;
};

LineStream::LineStream(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}
LineStream::LineStream(LineStream&&) noexcept = default;
LineStream& LineStream::operator=(LineStream&&) noexcept = default;
LineStream::~LineStream() = default;

int LineStream::status() const
{
  return channel_->answer().status;
}

Outcome<std::optional<std::string>> LineStream::next_line(const base::Deadline& deadline,
                                                          const std::stop_token& stop)
{
  auto& body = channel_->answer().body;
  const auto has_line = [&body] { return body.find('\n') != std::string::npos; };
  if (!has_line()) {
    const auto progress = channel_->drive(has_line, deadline, stop);
    if (progress == Channel::Progress::deadline) return std::nullopt;
    if (progress != Channel::Progress::reached)
      return tl::unexpected(channel_->failure_of(progress));
  }
  const auto end = body.find('\n');
  auto line = body.substr(0, end);
  body.erase(0, end + 1);
  return line;
}

Outcome<HttpAnswer> LineStream::rest(const base::Deadline& deadline, const std::stop_token& stop)
{
  const auto never = [] { return false; };
  if (!channel_->has_ended()) {
    const auto progress = channel_->drive(never, deadline, stop);
    if (progress != Channel::Progress::ended) return tl::unexpected(channel_->failure_of(progress));
  }
  return std::move(channel_->answer());
}

Transport::Transport(std::unique_ptr<Pool> pool) : pool_(std::move(pool)) {}
Transport::~Transport() = default;

base::Result<std::unique_ptr<Transport>> Transport::open(Endpoint endpoint, Headers headers)
{
  start_libcurl();
  return std::unique_ptr<Transport>(
      new Transport(std::make_unique<Pool>(std::move(endpoint), std::move(headers))));
}

Outcome<HttpAnswer> Transport::call(const HttpRequest& request, const Presented& credentials,
                                    const base::Deadline& deadline, const std::stop_token& stop)
{
  constexpr int most_redirects = 3;
  auto channel = pool_->take();
  if (!channel->is_usable())
    return tl::unexpected(Failure{FailureKind::impossible, "libcurl cannot be started", {}});
  HttpRequest current = request;
  for (int hop = 0;; ++hop) {
    channel->begin(current, credentials, false);
    const auto progress = channel->drive([] { return false; }, deadline, stop);
    if (progress != Channel::Progress::ended)
      return tl::unexpected(channel->failure_of(progress));  // its connection goes with it
    if (auto failure = channel->failure()) return tl::unexpected(std::move(*failure));
    const auto target = request.method == "GET" ? channel->redirect_target() : std::string{};
    if (target.empty() || hop == most_redirects) break;
    current.path = target;
  }
  auto answer = std::move(channel->answer());
  pool_->give_back(std::move(channel));
  return answer;
}

Outcome<LineStream> Transport::stream(const HttpRequest& request, const Presented& credentials,
                                      const base::Deadline& deadline, const std::stop_token& stop)
{
  auto channel = pool_->take();
  if (!channel->is_usable())
    return tl::unexpected(Failure{FailureKind::impossible, "libcurl cannot be started", {}});
  HttpRequest bounded = request;
  bounded.largest_body_bytes = largest_line_bytes;
  channel->begin(bounded, credentials, true);
  auto* raw = channel.get();
  const auto progress = channel->drive([raw] { return raw->has_headers(); }, deadline, stop);
  if (progress != Channel::Progress::reached) return tl::unexpected(channel->failure_of(progress));
  return LineStream(std::move(channel));
}

std::optional<std::chrono::seconds> Transport::clock_skew() const
{
  return pool_->clock_skew();
}

const std::string& Transport::url() const
{
  return pool_->endpoint().url;
}

}  // namespace coroner::kube
