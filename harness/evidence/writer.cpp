// SPDX-License-Identifier: Apache-2.0
// Writing a bundle: redact, put the file, append the event, flush.
#include "harness/evidence/writer.h"

#include <chrono>
#include <mutex>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/crypto/digest.h"
#include "harness/evidence/disk.h"
#include "harness/evidence/json_text.h"

namespace coroner::evidence {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;
namespace fs = std::filesystem;

std::string now_text()
{
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(second), (now - second).count());
}

/// How much of events.ndjson is whole lines, and how many they are.
struct Extent {
  std::uint64_t bytes = 0;
  std::uint64_t events = 0;
};

Result<Extent> whole_events(const fs::path& path)
{
  TRY_ASSIGN(text, read_regular(path, largest_bundle_bytes));
  Extent extent;
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    const auto value = parse_json(std::string_view(text).substr(begin, end - begin));
    if (!value || !event_from(*value)) break;
    begin = end + 1;
    extent = {begin, extent.events + 1};
  }
  return extent;
}

}  // namespace

struct Writer::State {
  State(fs::path where, AppendFile file, Redactor taken, Manifest told)
      : folder(std::move(where)),
        events(std::move(file)),
        redactor(std::move(taken)),
        manifest(std::move(told))
  {}

  fs::path folder;
  AppendFile events;
  Redactor redactor;
  Manifest manifest;
  std::uint64_t sequence = 0;
  std::mutex mutex;

  Result<std::string> line_of(Event event)
  {
    if (manifest.is_complete)
      return base::error(ErrorKind::internal, "the bundle {} is finished", folder.string());
    event.sequence = ++sequence;
    event.at = now_text();
    auto line = dump_json(to_json(event)) + "\n";
    if (line.size() > largest_event_bytes) {
      event.data = {{"left_out", "larger than an event may be"}};
      line = dump_json(to_json(event)) + "\n";
    }
    return line;
  }

  Result<void> append(Event event)
  {
    TRY_ASSIGN(line, line_of(std::move(event)));
    return events.append(line);
  }

  Result<void> data(EventKind kind, const json& value)
  {
    const std::lock_guard lock(mutex);
    return append({.kind = kind, .data = redactor.object(value).value_or(nullptr)});
  }

  Result<void> file(EventKind kind, const std::string& path, std::string_view content)
  {
    TRY(checked_path(path));
    TRY(put_file(folder / path, redactor.text(content)));
    return append({.kind = kind, .path = path});
  }

  /// Puts the object's file; the line of its event, or "" for what is left out.
  Result<std::string> stored(const json& object, std::string_view change)
  {
    const auto clean = redactor.object(object);
    if (!clean) return std::string();
    TRY_ASSIGN(path, object_path(*clean));
    TRY(put_file(folder / path, pretty_json(*clean)));
    return line_of({.kind = EventKind::object,
                    .change = std::string(change),
                    .path = std::move(path),
                    .data = *clean});
  }

  Result<void> put_manifest()
  {
    const auto& already = manifest.redactions;
    json value = to_json(manifest);
    for (const auto& [kind, count] : redactor.counts()) {
      const auto before = already.find(kind);
      value["redactions"][kind] = count + (before == already.end() ? 0 : before->second);
    }
    return base::write_file(folder / manifest_file, pretty_json(value));
  }

  Result<void> hash_files()
  {
    TRY_ASSIGN(paths, files_below(folder, most_bundle_files));
    manifest.files.clear();
    for (const auto& path : paths) {
      if (path == manifest_file || !checked_path(path)) continue;
      TRY_ASSIGN(hash, crypto::sha256_of_file(folder / path));
      std::error_code unknown;
      manifest.files.push_back({path, fs::file_size(folder / path, unknown), hash});
    }
    return {};
  }
};

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

Result<Writer> Writer::create(const fs::path& folder, Manifest manifest)
{
  TRY(base::make_directories(folder));
  TRY_ASSIGN(redactor, Redactor::make());
  auto events = AppendFile::open(folder / events_file, true);
  if (!events) return base::pass_on(events.error(), "while beginning a bundle");
  manifest.is_complete = false;
  manifest.files.clear();
  if (manifest.created.empty()) manifest.created = now_text();
  auto state =
      std::make_unique<State>(folder, std::move(*events), std::move(redactor), std::move(manifest));
  TRY(state->put_manifest());
  return Writer(std::move(state));
}

Result<Writer> Writer::resume(const fs::path& folder)
{
  TRY_ASSIGN(events, AppendFile::open(folder / events_file, false));
  TRY_ASSIGN(text, read_regular(folder / manifest_file, largest_bundle_file_bytes));
  TRY_ASSIGN(value, parse_json(text));
  TRY_ASSIGN(manifest, manifest_from(value));
  if (manifest.is_complete)
    return base::error(ErrorKind::invalid, "the bundle {} is finished", folder.string());
  TRY_ASSIGN(extent, whole_events(folder / events_file));
  TRY(events.cut(extent.bytes));
  TRY_ASSIGN(redactor, Redactor::make());
  auto state =
      std::make_unique<State>(folder, std::move(events), std::move(redactor), std::move(manifest));
  state->sequence = extent.events;
  return Writer(std::move(state));
}

Result<void> Writer::object(const json& object, std::string_view change)
{
  const std::lock_guard lock(state_->mutex);
  TRY_ASSIGN(line, state_->stored(object, change));
  return line.empty() ? Result<void>{} : state_->events.append(line);
}

Result<void> Writer::objects(std::span<const json> objects)
{
  const std::lock_guard lock(state_->mutex);
  std::string lines;
  for (const auto& object : objects) {
    TRY_ASSIGN(line, state_->stored(object, "ADDED"));
    lines += line;
  }
  return lines.empty() ? Result<void>{} : state_->events.append(lines);
}

Result<void> Writer::log(const LogName& name, std::string_view text)
{
  TRY_ASSIGN(path, log_path(name));
  const std::lock_guard lock(state_->mutex);
  return state_->file(EventKind::log, path, text);
}

Result<void> Writer::host_file(std::string_view node, std::string_view place,
                               std::string_view content)
{
  TRY_ASSIGN(path, host_path(node, place));
  const std::lock_guard lock(state_->mutex);
  return state_->file(EventKind::host_file, path, content);
}

Result<void> Writer::pod_result(std::string_view node, std::string_view case_id,
                                std::string_view lines)
{
  TRY_ASSIGN(path, pod_result_path(node, case_id));
  const std::lock_guard lock(state_->mutex);
  return state_->file(EventKind::pod_result, path, lines);
}

Result<void> Writer::collected(std::string_view place, std::string_view node)
{
  const std::lock_guard lock(state_->mutex);
  return state_->append({.kind = EventKind::collected, .data = {{"place", place}, {"node", node}}});
}

Result<void> Writer::not_collected(std::string_view place, std::string_view node,
                                   std::string_view reason)
{
  const std::lock_guard lock(state_->mutex);
  json data = {{"place", place}, {"node", node}, {"reason", state_->redactor.text(reason)}};
  return state_->append({.kind = EventKind::not_collected, .data = std::move(data)});
}

Result<void> Writer::verdict(const json& verdict)
{
  return state_->data(EventKind::verdict, verdict);
}

Result<void> Writer::plan(const json& plan)
{
  return state_->data(EventKind::plan, plan);
}

Result<void> Writer::answer(const json& answer)
{
  return state_->data(EventKind::answer, answer);
}

Result<void> Writer::note(std::string_view text)
{
  const std::lock_guard lock(state_->mutex);
  return state_->append({.kind = EventKind::note, .data = {{"text", state_->redactor.text(text)}}});
}

Result<Manifest> Writer::finish()
{
  const std::lock_guard lock(state_->mutex);
  if (state_->manifest.is_complete)
    return base::error(ErrorKind::internal, "the bundle {} is finished", state_->folder.string());
  TRY(state_->hash_files());
  TRY(flush_below(state_->folder));
  state_->manifest.is_complete = true;
  TRY(state_->put_manifest());
  for (const auto& [kind, count] : state_->redactor.counts())
    state_->manifest.redactions[kind] += count;
  return state_->manifest;
}

}  // namespace coroner::evidence
