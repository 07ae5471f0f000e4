// SPDX-License-Identifier: Apache-2.0
// A watch as a loop of list, stream and refresh; the list is the truth, events are haste.
#include "harness/kube/watch.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "harness/base/random.h"
#include "harness/kube/json_text.h"
#include "harness/kube/requests.h"
#include "harness/objects/object.h"

namespace coroner::kube {
namespace {

using base::Deadline;
using base::ErrorKind;
using base::Result;
using nlohmann::json;
using std::stop_token;

constexpr int ok = 200;
constexpr int forbidden = 403;
constexpr int method_not_allowed = 405;
constexpr int gone = 410;

/// Versions are numbers in practice; others compare equal to nothing and are never older.
std::optional<std::uint64_t> version_number(const std::string& version)
{
  std::uint64_t number = 0;
  const auto read = std::from_chars(version.data(), version.data() + version.size(), number);
  if (read.ec != std::errc{} || read.ptr != version.data() + version.size()) return std::nullopt;
  return number;
}

/// What is kept of an object to tell changes and to name it once it is gone.
json summary_of(const json& object)
{
  const auto& metadata = objects::at(object, "/metadata");
  json kept = json::object();
  for (const char* key : {"name", "namespace", "uid", "resourceVersion", "labels"})
    if (metadata.is_object() && metadata.contains(key)) kept[key] = metadata[key];
  return {{"apiVersion", objects::api_version_of(object)},
          {"kind", objects::kind_of(object)},
          {"metadata", std::move(kept)}};
}

class ApiWatch : public Watch {
 public:
  ApiWatch(Session& session, Query query) : session_(session), query_(std::move(query)) {}

  Result<std::optional<WatchEvent>> next(const Deadline& deadline, const stop_token& stop) override
  {
    while (true) {
      if (!pending_.empty()) {
        auto event = std::move(pending_.front());
        pending_.pop_front();
        return event;
      }
      if (deadline.has_passed() || stop.stop_requested()) {
        if (last_trouble_) return tl::unexpected(*last_trouble_);
        return std::nullopt;
      }
      TRY(advance(deadline, stop));
    }
  }

 private:
  /// One step: list when it is due, else read one line or wait.
  Result<void> advance(const Deadline& deadline, const stop_token& stop)
  {
    if (std::exchange(needs_pause_, false)) {
      static_cast<void>(session_.pause(++failures_, deadline, stop));
      return {};
    }
    if (!has_listed_ || Deadline::Clock::now() >= refresh_at_) return relist(deadline, stop);
    const auto until = deadline.at_most(refresh_at_ - Deadline::Clock::now());
    if (is_polling_) {
      base::wait_for(until.left(), stop);
      return {};
    }
    return stream_ ? read_line(until, stop) : open_stream(deadline, stop);
  }

  Result<void> relist(const Deadline& deadline, const stop_token& stop);
  void compare(const Listing& listing);
  Result<void> open_stream(const Deadline& deadline, const stop_token& stop);
  Result<void> read_line(const Deadline& until, const stop_token& stop);
  void take_line(const std::string& line);
  void distrust_stream();
  void take_change(const std::string& type, json object);
  Result<void> back_off(base::Error trouble, const Deadline& deadline, const stop_token& stop);
  void schedule_refresh();

  Session& session_;
  const Query query_;
  std::deque<WatchEvent> pending_;
  std::map<std::string, json> known_;  ///< By uid.
  std::set<std::string> gone_;         ///< Uids deleted since the last list.
  std::optional<LineStream> stream_;
  std::string resume_version_;
  std::optional<std::uint64_t> listed_version_;
  Deadline::Clock::time_point refresh_at_;
  Deadline::Clock::time_point stream_began_;
  bool has_listed_ = false;
  bool is_polling_ = false;
  bool needs_pause_ = false;
  int failures_ = 0;
  std::optional<base::Error> last_trouble_;
};

void ApiWatch::schedule_refresh()
{
  const auto& options = session_.options();
  refresh_at_ = Deadline::Clock::now() + (is_polling_ ? options.poll : options.refresh);
}

/// Waits before the next try; once something was listed a lost server is waited for.
Result<void> ApiWatch::back_off(base::Error trouble, const Deadline& deadline,
                                const stop_token& stop)
{
  stream_.reset();
  const bool may_pass =
      trouble.kind == ErrorKind::unreachable || trouble.kind == ErrorKind::timed_out;
  if (!has_listed_ || !may_pass) return tl::unexpected(std::move(trouble));
  // The caller's own deadline says nothing about the server.
  if (trouble.kind == ErrorKind::timed_out && deadline.has_passed()) return {};
  last_trouble_ = std::move(trouble);
  static_cast<void>(session_.pause(++failures_, deadline, stop));
  return {};
}

Result<void> ApiWatch::relist(const Deadline& deadline, const stop_token& stop)
{
  auto listing = list_all(session_, query_, deadline, stop);
  if (!listing) return back_off(std::move(listing).error(), deadline, stop);
  compare(*listing);
  has_listed_ = true;
  last_trouble_.reset();
  schedule_refresh();
  return {};
}

/// Tells what the list has and we did not know, and what we knew and the list has not.
void ApiWatch::compare(const Listing& listing)
{
  std::map<std::string, json> now;
  for (const auto& item : listing.items) {
    const auto uid = objects::uid_of(item);
    const auto before = known_.find(uid);
    if (before == known_.end())
      pending_.push_back({WatchEventType::added, item});
    else if (objects::resource_version_of(before->second) != objects::resource_version_of(item))
      pending_.push_back({WatchEventType::modified, item});
    now.emplace(uid, summary_of(item));
  }
  for (auto& [uid, object] : known_)
    if (now.find(uid) == now.end())
      pending_.push_back({WatchEventType::deleted, std::move(object)});
  known_ = std::move(now);
  gone_.clear();
  listed_version_ = version_number(listing.resource_version);
  if (!stream_) resume_version_ = listing.resource_version;
}

Result<void> ApiWatch::open_stream(const Deadline& deadline, const stop_token& stop)
{
  // As client-go's reflector: the server ends the watch after a random time of 5 to 10 minutes.
  std::minstd_rand random(base::random_number());
  std::uniform_int_distribution<int> timeout_seconds(300, 600);
  const auto errand = watch_errand(query_, resume_version_, timeout_seconds(random));
  auto sent = session_.stream(errand, deadline, stop);
  if (!sent) {
    if (sent.error().kind != ErrorKind::timed_out) return tl::unexpected(std::move(sent).error());
    base::wait_for(deadline.left(), stop);  // no request may be sent before the deadline
    return {};
  }
  auto& outcome = *sent;
  if (!outcome) {
    if (outcome.error().kind == FailureKind::deadline) return {};
    return back_off(session_.error(outcome.error(), errand.purpose), deadline, stop);
  }
  const int status = outcome->status();
  if (status == ok) {
    stream_ = std::move(*outcome);
    stream_began_ = Deadline::Clock::now();
    last_trouble_.reset();
    return {};
  }
  if (status == gone) {
    refresh_at_ = {};
    return back_off({ErrorKind::unreachable, "the watched version was compacted away", {}, {}},
                    deadline, stop);
  }
  if (status == forbidden || status == method_not_allowed) {
    is_polling_ = true;
    schedule_refresh();
    return {};
  }
  const auto answer = outcome->rest(deadline, stop);
  if (!answer) return back_off(session_.error(answer.error(), errand.purpose), deadline, stop);
  return back_off(session_.error(*answer, errand.purpose), deadline, stop);
}

Result<void> ApiWatch::read_line(const Deadline& until, const stop_token& stop)
{
  if (!stream_) return {};
  auto line = stream_->next_line(until, stop);
  if (!line) {
    const auto failure = line.error();
    stream_.reset();
    constexpr std::chrono::seconds shortest_healthy{1};
    const bool was_healthy = Deadline::Clock::now() - stream_began_ >= shortest_healthy;
    if (was_healthy) failures_ = 0;
    if (was_healthy && failure.text.empty()) return {};  // ended in order: resume at once
    // Anything else pauses, so that a server that cuts every stream is not asked in a hot loop.
    static_cast<void>(session_.pause(++failures_, until, stop));
    return {};
  }
  const auto& whole = *line;
  if (whole && !whole->empty()) take_line(*whole);
  return {};
}

void ApiWatch::take_line(const std::string& line)
{
  auto event = parse_json(line);
  const auto type = event ? objects::text_at(*event, "/type") : std::string{};
  const bool has_object = event && objects::at(*event, "/object").is_object();
  if (!has_object) return distrust_stream();
  auto& object = (*event)["object"];
  if (type == "ERROR") return distrust_stream();
  const auto version = objects::resource_version_of(object);
  if (!version.empty()) resume_version_ = version;
  if (type == "BOOKMARK") return;
  take_change(type, std::move(object));
}

void ApiWatch::distrust_stream()
{
  // 410 and every other error have one cure that cannot be wrong: drop the stream, list again.
  stream_.reset();
  refresh_at_ = {};
  needs_pause_ = true;
}

void ApiWatch::take_change(const std::string& type, json object)
{
  const auto uid = objects::uid_of(object);
  const auto number = version_number(objects::resource_version_of(object));
  const bool is_stale = number && listed_version_ && *number <= *listed_version_;
  if (uid.empty() || is_stale) return;
  const auto before = known_.find(uid);
  if (type == "DELETED") {
    if (before == known_.end()) return;
    known_.erase(before);
    gone_.insert(uid);
    pending_.push_back({WatchEventType::deleted, std::move(object)});
    return;
  }
  if (type != "ADDED" && type != "MODIFIED") return;
  if (before == known_.end()) {
    if (gone_.contains(uid)) return;  // late news of what is deleted: a uid never comes back
    known_.emplace(uid, summary_of(object));
    pending_.push_back({WatchEventType::added, std::move(object)});
    return;
  }
  const auto known = version_number(objects::resource_version_of(before->second));
  const bool is_repeat =
      objects::resource_version_of(before->second) == objects::resource_version_of(object) ||
      (number && known && *number < *known);
  if (is_repeat) return;
  before->second = summary_of(object);
  pending_.push_back({WatchEventType::modified, std::move(object)});
}

}  // namespace

std::unique_ptr<Watch> watch_over(Session& session, const Query& query)
{
  return std::make_unique<ApiWatch>(session, query);
}

}  // namespace coroner::kube
