// SPDX-License-Identifier: Apache-2.0
// Manifest and events as JSON and back.
#include "harness/evidence/bundle.h"

#include <algorithm>
#include <array>

#include "harness/base/text.h"
#include "harness/evidence/path.h"
#include "harness/objects/object.h"

namespace coroner::evidence {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;
using objects::at;
using objects::text_at;

constexpr std::array<std::pair<EventKind, std::string_view>, 10> words = {{
    {EventKind::object, "object"},
    {EventKind::log, "log"},
    {EventKind::host_file, "host_file"},
    {EventKind::pod_result, "pod_result"},
    {EventKind::collected, "collected"},
    {EventKind::not_collected, "not_collected"},
    {EventKind::verdict, "verdict"},
    {EventKind::plan, "plan"},
    {EventKind::answer, "answer"},
    {EventKind::note, "note"},
}};

Result<FileEntry> file_from(const json& value)
{
  TRY_ASSIGN(path, checked_path(text_at(value, "/path")));
  const auto bytes = objects::number_at(value, "/bytes", -1);
  if (bytes < 0) return base::error(ErrorKind::invalid, "the manifest gives {} no size", path);
  return FileEntry{path, static_cast<std::uint64_t>(bytes), text_at(value, "/sha256")};
}

}  // namespace

std::string_view word(EventKind kind)
{
  const auto* entry = std::find_if(words.begin(), words.end(),
                                   [kind](const auto& pair) { return pair.first == kind; });
  return entry == words.end() ? "" : entry->second;
}

json to_json(const Manifest& manifest)
{
  json files = json::array();
  for (const auto& file : manifest.files)
    files.push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  return {{"schema", bundle_schema},
          {"run", manifest.run},
          {"created", manifest.created},
          {"tool", manifest.tool},
          {"cluster",
           {{"uid", manifest.cluster.uid},
            {"server", manifest.cluster.server},
            {"version", manifest.cluster.version}}},
          {"is_complete", manifest.is_complete},
          {"redactions", manifest.redactions},
          {"files", files}};
}

Result<Manifest> manifest_from(const json& value)
{
  const auto schema = text_at(value, "/schema");
  if (schema != bundle_schema)
    return base::error(ErrorKind::invalid, "schema \"{}\" is not {}", base::printable(schema),
                       bundle_schema);
  Manifest manifest{.run = text_at(value, "/run"),
                    .created = text_at(value, "/created"),
                    .tool = text_at(value, "/tool"),
                    .cluster = {text_at(value, "/cluster/uid"), text_at(value, "/cluster/server"),
                                text_at(value, "/cluster/version")},
                    .is_complete = objects::flag_at(value, "/is_complete", false)};
  if (manifest.run.empty()) return base::error(ErrorKind::invalid, "the manifest names no run");
  const auto& redactions = at(value, "/redactions");
  if (redactions.is_object())
    for (const auto& [kind, count] : redactions.items())
      if (count.is_number_unsigned()) manifest.redactions[kind] = count.get<std::size_t>();
  const auto& files = at(value, "/files");
  if (files.is_array() && files.size() <= most_bundle_files) {
    for (const auto& file : files) {
      TRY_ASSIGN(entry, file_from(file));
      manifest.files.push_back(std::move(entry));
    }
  }
  return manifest;
}

json to_json(const Event& event)
{
  json value = {{"sequence", event.sequence}, {"at", event.at}, {"kind", word(event.kind)}};
  if (!event.change.empty()) value["change"] = event.change;
  if (!event.path.empty()) value["path"] = event.path;
  if (!event.data.is_null()) value["data"] = event.data;
  return value;
}

Result<Event> event_from(const json& value)
{
  const auto kind = text_at(value, "/kind");
  const auto* entry = std::find_if(words.begin(), words.end(),
                                   [&](const auto& pair) { return pair.second == kind; });
  const auto sequence = objects::number_at(value, "/sequence", 0);
  if (entry == words.end() || sequence < 1)
    return base::error(ErrorKind::invalid, "an event of unknown kind \"{}\" or without number",
                       base::printable(kind));
  Event event{.sequence = static_cast<std::uint64_t>(sequence),
              .at = text_at(value, "/at"),
              .kind = entry->first,
              .change = text_at(value, "/change"),
              .path = text_at(value, "/path"),
              .data = at(value, "/data")};
  if (!event.path.empty()) TRY(checked_path(event.path));
  return event;
}

}  // namespace coroner::evidence
