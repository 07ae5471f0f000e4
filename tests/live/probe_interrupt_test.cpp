// SPDX-License-Identifier: Apache-2.0
// The end of a probe that nobody planned: killed at any moment it is swept, interrupted it cleans
// up, and what only looks like a run's is never touched.
#include <algorithm>
#include <csignal>
#include <random>
#include <thread>

#include "tests/live/probe.h"
#include <gmock/gmock.h>

#include "harness/base/text.h"
#include "harness/evidence/reader.h"

namespace coroner::live {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

/// One run on an idle machine with two cores is over after about this; kills fall before and after.
constexpr unsigned long longest_delay_ms = 6000;
constexpr int look_alike_count = 100;
/// Namespaces are slow to go, so most look-alikes are ConfigMaps.
constexpr int look_alike_spaces = 20;

constexpr const char* run_label = "coroner/run-id";
constexpr const char* managed_label = "app.kubernetes.io/managed-by";
constexpr const char* expiry = "coroner/expires-at";

/// All marks of run 0123456789 in `metadata`, and then one that is missing or odd.
void mark_almost(json& metadata, int oddity)
{
  metadata["labels"][run_label] = "0123456789";
  metadata["labels"][managed_label] = "coroner";
  metadata["annotations"][expiry] = "2020-01-01T00:00:00Z";
  switch (oddity % 8) {
    case 0:
      metadata["labels"].erase(run_label);
      break;
    case 1:
      metadata["labels"].erase(managed_label);
      break;
    case 2:
      metadata.erase("annotations");
      break;
    case 3:
      metadata["annotations"][expiry] = "tomorrow";
      break;
    case 4:
      metadata["annotations"][expiry] = "2020-01-01 00:00:00";
      break;
    case 5:
      metadata["labels"][run_label] = "012345678";
      break;
    case 6:
      metadata["labels"][managed_label] = "Coroner";
      break;
    default:
      metadata["labels"][run_label] = "012345678x";
      break;
  }
}

json look_alikes()
{
  json items = json::array();
  for (int i = 0; i < look_alike_count; ++i) {
    const bool is_space = i < look_alike_spaces;
    json metadata = {{"name", fmt::format("coroner-0123456789{}{}", is_space ? "-s" : "-", i)}};
    if (!is_space) metadata["namespace"] = "default";
    mark_almost(metadata, i);
    metadata["labels"]["look-alike"] = "yes";
    json item = {{"apiVersion", "v1"}, {"kind", is_space ? "Namespace" : "ConfigMap"}};
    item["metadata"] = std::move(metadata);
    items.push_back(std::move(item));
  }
  json list = {{"apiVersion", "v1"}, {"kind", "List"}};
  list["items"] = std::move(items);
  return list;
}

/// Name and uid of each look-alike that is there and not on its way out.
std::vector<std::string> look_alikes_in(const Cell& cell)
{
  const auto listed = kubectl(
      cell, {"get", "namespaces,configmaps", "--all-namespaces", "--selector=look-alike=yes",
             "--output=jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.uid} "
             "{.metadata.deletionTimestamp}{\"\\n\"}{end}"});
  EXPECT_EQ(listed.exit_code, 0) << listed.errors;
  return base::split(base::trim(listed.output), '\n');
}

class ProbeEnds : public ProbeTest {
 protected:
  void TearDown() override
  {
    if (has_look_alikes_)
      kubectl(cell_, {"delete", "namespaces,configmaps", "--all-namespaces",
                      "--selector=look-alike=yes", "--wait=false"});
    ProbeTest::TearDown();
  }

  /// Probes in the background and sends `signal` once `is_time` holds.
  base::Finished signalled(const fs::path& directory, int signal,
                           const std::function<bool()>& is_time)
  {
    base::Finished ended;
    std::jthread probing([&] {
      ended = coroner(
          {"probe", "--kubeconfig", cell_.kubeconfig.string(), "--report-dir", directory.string()});
    });
    (void)base::poll_until([&]() -> base::Result<bool> { return is_time(); }, "the moment", 10ms,
                           base::Deadline::in(30s));
    for (const auto pid : callers_of(directory.string())) ::kill(pid, signal);
    probing.join();
    return ended;
  }

  base::Finished sweep(const std::vector<std::string>& words)
  {
    std::vector<std::string> all = {"sweep", "--kubeconfig", cell_.kubeconfig.string()};
    all.insert(all.end(), words.begin(), words.end());
    return coroner(all);
  }

  Cell cell_ = {};
  bool has_look_alikes_ = false;
};

TEST_F(ProbeEnds, by_a_kill_at_any_moment_and_what_is_left_is_swept_and_nothing_else)
{
  cell_ = prepared("nixos");
  has_look_alikes_ = true;
  live::apply(cell_, look_alikes());
  const auto before = look_alikes_in(cell_);
  ASSERT_EQ(before.size(), static_cast<std::size_t>(look_alike_count));

  const auto seed = number_from_environment("CORONER_SEED", std::random_device{}());
  std::mt19937_64 random(seed);
  const auto kills = number_from_environment("CORONER_KILLS", 5);
  for (unsigned long i = 0; i < kills; ++i) {
    const auto directory = scratch() / "report";
    const std::chrono::milliseconds delay(random() % longest_delay_ms);
    const auto moment = base::Deadline::in(delay);
    const auto ended = signalled(directory, SIGKILL, [&] { return moment.has_passed(); });
    const auto story =
        fmt::format("kill {} of {} with CORONER_SEED={}: after {} ms, ended with {}, left {}",
                    i + 1, kills, seed, delay.count(), ended.exit_code,
                    base::join(base::split(base::trim(left_of_runs(cell_)), '\n'), " "));
    SCOPED_TRACE(story);
    std::fprintf(stderr, "%s\n", story.c_str());
    const auto bundle = evidence::Reader::open(directory / "bundle");
    const bool is_named = bundle && i % 2 == 0;
    const auto swept = is_named ? sweep({"--yes", "--run", bundle->manifest().run})
                                : sweep({"--yes", "--unexpired"});
    EXPECT_EQ(swept.exit_code, 0) << swept.output << swept.errors;
    EXPECT_EQ(left_of_runs(cell_), "");
    EXPECT_EQ(look_alikes_in(cell_), before);
  }
}

TEST_F(ProbeEnds, by_a_persons_interrupt_and_nothing_is_left)
{
  cell_ = prepared("nixos");
  const auto directory = scratch() / "report";
  const auto ended = signalled(directory, SIGINT, [&] {
    const auto events = events_in(directory);
    return std::any_of(events.begin(), events.end(), [](const auto& event) {
      return event.path.find("/coroner-smoke-gpu-") != std::string::npos;
    });
  });
  EXPECT_EQ(ended.exit_code, 130) << ended.errors;
  EXPECT_EQ(left_of_runs(cell_), "");
  const auto record = record_in(directory);
  ASSERT_TRUE(record) << ended.errors;
  EXPECT_EQ(record->ending, record::Ending::interrupted);
  EXPECT_THAT(ended.errors, HasSubstr("INCOMPLETE"));
  const auto* smoke = record->find("smoke/cuda_vector_add", cell_.name);
  ASSERT_NE(smoke, nullptr);
  EXPECT_EQ(smoke->verdict(), record::Verdict::broken) << smoke->reason();
}

}  // namespace
}  // namespace coroner::live
