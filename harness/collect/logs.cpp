// SPDX-License-Identifier: Apache-2.0
// Logs: which containers have some, the end of each, and a mark for what could not be read.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

#include "harness/collect/collect.h"
#include "harness/objects/object.h"
#include "harness/objects/pod.h"

namespace coroner::collect {
namespace {

using base::ErrorKind;
using base::Result;
using evidence::LogName;
using nlohmann::json;

/// Logs that are read at the same time.
constexpr std::size_t workers = 4;
/// A kubelet that does not answer must not take the time of all other logs.
constexpr std::chrono::seconds longest_log{30};

/// One log to read, or the reason why there is none.
struct Errand {
  LogName name;
  int urgency = 0;  ///< The larger, the earlier.
  std::string absence;
};

/// How soon the logs of a container are wanted.
int urgency_of(const objects::ContainerState& state)
{
  if (state.is_ready) return 0;
  const bool has_failed = state.terminated && state.terminated->exit_code != 0;
  const bool is_waiting = !state.waiting_reason.empty() || state.restarts > 0;
  return has_failed || is_waiting ? 2 : state.is_init ? 0 : 1;
}

std::vector<Errand> errands_of(const std::vector<json>& pods)
{
  std::vector<Errand> errands;
  for (const auto& pod : pods)
    for (const auto& state : objects::containers_of(pod)) {
      const LogName name{objects::namespace_of(pod), objects::name_of(pod), state.name, false};
      const bool has_run = !state.container_id.empty() || state.last_terminated;
      errands.push_back({name, urgency_of(state), has_run ? "" : "the container has not started"});
      if (state.restarts == 0) continue;
      errands.push_back(errands.back());
      errands.back().name.is_previous = true;
    }
  std::stable_sort(errands.begin(), errands.end(),
                   [](const auto& a, const auto& b) { return a.urgency > b.urgency; });
  std::size_t read = 0;
  for (auto& errand : errands)
    if (errand.absence.empty() && ++read > most_logs)
      errand.absence = fmt::format("only {} logs are read", most_logs);
  return errands;
}

/// The log's end: the API counts bytes from the start of what it gives (core/v1, PodLogOptions
/// limitBytes), so the number of lines is lowered until they fit.
Result<std::string> end_of_log(kube::Cluster& cluster, const LogName& name, std::size_t limit_bytes,
                               const base::Deadline& deadline, const std::stop_token& stop)
{
  constexpr std::size_t usual_line_bytes = 128;
  constexpr int most_tries = 4;
  constexpr std::int64_t step = 8;
  kube::LogQuery query{.space = name.name_space,
                       .pod = name.pod,
                       .container = name.container,
                       .is_previous = name.is_previous,
                       .limit_bytes = limit_bytes};
  std::int64_t lines =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(limit_bytes / usual_line_bytes));
  for (int i = 1;; ++i, lines = std::max<std::int64_t>(1, lines / step)) {
    query.tail_lines = lines;
    TRY_ASSIGN(log, cluster.logs(query, deadline, stop));
    if (!log.was_cut || lines == 1 || i == most_tries) return std::move(log.text);
  }
}

Result<void> carry_out(const Errand& errand, kube::Cluster& cluster, evidence::Writer& writer,
                       std::size_t limit_bytes, const base::Deadline& deadline,
                       const std::stop_token& stop)
{
  TRY_ASSIGN(path, evidence::log_path(errand.name));
  if (!errand.absence.empty()) return writer.not_collected(path, "", errand.absence);
  const auto text =
      end_of_log(cluster, errand.name, limit_bytes, deadline.at_most(longest_log), stop);
  if (text) return writer.log(errand.name, *text);
  if (stop.stop_requested()) return tl::unexpected(text.error());
  const auto& failure = text.error();
  return writer.not_collected(
      path, "", failure.hint.empty() ? failure.what : failure.what + "; " + failure.hint);
}

}  // namespace

Result<void> collect_logs(kube::Cluster& cluster, evidence::Writer& writer,
                          const std::vector<json>& pods, std::size_t limit_bytes,
                          const base::Deadline& deadline, const std::stop_token& stop)
{
  const auto errands = errands_of(pods);
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  Result<void> outcome;
  const auto work = [&] {
    for (auto i = next++; i < errands.size(); i = next++) {
      auto done = carry_out(errands[i], cluster, writer, limit_bytes, deadline, stop);
      if (done) continue;
      const std::lock_guard lock(mutex);
      if (outcome) outcome = tl::unexpected(std::move(done).error());
      next = errands.size();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min(workers, errands.size()); ++i) threads.emplace_back(work);
  }
  if (!outcome) return base::pass_on(outcome.error(), "while reading logs");
  return {};
}

}  // namespace coroner::collect
