// SPDX-License-Identifier: Apache-2.0
// Sentences and selections that all reports share.
#include "harness/report/view.h"

#include <algorithm>
#include <array>

#include "harness/base/text.h"
#include "harness/report/look.h"
#include "harness/report/text.h"

namespace coroner::report {

using record::CaseResult;
using record::Finding;
using record::Record;
using record::Verdict;

namespace {

constexpr std::array<std::pair<record::Ending, std::string_view>, 4> endings = {{
    {record::Ending::deadline, "the deadline passed before everything had a verdict"},
    {record::Ending::interrupted, "interrupted (SIGINT) before everything had a verdict"},
    {record::Ending::terminated, "terminated (SIGTERM) before everything had a verdict"},
    {record::Ending::lost, "the events stop in the middle: the run was killed"},
}};

std::string with_note(std::string_view text, const std::string& note)
{
  return note.empty() ? std::string(text) : fmt::format("{} ({})", text, note);
}

}  // namespace

std::vector<Banner> banners(const Record& record)
{
  std::vector<Banner> all;
  if (record.mode == record::Mode::demonstration)
    all.push_back({"REPLAY", with_note("a recording shown because there is no cluster: this says "
                                       "nothing about any cluster of yours",
                                       record.note)});
  if (record.mode == record::Mode::replay)
    all.push_back(
        {"REPLAY", with_note("saved evidence was read, no cluster was asked", record.note)});
  for (const auto& [ending, text] : endings)
    if (record.ending == ending)
      all.push_back({"INCOMPLETE", with_note(text, record.is_replay() ? "" : record.note)});
  if (record.is_simulated())
    all.push_back({"SIMULATED", "GPUs of this cluster are simulated: no hardware was tested"});
  return all;
}

std::string number_of(std::size_t count, std::string_view thing)
{
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string counts_text(const record::Counts& counts)
{
  std::vector<std::string> parts;
  for (const auto& [verdict, text] : record::Words<Verdict>::table)
    if (counts.of(verdict) > 0) parts.push_back(fmt::format("{} {}", counts.of(verdict), text));
  if (parts.empty()) return "nothing was checked";
  auto all = base::join(parts, ", ");
  if (counts.flaky > 0) all += fmt::format(" ({} flaky)", counts.flaky);
  return all;
}

std::string cell_name(const Record& record)
{
  if (!record.cluster.cell.empty()) return record.cluster.cell;
  return record.cluster.name.empty() ? "cluster" : record.cluster.name;
}

std::string verdict_line(const Record& record, const record::Judging& judging)
{
  const auto counts = record::count(record);
  std::string marks;
  for (const auto& banner : banners(record))
    if (banner.mark != verdict_word(record, judging)) marks += banner.mark + " ";
  return fmt::format("{}{}  {}: {}  in {}  ({}, {})", marks, verdict_word(record, judging),
                     number_of(counts.total, "check"), counts_text(counts),
                     record::duration_text(record.ended - record.started), cell_name(record),
                     number_of(record.nodes.size(), "node"));
}

std::string place_of(const CaseResult& result)
{
  return result.node.empty() ? "cluster" : result.node;
}

std::string why_of(const CaseResult& result)
{
  if (result.verdict() == Verdict::waived && !result.waiver.empty()) return result.waiver;
  if (!result.is_flaky()) return result.reason();
  for (const auto& attempt : result.attempts)
    if (attempt.verdict == Verdict::fail || attempt.verdict == Verdict::broken)
      return "first: " + attempt.reason;
  return result.reason();
}

const Finding* finding_of(const Record& record, const CaseResult& result)
{
  if (result.cause.empty()) return nullptr;
  const auto found =
      std::find_if(record.findings.begin(), record.findings.end(),
                   [&](const Finding& finding) { return finding.cause == result.cause; });
  return found == record.findings.end() ? nullptr : &*found;
}

namespace {

std::vector<const CaseResult*> select(const Record& record, const auto& is_wanted)
{
  std::vector<const CaseResult*> found;
  for (const auto& result : record.results)
    if (is_wanted(result)) found.push_back(&result);
  return found;
}

}  // namespace

std::vector<const CaseResult*> results_of(const Record& record, const Finding& finding)
{
  return select(record, [&](const CaseResult& result) { return result.cause == finding.cause; });
}

std::vector<const CaseResult*> unexplained(const Record& record)
{
  return select(record, [&](const CaseResult& result) {
    return record::fails_a_run(result.verdict()) && finding_of(record, result) == nullptr;
  });
}

std::vector<const CaseResult*> results_with(const Record& record, Verdict verdict)
{
  return select(record, [&](const CaseResult& result) {
    return result.verdict() == verdict && !result.is_flaky();
  });
}

std::vector<const CaseResult*> flaky_results(const Record& record)
{
  return select(record, [](const CaseResult& result) { return result.is_flaky(); });
}

std::string reproduce_line(const CaseResult& result)
{
  auto line = "coroner probe --focus " + shell_word("^" + result.case_id + "$");
  if (!result.node.empty()) line += " --nodes " + shell_word(result.node);
  return line;
}

std::string confidence_text(double confidence)
{
  const auto word = confidence >= 0.9                     ? "certain"
                    : confidence >= record::least_certain ? "likely"
                                                          : "possible";
  return fmt::format("{} ({:.0f} %)", word, confidence * 100);
}

std::string gpus_text(const record::Node& node)
{
  if (node.gpus.empty()) return "none";
  const auto models = listed(node.gpus, [](const record::Gpu& gpu) {
    return fmt::format("{} × {}", gpu.count, gpu.model);
  });
  const bool is_simulated = node.gpu_kind == cell::GpuKind::simulated;
  return models + (is_simulated ? " (simulated)" : "");
}

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

void add(Pairs& pairs, std::string what, const std::string& value)
{
  if (!value.empty()) pairs.emplace_back(std::move(what), value);
}

}  // namespace

Pairs environment(const Record& record)
{
  Pairs pairs;
  add(pairs, "run", record.run_id);
  add(pairs, "coroner", record.tool_version);
  add(pairs, "started", record::time_text(record.started));
  add(pairs, "took", record::duration_text(record.ended - record.started));
  add(pairs, "cluster", record.cluster.name);
  add(pairs, "cell", record.cluster.cell);
  add(pairs, "provider", record.cluster.provider);
  add(pairs, "server", record.cluster.server);
  add(pairs, "cluster UID", record.cluster.uid);
  for (const auto& [what, version] : record.versions) add(pairs, what, version);
  return pairs;
}

Pairs environment(const record::Node& node)
{
  Pairs pairs;
  add(pairs, "distro", node.distro);
  add(pairs, "system", node.os_image);
  add(pairs, "arch", node.arch);
  add(pairs, "runtime", node.runtime);
  add(pairs, "GPUs", gpus_text(node));
  add(pairs, "access", node.access);
  for (const auto& [what, version] : node.versions) add(pairs, what, version);
  return pairs;
}

}  // namespace coroner::report
