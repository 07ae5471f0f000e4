// SPDX-License-Identifier: Apache-2.0
// Watches over servers that lose, repeat, reorder, cut and forget events.
#include <algorithm>
#include <map>
#include <mutex>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/kube/cluster_test.h"
#include "harness/objects/object.h"

namespace coroner::kube {
namespace {

using base::Deadline;
using base::ErrorKind;
using ::testing::HasSubstr;
using testing::lines_reply;
using testing::Reply;
using testing::reply;
using testing::SeenRequest;
using namespace std::chrono_literals;

const Query pods{{"v1", "Pod", "pods", true}, "default", "app=x", ""};

std::string pod(const std::string& name, int version)
{
  return fmt::format(
      R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{0}","uid":"uid-{0}","resourceVersion":"{1}"}}}})",
      name, version);
}

std::string event(const std::string& type, const std::string& object)
{
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

Reply list_of(int version, const std::vector<std::string>& items)
{
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ",") + item;
  return reply(
      200, fmt::format(R"({{"metadata":{{"resourceVersion":"{}"}},"items":[{}]}})", version, text));
}

bool is_watch(const SeenRequest& request)
{
  return request.query.find("watch=true") != std::string::npos;
}

/// "added a@1", "deleted a@3", or what went wrong.
std::string told(Watch& watch, const Deadline& deadline = TestCluster::soon())
{
  const auto event = watch.next(deadline, {});
  if (!event) return "error: " + event.error().what;
  if (!*event) return "nothing";
  constexpr const char* words[] = {"added", "modified", "deleted"};
  return std::string(words[static_cast<int>((*event)->type)]) + " " +
         objects::name_of((*event)->object) + "@" + objects::resource_version_of((*event)->object);
}

TEST(Watch, what_is_there_is_told_first_and_then_what_changes)
{
  TestCluster cluster([](const SeenRequest& request) {
    if (!is_watch(request)) return list_of(10, {pod("a", 3), pod("b", 4)});
    return lines_reply({event("MODIFIED", pod("a", 11)), event("ADDED", pod("c", 12)),
                        event("DELETED", pod("b", 13))},
                       Reply::End::hold);
  });
  const auto watch = cluster->watch(pods);
  EXPECT_EQ(told(*watch), "added a@3");
  EXPECT_EQ(told(*watch), "added b@4");
  EXPECT_EQ(told(*watch), "modified a@11");
  EXPECT_EQ(told(*watch), "added c@12");
  EXPECT_EQ(told(*watch), "deleted b@13");
  EXPECT_EQ(told(*watch, Deadline::in(30ms)), "nothing");
  const auto query = cluster.server().seen().at(1).query;
  EXPECT_THAT(query, HasSubstr("allowWatchBookmarks=true&resourceVersion=10&timeoutSeconds="));
  EXPECT_THAT(query, HasSubstr("labelSelector=app%3Dx"));
}

TEST(Watch, repeated_and_stale_events_are_told_once)
{
  TestCluster cluster([](const SeenRequest& request) {
    if (!is_watch(request)) return list_of(10, {pod("a", 9)});
    return lines_reply({event("ADDED", pod("a", 9)), event("MODIFIED", pod("a", 8)),
                        event("MODIFIED", pod("a", 12)), event("MODIFIED", pod("a", 12)),
                        event("MODIFIED", pod("a", 11)), event("DELETED", pod("a", 14)),
                        event("MODIFIED", pod("a", 13)), event("DELETED", pod("a", 14)),
                        event("ADDED", pod("z", 15))},
                       Reply::End::hold);
  });
  const auto watch = cluster->watch(pods);
  EXPECT_EQ(told(*watch), "added a@9");
  EXPECT_EQ(told(*watch), "modified a@12");
  EXPECT_EQ(told(*watch), "deleted a@14");
  EXPECT_EQ(told(*watch), "added z@15");
}

TEST(Watch, it_resumes_after_the_last_bookmark_when_the_server_ends_it)
{
  int watches = 0;
  TestCluster cluster([&watches](const SeenRequest& request) {
    if (!is_watch(request)) return list_of(10, {});
    if (++watches == 1) return lines_reply({event("BOOKMARK", pod("", 50))}, Reply::End::keep);
    return lines_reply({event("ADDED", pod("a", 51))}, Reply::End::hold);
  });
  const auto watch = cluster->watch(pods);
  EXPECT_EQ(told(*watch), "added a@51");
  EXPECT_THAT(cluster.server().seen().at(2).query, HasSubstr("resourceVersion=50"));
}

TEST(Watch, an_event_cut_in_the_middle_is_not_parsed_and_comes_again)
{
  int watches = 0;
  TestCluster cluster([&watches](const SeenRequest& request) {
    if (!is_watch(request)) return list_of(10, {});
    const auto first = event("ADDED", pod("a", 11));
    const auto second = event("ADDED", pod("b", 12));
    if (++watches == 1)
      return lines_reply({first, second.substr(0, second.size() / 2)}, Reply::End::close);
    return lines_reply({second}, Reply::End::hold);
  });
  const auto watch = cluster->watch(pods);
  EXPECT_EQ(told(*watch), "added a@11");
  EXPECT_EQ(told(*watch), "added b@12");
  EXPECT_THAT(cluster.server().seen().at(2).query, HasSubstr("resourceVersion=11"));
}

class Compaction : public ::testing::TestWithParam<bool> {};

TEST_P(Compaction, a_version_that_has_gone_is_listed_anew_and_the_difference_told)
{
  const bool as_event = GetParam();
  int lists = 0;
  int watches = 0;
  TestCluster cluster([&, as_event](const SeenRequest& request) {
    if (!is_watch(request))
      return ++lists == 1 ? list_of(10, {pod("a", 1), pod("b", 2)})
                          : list_of(90, {pod("b", 80), pod("c", 81)});
    if (++watches > 1) return lines_reply({}, Reply::End::hold);
    const std::string gone = R"({"kind":"Status","code":410,"reason":"Expired"})";
    return as_event ? lines_reply({event("ERROR", gone)}, Reply::End::keep) : reply(410, gone);
  });
  const auto watch = cluster->watch(pods);
  EXPECT_EQ(told(*watch), "added a@1");
  EXPECT_EQ(told(*watch), "added b@2");
  EXPECT_EQ(told(*watch), "modified b@80");
  EXPECT_EQ(told(*watch), "added c@81");
  EXPECT_EQ(told(*watch), "deleted a@1");
  EXPECT_EQ(told(*watch, Deadline::in(30ms)), "nothing");
  EXPECT_THAT(cluster.server().seen().back().query, HasSubstr("resourceVersion=90"));
}

INSTANTIATE_TEST_SUITE_P(Watch, Compaction, ::testing::Bool(), [](const auto& chosen) {
  return chosen.param ? "as_event" : "as_status";
});

TEST(Watch, what_events_do_not_tell_the_refresh_finds)
{
  int lists = 0;
  TestCluster cluster(
      [&lists](const SeenRequest& request) {
        if (is_watch(request)) return lines_reply({}, Reply::End::hold);
        return ++lists < 3 ? list_of(10, {}) : list_of(11, {pod("a", 11)});
      },
      {.refresh = 5ms});
  EXPECT_EQ(told(*cluster->watch(pods)), "added a@11");
}

TEST(Watch, where_watching_is_not_allowed_lists_serve)
{
  int lists = 0;
  TestCluster cluster([&lists](const SeenRequest& request) {
    if (is_watch(request)) return reply(403, R"({"kind":"Status","message":"no"})");
    ++lists;
    return lists < 3 ? list_of(10, {pod("a", 1)}) : list_of(12, {pod("b", 12)});
  });
  const auto watch = cluster->watch(pods);
  EXPECT_EQ(told(*watch), "added a@1");
  EXPECT_EQ(told(*watch), "added b@12");
  EXPECT_EQ(told(*watch), "deleted a@1");
  const auto seen = cluster.server().seen();
  EXPECT_EQ(std::count_if(seen.begin(), seen.end(), is_watch), 1);
}

TEST(Watch, a_list_that_is_not_allowed_is_an_error_at_once)
{
  TestCluster cluster([](const SeenRequest&) { return reply(403, R"({"kind":"Status"})"); });
  const auto watch = cluster->watch(pods);
  const auto event = watch->next(TestCluster::soon(), {});
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().kind, ErrorKind::denied);
}

TEST(Watch, a_server_that_went_away_is_named_at_the_deadline)
{
  bool is_away = false;
  int watches = 0;
  std::mutex mutex;
  TestCluster cluster(
      [&](const SeenRequest& request) {
        const std::scoped_lock lock(mutex);
        if (is_away) return Reply{{}, Reply::End::reset};
        if (!is_watch(request)) return list_of(10, {pod("a", 1)});
        if (++watches > 1) return lines_reply({event("ADDED", pod("b", 11))}, Reply::End::hold);
        is_away = true;
        return Reply{{}, Reply::End::reset};
      },
      {.refresh = 20ms});
  const auto watch = cluster->watch(pods);
  EXPECT_EQ(told(*watch), "added a@1");
  EXPECT_THAT(told(*watch, Deadline::in(200ms)), HasSubstr("error: cannot"));
  {
    const std::scoped_lock lock(mutex);
    is_away = false;
  }
  EXPECT_EQ(told(*watch), "added b@11");
}

TEST(Watch, an_endless_row_of_errors_does_not_become_a_hot_loop)
{
  TestCluster cluster(
      [](const SeenRequest& request) {
        if (!is_watch(request)) return list_of(10, {});
        return lines_reply({event("ERROR", R"({"code":500})")}, Reply::End::keep);
      },
      {.retry = {.first_pause = 50ms, .largest_pause = 50ms, .attempts = 3, .seed = 1}});
  EXPECT_EQ(told(*cluster->watch(pods), Deadline::in(400ms)), "nothing");
  EXPECT_LT(cluster.server().seen().size(), 120U);
}

/// A history of one kind of object, and a server that shows it badly.
class BadServer {
 public:
  explicit BadServer(unsigned seed) : random_(seed) {}

  Reply answer(const SeenRequest& request)
  {
    change();
    if (!is_watch(request)) return list();
    const auto from = std::stoi(request.query.substr(request.query.find("resourceVersion=") + 16));
    std::vector<std::string> lines;
    for (const auto& [version, line] : history_) {
      if (version <= from || random_() % 4 == 0) continue;  // lost
      for (auto copies = 1 + random_() % 2; copies > 0; --copies) lines.push_back(line);
    }
    if (lines.size() > 1 && random_() % 2 == 0)
      std::swap(lines[random_() % lines.size()], lines[random_() % lines.size()]);
    constexpr Reply::End ends[] = {Reply::End::keep, Reply::End::close, Reply::End::reset};
    return lines_reply(lines, ends[random_() % 3]);
  }

  std::map<std::string, int> truth() const { return alive_; }
  bool is_quiet() const { return version_ >= last_version_; }

 private:
  static constexpr int last_version_ = 60;

  void change()
  {
    for (auto left = random_() % 5; left > 0 && !is_quiet(); --left) {
      const auto name =
          std::string(1, static_cast<char>('a' + random_() % 5)) + std::to_string(generation_);
      ++version_;
      const auto found = alive_.find(name);
      if (found == alive_.end()) {
        alive_[name] = version_;
        history_.emplace_back(version_, event("ADDED", pod(name, version_)));
      } else if (random_() % 3 == 0) {
        history_.emplace_back(version_, event("DELETED", pod(name, version_)));
        alive_.erase(found);
        ++generation_;  // a uid never comes back
      } else {
        found->second = version_;
        history_.emplace_back(version_, event("MODIFIED", pod(name, version_)));
      }
    }
  }

  Reply list() const
  {
    std::vector<std::string> items;
    for (const auto& [name, version] : alive_) items.push_back(pod(name, version));
    return list_of(version_, items);
  }

  std::mt19937 random_;
  int version_ = 1;
  int generation_ = 0;
  std::map<std::string, int> alive_;
  std::vector<std::pair<int, std::string>> history_;
};

TEST(Watch, whatever_the_server_does_to_events_the_told_state_becomes_the_true_one)
{
  for (unsigned seed = 1; seed <= 25; ++seed) {
    BadServer bad(seed);
    std::mutex mutex;
    TestCluster cluster(
        [&](const SeenRequest& request) {
          const std::scoped_lock lock(mutex);
          return bad.answer(request);
        },
        {.refresh = 8ms});
    const auto watch = cluster->watch(pods);
    std::map<std::string, int> told_state;
    const auto deadline = TestCluster::soon();
    const auto is_done = [&] {
      const std::scoped_lock lock(mutex);
      return bad.is_quiet() && bad.truth() == told_state;
    };
    while (!is_done()) {
      ASSERT_FALSE(deadline.has_passed()) << "seed " << seed;
      const auto event = watch->next(deadline.at_most(5s), {});
      ASSERT_TRUE(event) << event.error().text();
      if (!*event) continue;
      const auto name = objects::name_of((*event)->object);
      const bool was_known = told_state.contains(name);
      EXPECT_EQ(was_known, (*event)->type != WatchEventType::added) << name << " seed " << seed;
      if ((*event)->type == WatchEventType::deleted)
        told_state.erase(name);
      else
        told_state[name] = std::stoi(objects::resource_version_of((*event)->object));
    }
  }
}

}  // namespace
}  // namespace coroner::kube
