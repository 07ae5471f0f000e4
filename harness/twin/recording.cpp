// SPDX-License-Identifier: Apache-2.0
// From a bundle's objects and events to a recording.
#include "harness/twin/recording.h"

#include <algorithm>
#include <charconv>

#include "harness/crypto/digest.h"
#include "harness/evidence/path.h"
#include "harness/objects/object.h"

namespace coroner::twin {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;
using objects::text_at;

/// The plural of a kind that no table has, as apimachinery 0.34 guesses it
/// (pkg/api/meta/restmapper.go, UnsafeGuessKindToResource).
std::string guessed_plural(std::string_view kind)
{
  std::string plural(kind);
  for (auto& letter : plural)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  if (plural.ends_with('s')) return plural + "es";
  if (plural.ends_with('y')) return plural.substr(0, plural.size() - 1) + "ies";
  return plural + "s";
}

bool is_api_version(std::string_view text)
{
  return !text.empty() && !text.starts_with('/') && !text.ends_with('/') &&
         std::count(text.begin(), text.end(), '/') <= 1;
}

/// A uid of the usual form that is always the same for `path`.
std::string uid_from(std::string_view path)
{
  auto uid = crypto::sha256_hex(path).substr(0, 32);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) uid.insert(at, "-");
  return uid;
}

/// The answer behind an error of our own client, "cannot create …: … (HTTP 403): said", else the
/// text and code as they are.
Admission admission_of(const json& data)
{
  constexpr int first_error = 400;
  constexpr int last_error = 599;
  constexpr int refused_code = 422;
  constexpr int error_code = 500;
  constexpr std::string_view mark = " (HTTP ";
  constexpr std::size_t digits = 3;
  const auto status = text_at(data, "/status");
  auto message = text_at(data, "/message");
  auto code = objects::number_at(data, "/code", 0);
  const auto at = message.find(mark);
  const auto end = at + mark.size() + digits;
  if (message.starts_with("cannot create ") && at != std::string::npos && end < message.size() &&
      message.substr(end).starts_with("): ")) {
    const auto* number = message.data() + at + mark.size();
    std::from_chars(number, number + digits, code);
    message.erase(0, end + 3);
  }
  if (code < first_error || code > last_error)
    code = status == "refused" ? refused_code : error_code;
  return {status == "admitted", static_cast<int>(code), std::move(message)};
}

class Builder {
 public:
  explicit Builder(Recording& recording) : recording_(recording)
  {
    for (const auto& resource : objects::known_resources()) static_cast<void>(kind_at(resource));
  }

  Result<void> add_object(evidence::StoredObject stored)
  {
    const auto path = evidence::object_path(stored.object);
    const auto api_version = objects::api_version_of(stored.object);
    if (!path || *path != stored.path || !is_api_version(api_version)) {
      ++recording_.passed_over;
      return {};
    }
    TRY_ASSIGN(kind, kind_for(api_version, objects::kind_of(stored.object),
                              !objects::namespace_of(stored.object).empty()));
    recording_.kinds[kind].is_mentioned = true;
    auto& metadata = stored.object["metadata"];
    if (objects::uid_of(stored.object).empty()) metadata["uid"] = uid_from(stored.path);
    if (objects::resource_version_of(stored.object).empty()) metadata["resourceVersion"] = "1";
    recording_.objects.push_back({kind, std::move(stored.object)});
    return {};
  }

  Result<void> add_event(const evidence::Event& event)
  {
    if (event.kind == evidence::EventKind::collected) return mark(event.data, true);
    if (event.kind == evidence::EventKind::not_collected) return mark(event.data, false);
    if (event.kind == evidence::EventKind::answer) add_answer(event.data);
    if (event.kind == evidence::EventKind::plan) add_plan(event.data);
    return {};
  }

  void add_log(const std::string& path)
  {
    const auto names = evidence::names_of(path);
    if (names.folder != "logs") return;
    auto& log = recording_.logs[{names.name_space, names.name}][names.container];
    (names.is_previous ? log.second : log.first) = path;
  }

  void find_run_spaces()
  {
    recording_.run_ids.insert(recording_.run);
    recording_.run_ids.erase("");
    for (const auto& recorded : recording_.objects)
      if (objects::kind_of(recorded.object) == "Namespace" &&
          recording_.run_ids.contains(objects::label_of(recorded.object, run_label)))
        recording_.run_spaces.insert(objects::name_of(recorded.object));
  }

  Result<void> pin_identity()
  {
    const auto& uid = recording_.cluster.uid;
    if (uid.empty()) return {};
    TRY_ASSIGN(namespaces, kind_for("v1", "Namespace", false));
    recording_.kinds[namespaces].is_mentioned = true;
    for (auto& recorded : recording_.objects) {
      if (recorded.kind != namespaces || objects::name_of(recorded.object) != "kube-system")
        continue;
      recorded.object["metadata"]["uid"] = uid;
      return {};
    }
    recording_.objects.push_back(
        {namespaces,
         {{"apiVersion", "v1"},
          {"kind", "Namespace"},
          {"metadata", {{"name", "kube-system"}, {"uid", uid}, {"resourceVersion", "1"}}},
          {"status", {{"phase", "Active"}}}}});
    return {};
  }

 private:
  Result<std::size_t> kind_at(const objects::Resource& resource)
  {
    const auto key = std::make_pair(resource.api_version, resource.kind);
    const auto [place, is_new] = kinds_.emplace(key, recording_.kinds.size());
    if (!is_new) return place->second;
    if (recording_.kinds.size() >= most_kinds)
      return base::error(ErrorKind::invalid, "the bundle names more than {} kinds of objects",
                         most_kinds);
    recording_.kinds.push_back({.resource = resource});
    return place->second;
  }

  Result<std::size_t> kind_for(const std::string& api_version, const std::string& kind,
                               bool is_namespaced)
  {
    return kind_at({api_version, kind, guessed_plural(kind), is_namespaced});
  }

  /// Of a place "api/apps/v1/DaemonSet".
  Result<void> mark(const json& data, bool is_collected)
  {
    constexpr std::string_view start = "api/";
    const auto place = text_at(data, "/place");
    const auto slash = place.rfind('/');
    if (!place.starts_with(start) || slash < start.size() || !text_at(data, "/node").empty())
      return {};
    const auto api_version = place.substr(start.size(), slash - start.size());
    const auto name = place.substr(slash + 1);
    if (!is_api_version(api_version) || name.empty()) return {};
    TRY_ASSIGN(index, kind_for(api_version, name, true));
    auto& kind = recording_.kinds[index];
    kind.is_mentioned = true;
    if (is_collected)
      kind.is_collected = true;
    else
      kind.why_not = text_at(data, "/reason");
    return {};
  }

  void add_answer(const json& data)
  {
    const auto question = text_at(data, "/question");
    const auto name = text_at(data, "/object_name");
    const auto pod = text_at(data, "/pod");
    if (question == "dry_run" && !name.empty()) recording_.dry_runs[name] = admission_of(data);
    if (question == "create" && !pod.empty()) recording_.refused_pods[pod] = admission_of(data);
  }

  void add_plan(const json& data)
  {
    recording_.run_ids.insert(text_at(data, "/run_id"));
    const auto& permissions = objects::at(data, "/permissions");
    if (!permissions.is_array()) return;
    for (const auto& permission : permissions) {
      const bool is_allowed = objects::flag_at(permission, "/allowed", false) ||
                              objects::flag_at(permission, "/is_allowed", false);
      recording_.permissions[{text_at(permission, "/verb"), text_at(permission, "/resource")}] =
          is_allowed;
    }
  }

  Recording& recording_;
  std::map<std::pair<std::string, std::string>, std::size_t> kinds_;
};

}  // namespace

std::optional<std::size_t> Recording::kind_of(std::string_view api_version,
                                              std::string_view plural) const
{
  for (std::size_t i = 0; i < kinds.size(); ++i)
    if (kinds[i].resource.api_version == api_version && kinds[i].resource.plural == plural)
      return i;
  return std::nullopt;
}

Result<Recording> recording_of(const evidence::Reader& bundle)
{
  Recording recording;
  recording.cluster = bundle.manifest().cluster;
  recording.run = bundle.manifest().run;
  Builder builder(recording);
  TRY_ASSIGN(stored, bundle.objects());
  for (auto& object : stored) TRY(builder.add_object(std::move(object)));
  TRY_ASSIGN(events, bundle.events());
  for (const auto& event : events) TRY(builder.add_event(event));
  for (const auto& path : bundle.files()) builder.add_log(path);
  builder.find_run_spaces();
  TRY(builder.pin_identity());
  return recording;
}

}  // namespace coroner::twin
