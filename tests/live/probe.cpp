// SPDX-License-Identifier: Apache-2.0
#include "tests/live/probe.h"

#include <algorithm>

#include "harness/base/text.h"
#include "harness/evidence/reader.h"
#include "harness/record/json.h"

namespace coroner::live {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

Cell ProbeTest::prepared(const std::string& kind)
{
  auto cell = shared(kind);
  const auto listed = base::poll_until(
      [&]() -> base::Result<bool> {
        const auto images =
            kubectl(cell, {"get", "nodes", "-o", "jsonpath={.items[0].status.images[*].names[*]}"});
        return images.output.find(smoke_image) != std::string::npos;
      },
      "the smoke image in the node's status", 500ms, base::Deadline::in(90s));
  EXPECT_TRUE(listed) << listed.error().text();
  return cell;
}

Probed ProbeTest::probe(const Cell& cell, const std::vector<std::string>& words,
                        const fs::path& kubeconfig)
{
  Probed probed;
  probed.directory = scratch() / "report";
  std::vector<std::string> all = {
      "probe", "--kubeconfig", kubeconfig.empty() ? cell.kubeconfig.string() : kubeconfig.string(),
      "--report-dir", probed.directory.string()};
  all.insert(all.end(), words.begin(), words.end());
  probed.ended = coroner(all);
  probed.record = record_in(probed.directory);
  return probed;
}

std::optional<record::Record> record_in(const fs::path& directory)
{
  const auto text = base::read_file(directory / "report.json");
  if (!text) return std::nullopt;
  auto record = record::parse_record(*text);
  EXPECT_TRUE(record) << record.error().text();
  if (!record) return std::nullopt;
  return std::move(*record);
}

std::vector<evidence::Event> events_in(const fs::path& directory)
{
  const auto reader = evidence::Reader::open(directory / "bundle");
  if (!reader) return {};
  return reader->events().value_or(std::vector<evidence::Event>{});
}

Figures figures_of(const fs::path& directory)
{
  Figures figures;
  const auto reader = evidence::Reader::open(directory / "bundle");
  if (!reader) return figures;
  const auto time = [](const std::string& text) {
    return record::parse_time(text).value_or(record::Time{});
  };
  const auto seconds = [&](const std::string& from, const std::string& until) {
    return std::chrono::duration<double>(time(until) - time(from)).count();
  };
  std::string pod_begun;
  std::string last;
  for (const auto& event : events_in(directory)) {
    last = event.at;
    if (event.path.find("/coroner-smoke-gpu-") != std::string::npos) {
      if (pod_begun.empty()) pod_begun = event.at;
      figures.pod_seconds = seconds(pod_begun, event.at);
    }
    if (event.kind == evidence::EventKind::verdict)
      figures.requests = event.data.value("requests", 0L);
  }
  figures.seconds = seconds(reader->manifest().created, last);
  return figures;
}

std::string left_of_runs(const Cell& cell)
{
  const auto left =
      kubectl(cell, {"get", "namespaces,pods,configmaps,priorityclasses", "--all-namespaces",
                     "--selector=coroner/run-id,!look-alike", "--output=name"});
  return left.exit_code == 0 ? left.output : "kubectl failed: " + left.errors;
}

std::vector<std::string> lines_of(const record::Record& record,
                                  const std::vector<record::Verdict>& verdicts)
{
  std::vector<std::string> lines;
  for (const auto& result : record.results)
    if (std::find(verdicts.begin(), verdicts.end(), result.verdict()) != verdicts.end())
      lines.push_back(fmt::format(
          "{} on {}: {}{}, {}", result.case_id, result.node, record::word(result.verdict()),
          result.cause.empty() ? "" : " of " + result.cause, result.reason()));
  return lines;
}

}  // namespace coroner::live
