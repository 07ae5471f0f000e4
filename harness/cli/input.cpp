// SPDX-License-Identifier: Apache-2.0
// Tells bundles from loose files and text, and reads each within its bounds.
#include "harness/cli/input.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <vector>

#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/verbs.h"
#include "harness/evidence/fact_table.h"

namespace coroner::cli {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;

constexpr std::size_t largest_mebibytes = largest_text_bytes >> 20U;

bool is_binary(std::string_view text)
{
  constexpr std::size_t looked_at_bytes = 8192;
  return text.substr(0, looked_at_bytes).find('\0') != std::string_view::npos;
}

bool is_blank(std::string_view text)
{
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// zstd, gzip, or a tar's own mark at byte 257.
bool is_archive(std::string_view head)
{
  constexpr std::size_t tar_mark_at = 257;
  return head.starts_with("\x28\xb5\x2f\xfd") || head.starts_with("\x1f\x8b") ||
         (head.size() > tar_mark_at && head.substr(tar_mark_at).starts_with("ustar"));
}

/// The first bytes, so that a large archive is not read twice.
std::string head_of(const fs::path& file)
{
  constexpr std::size_t head_bytes = 512;
  std::string head(head_bytes, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(stream.gcount()));
  return head;
}

bool is_bundle_folder(const fs::path& folder)
{
  std::error_code code;
  if (fs::is_regular_file(folder / evidence::events_file, code)) return true;
  const auto manifest = base::read_file(folder / evidence::manifest_file);
  return manifest && manifest->find("coroner.bundle/") != std::string::npos;
}

Result<Input> read_bundle(const std::string& place)
{
  Input input{.name = place};
  TRY_ASSIGN(reader, evidence::Reader::open(place));
  TRY_ASSIGN(seen, evidence::observe(reader));
  input.files = reader.files().size();
  input.seen = std::move(seen);
  input.bundle = std::move(reader);
  return input;
}

Result<Input> read_text(std::string_view text, const std::string& name)
{
  if (is_blank(text))
    return base::error_with_hint(ErrorKind::invalid, name + " is empty: there is nothing to read",
                                 "give it a log, an event, `kubectl get -o yaml`, or a bundle");
  if (is_binary(text))
    return base::error_with_hint(ErrorKind::invalid, name + " is no text",
                                 "unpack it first; a bundle is a .tar.zst or a folder");
  Input input{.name = name, .files = 1};
  const auto source = name == "stdin" ? name : fs::path(name).filename().string();
  TRY_ASSIGN(seen, evidence::observe_text(text, source));
  input.seen = std::move(seen);
  return input;
}

Result<Input> read_stdin()
{
  if (::isatty(STDIN_FILENO) == 1) say("coroner: reading from the terminal; Ctrl-D ends it");
  std::string text;
  std::array<char, 65536> buffer{};
  while (true) {
    const auto got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(base::file_error("read", "stdin", errno));
    if (got == 0) return read_text(text, "stdin");
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > largest_text_bytes)
      return base::error(ErrorKind::invalid, "stdin holds more than {} MiB", largest_mebibytes);
  }
}

void merge(evidence::Observed& all, evidence::Observed&& part)
{
  for (auto& object : part.objects) all.objects.push_back(std::move(object));
  for (auto& text : part.texts) all.texts.push_back(std::move(text));
  for (const auto& definition : evidence::fact_table())
    for (auto& fact : part.facts.all(definition.name)) all.facts.add(std::move(fact));
}

/// Regular files below `folder`, sorted; links are neither followed nor read.
Result<std::vector<fs::path>> loose_files(const fs::path& folder, std::size_t& passed_over)
{
  std::vector<fs::path> files;
  std::error_code code;
  for (auto walk = fs::recursive_directory_iterator(folder, code);
       !code && walk != fs::recursive_directory_iterator(); walk.increment(code)) {
    if (walk->is_directory(code) && !walk->is_symlink(code)) continue;
    if (walk->is_symlink(code) || !walk->is_regular_file(code)) {
      ++passed_over;
      continue;
    }
    files.push_back(walk->path());
    if (files.size() > most_loose_files)
      return base::error_with_hint(
          ErrorKind::invalid,
          fmt::format("{} holds more than {} files", folder.string(), most_loose_files),
          "give it a folder with the logs and objects in question only");
  }
  if (code) return tl::unexpected(base::file_error("list", folder, code.value()));
  std::sort(files.begin(), files.end());
  return files;
}

Result<Input> read_folder(const std::string& place)
{
  Input input{.name = place};
  TRY_ASSIGN(files, loose_files(place, input.passed_over));
  std::size_t total_bytes = 0;
  for (const auto& file : files) {
    TRY_ASSIGN(text, base::read_file(file, largest_text_bytes));
    total_bytes += text.size();
    if (total_bytes > largest_text_bytes)
      return base::error(ErrorKind::invalid, "{} holds more than {} MiB", place, largest_mebibytes);
    if (is_binary(text) || is_blank(text)) {
      ++input.passed_over;
      continue;
    }
    TRY_ASSIGN(seen, evidence::observe_text(text, file.lexically_relative(place).string()));
    merge(input.seen, std::move(seen));
    ++input.files;
  }
  if (input.files == 0)
    return base::error(ErrorKind::invalid, "{} holds no bundle and no file with text", place);
  return input;
}

}  // namespace

Result<Input> read_input(const std::string& place)
{
  if (place == "-") return read_stdin();
  std::error_code code;
  const auto status = fs::status(place, code);
  if (code && status.type() != fs::file_type::not_found)
    return tl::unexpected(base::file_error("read", place, code.value()));
  if (fs::is_directory(status))
    return is_bundle_folder(place) ? read_bundle(place) : read_folder(place);
  // Pipes such as <(kubectl logs ...) are read like files; a device would never end.
  if (fs::is_block_file(status) || fs::is_character_file(status))
    return base::error(ErrorKind::invalid, "{} is a device", place);
  if (fs::is_regular_file(status) && is_archive(head_of(place))) return read_bundle(place);
  TRY_ASSIGN(text, base::read_file(place, largest_text_bytes));
  return read_text(text, place);
}

}  // namespace coroner::cli
