// SPDX-License-Identifier: Apache-2.0
// Carries out changes of a cell and looks for what the real components say of them.
#include "harness/lab/breaks.h"

#include <algorithm>
#include <ranges>

#include <re2/re2.h>

#include "harness/base/command.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cell/cell.h"
#include "harness/lab/access.h"
#include "harness/lab/boot.h"
#include "harness/lab/node_words.h"
#include "harness/objects/object.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using base::Deadline;
using base::error;
using base::ErrorKind;
using base::Result;
using nlohmann::json;

/// A cell that is being broken or mended.
struct Patient {
  const Places& places;
  State state;
  std::map<std::string, std::string> words;
  std::unique_ptr<kube::Cluster> cluster;
  Deadline deadline;
  std::stop_token stop;
};

Result<Patient> admit(const Places& places, const std::string& name, const std::stop_token& stop)
{
  constexpr auto patience = 120s;
  TRY_ASSIGN(state, running_cell(places, name));
  TRY_ASSIGN(words, read_node_words(places.cell(name)));
  TRY_ASSIGN(cluster, connect_to_cell(kubeconfig_of(places, name)));
  return Patient{places, state, words, std::move(cluster), Deadline::in(patience), stop};
}

Result<void> change_object(Patient& patient, const Change& change)
{
  TRY_ASSIGN(resource, objects::resource_for(change.target.value("apiVersion", ""),
                                             change.target.value("kind", "")));
  const kube::Target target{resource, change.target.value("namespace", ""),
                            change.target.value("name", "")};
  kube::Patch patch;
  patch.type = kube::PatchType::strategic;
  TRY_ASSIGN(filled, cell::fill_in(change.patch.dump(), patient.words));
  patch.body = json::parse(filled);
  const auto patched = patient.cluster->patch(target, patch, patient.deadline, patient.stop);
  if (!patched) return tl::unexpected(patched.error());
  return {};
}

/// A file of the node, seen from the machine through init's own root.
fs::path on_node(const Patient& patient, const std::string& path)
{
  return fmt::format("/proc/{}/root{}", patient.state.init.pid, path);
}

Result<void> change_file(Patient& patient, const Change& change)
{
  TRY_ASSIGN(path, cell::fill_in(change.file, patient.words));
  TRY_ASSIGN(text, base::read_file(on_node(patient, path)));
  if (!change.remove.empty()) {
    const auto at = text.find(change.remove);
    if (at == std::string::npos) return {};
    text.erase(at, change.remove.size());
  } else {
    TRY_ASSIGN(after, cell::fill_in(change.after, patient.words));
    const auto at = text.find(after + "\n");
    if (at == std::string::npos)
      return error(ErrorKind::invalid, "{} of the node has no line '{}'", path, after);
    text.insert(at + after.size() + 1, change.insert);
  }
  return base::write_file(on_node(patient, path), text);
}

Result<void> carry_out(Patient& patient, const std::vector<Change>& changes)
{
  for (const auto& change : changes) {
    if (!change.target.is_null()) TRY(change_object(patient, change));
    if (!change.file.empty()) TRY(change_file(patient, change));
    if (!change.restart.empty())
      TRY(base::write_in_place(patient.places.cell(patient.state.name) / "node" / "control",
                               "restart " + change.restart + "\n"));
  }
  return {};
}

std::optional<std::string> matching_line(const std::string& text, const RE2& pattern)
{
  const auto lines = base::split(text, '\n');
  for (const auto& line : std::views::reverse(lines))
    if (RE2::PartialMatch(line, pattern)) return line;
  return std::nullopt;
}

/// What a service said since the cell was changed.
std::optional<Observed> look_at_service(const Patient& patient, const Symptom& symptom,
                                        const RE2& pattern, std::uintmax_t from)
{
  const auto path =
      patient.places.cell(patient.state.name) / "node" / "log" / (symptom.service + ".log");
  std::error_code code;
  const auto size = fs::file_size(path, code);
  if (code || size <= from) return std::nullopt;
  const auto line = matching_line(base::read_tail(path, size - from).value_or(""), pattern);
  if (!line) return std::nullopt;
  return Observed{*line, "log of " + symptom.service};
}

/// What pods made after `since` said, in this life of their container or the one before.
std::optional<Observed> look_at_pods(const Patient& patient, const Symptom& symptom,
                                     const RE2& pattern, const std::vector<std::string>& earlier)
{
  const auto resource = objects::resource_for("v1", "Pod");
  const auto pods = patient.cluster->list({*resource, symptom.space, symptom.pod_labels, ""},
                                          patient.deadline, patient.stop);
  if (!pods) return std::nullopt;
  for (const auto& pod : pods->items) {
    if (std::find(earlier.begin(), earlier.end(), objects::uid_of(pod)) != earlier.end()) continue;
    for (const bool is_previous : {false, true}) {
      kube::LogQuery query;
      query.space = objects::namespace_of(pod);
      query.pod = objects::name_of(pod);
      query.is_previous = is_previous;
      const auto log = patient.cluster->logs(query, patient.deadline, patient.stop);
      if (!log) continue;
      if (const auto line = matching_line(log->text, pattern))
        return Observed{*line, "log of pod " + query.space + "/" + query.pod};
    }
  }
  return std::nullopt;
}

std::vector<std::string> pod_uids(const Patient& patient, const Symptom& symptom)
{
  std::vector<std::string> uids;
  if (symptom.pod_labels.empty()) return uids;
  const auto pods = patient.cluster->list(
      {*objects::resource_for("v1", "Pod"), symptom.space, symptom.pod_labels, ""},
      patient.deadline, patient.stop);
  if (pods)
    for (const auto& pod : pods->items) uids.push_back(objects::uid_of(pod));
  return uids;
}

/// Whether the verify command passes now.
Result<bool> verifies(const Patient& patient, const Verify& verify, const RE2& expect)
{
  const auto kubernetes = patient.words.at("kubernetes");
  const auto folder = patient.places.components() / fs::path(kubernetes).filename();
  base::Command command{.arguments = {(folder / "kubectl").string(), "--kubeconfig",
                                      kubeconfig_of(patient.places, patient.state.name).string()}};
  for (const auto& argument : verify.arguments) {
    TRY_ASSIGN(filled, cell::fill_in(argument, patient.words));
    command.arguments.push_back(filled);
  }
  TRY_ASSIGN(ended, base::run(command, patient.deadline.at_most(20s), patient.stop));
  return ended.exit_code == 0 && RE2::FullMatch(std::string(base::trim(ended.output)), expect);
}

Result<void> note(const Places& places, State state, const std::string& code, bool is_broken)
{
  std::erase(state.broken, code);
  if (is_broken) state.broken.push_back(code);
  return write_state(places.cell(state.name), state);
}

}  // namespace

Result<Observed> break_cell(const Places& places, const std::string& name, const std::string& code,
                            const Progress& progress, const std::stop_token& stop)
{
  TRY_ASSIGN(lock, CellLock::take(places, name));
  TRY_ASSIGN(patient, admit(places, name, stop));
  TRY_ASSIGN(plan, load_break(places, code, patient.state.cell));
  if (!patient.state.broken.empty())
    return base::error_with_hint(ErrorKind::invalid,
                                 fmt::format("cell '{}' is broken already ({})", name,
                                             base::join(patient.state.broken, ", ")),
                                 fmt::format("`coroner lab mend {}` first", name));
  const RE2 pattern(plan.symptom.matches);
  const RE2 expect(plan.verify.expect);
  if (!pattern.ok() || !expect.ok())
    return error(ErrorKind::invalid, "lab/breaks/{}.yaml: not a regular expression: {}{}", code,
                 pattern.error(), expect.error());
  const auto earlier = pod_uids(patient, plan.symptom);
  std::error_code none;
  const auto from =
      plan.symptom.service.empty()
          ? 0
          : fs::file_size(places.cell(name) / "node" / "log" / (plan.symptom.service + ".log"),
                          none);
  TRY(note(places, patient.state, code, true));
  progress(fmt::format("breaking {}: {} {}", name, code, plan.title));
  TRY(carry_out(patient, plan.steps));
  std::optional<Observed> seen;
  TRY(base::poll_until(
      [&]() -> Result<bool> {
        seen = plan.symptom.service.empty() ? look_at_pods(patient, plan.symptom, pattern, earlier)
                                            : look_at_service(patient, plan.symptom, pattern, from);
        return seen.has_value();
      },
      "the symptom of " + code, 200ms, patient.deadline, stop));
  TRY(base::poll_until(
      [&]() -> Result<bool> {
        TRY_ASSIGN(passes, verifies(patient, plan.verify, expect));
        return !passes;
      },
      "the failure of the verify command of " + code, 500ms, patient.deadline, stop));
  return *seen;
}

Result<void> mend_cell(const Places& places, const std::string& name, const std::string& code,
                       const Progress& progress, const std::stop_token& stop)
{
  TRY_ASSIGN(lock, CellLock::take(places, name));
  TRY_ASSIGN(patient, admit(places, name, stop));
  TRY_ASSIGN(plan, load_break(places, code, patient.state.cell));
  const RE2 expect(plan.verify.expect);
  progress(fmt::format("mending {}: {} {}", name, code, plan.title));
  TRY(carry_out(patient, plan.mend));
  TRY(base::poll_until([&] { return verifies(patient, plan.verify, expect); },
                       "the success of the verify command of " + code, 500ms, patient.deadline,
                       stop));
  return note(places, patient.state, code, false);
}

}  // namespace coroner::lab
