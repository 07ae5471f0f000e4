// SPDX-License-Identifier: Apache-2.0
// All causes together: unique, complete, without circles, compiled into one set.
#include "harness/graveyard/catalogue.h"

#include <algorithm>
#include <functional>
#include <set>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/graveyard/parse_rule.h"
#include "harness/graveyard/unexplained.h"

namespace coroner::graveyard {
namespace {

using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

/// "file:line:column: message" at a field of a cause that was read before.
tl::unexpected<base::Error> error_at(const SourceFile& file, std::string_view pointer,
                                     std::string_view message)
{
  const auto document = base::parse_yaml(file.text, file.name);
  return document ? document->error_at(pointer, message)
                  : base::error(ErrorKind::internal, "{}: {}", file.name, message);
}

Result<void> check_unique(const std::vector<Cause>& causes, const std::vector<SourceFile>& files)
{
  std::map<std::string, std::string> seen;
  for (std::size_t i = 0; i < causes.size(); ++i)
    for (const auto& [word, pointer] :
         {std::pair{causes[i].id, "/id"}, {causes[i].name, "/name"}}) {
      const auto [entry, is_new] = seen.emplace(word, causes[i].file);
      if (!is_new)
        return error_at(files[i], pointer, fmt::format("{} is taken by {}", word, entry->second));
    }
  return {};
}

Result<void> check_yields(const std::vector<Cause>& causes, const std::vector<SourceFile>& files)
{
  std::map<std::string, const Cause*> by_id;
  std::vector<std::string> ids;
  for (const auto& cause : causes) {
    by_id[cause.id] = &cause;
    ids.push_back(cause.id);
  }
  for (std::size_t i = 0; i < causes.size(); ++i)
    for (std::size_t k = 0; k < causes[i].yields_to.size(); ++k) {
      const auto pointer = fmt::format("/yields_to/{}", k);
      const auto& id = causes[i].yields_to[k];
      const auto lower = by_id.find(id);
      if (lower == by_id.end())
        return error_at(
            files[i], pointer,
            fmt::format("there is no cause {}; did you mean '{}'?", id, base::nearest(id, ids)));
      const bool is_mutual =
          std::find(lower->second->yields_to.begin(), lower->second->yields_to.end(),
                    causes[i].id) != lower->second->yields_to.end();
      // A circle needs a step to the same or a higher layer, so refusing those refuses circles.
      if (lower->second->layer >= causes[i].layer)
        return error_at(
            files[i], pointer,
            fmt::format("{} is of layer {}, which is not below {}{}", id,
                        record::word(lower->second->layer), record::word(causes[i].layer),
                        is_mutual ? "; the two yield to each other in a circle" : ""));
    }
  return {};
}

Result<void> add_patches(std::vector<Cause>& causes, const std::vector<SourceFile>& files,
                         const std::map<std::string, std::string>& patches)
{
  for (std::size_t i = 0; i < causes.size(); ++i)
    for (auto& [distro, fix] : causes[i].fixes) {
      if (fix.patch_file.empty()) continue;
      const auto patch = patches.find(fix.patch_file);
      if (patch == patches.end())
        return error_at(files[i], "/fix/" + distro + "/patch",
                        fmt::format("there is no {}", fix.patch_file));
      fix.patch = patch->second;
    }
  return {};
}

Result<std::vector<std::string>> names_in(const fs::path& folder)
{
  std::error_code problem;
  std::vector<std::string> names;
  for (auto walk = fs::directory_iterator(folder, problem);
       !problem && walk != fs::directory_iterator(); walk.increment(problem))
    names.push_back(walk->path().filename().string());
  if (problem) return tl::unexpected(base::file_error("list", folder, problem.value()));
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> check_examples(const Catalogue& catalogue, const std::vector<SourceFile>& files,
                            const fs::path& folder)
{
  for (std::size_t i = 0; i < catalogue.causes().size(); ++i) {
    const auto& examples = catalogue.causes()[i].examples;
    for (std::size_t k = 0; k < examples.size(); ++k)
      if (examples[k].find('/') != std::string::npos || !fs::exists(folder / examples[k]))
        return error_at(files[i], fmt::format("/examples/{}", k),
                        fmt::format("there is no examples/{}", base::printable(examples[k])));
  }
  return {};
}

}  // namespace

Result<Catalogue> Catalogue::of(const std::vector<SourceFile>& files,
                                const std::map<std::string, std::string>& patches)
{
  std::vector<Cause> causes;
  for (const auto& file : files) {
    TRY_ASSIGN(cause, parse_cause(file));
    causes.push_back(std::move(cause));
  }
  TRY(check_unique(causes, files));
  TRY(check_yields(causes, files));
  TRY(add_patches(causes, files, patches));
  std::vector<std::string> patterns;
  const auto number = [&patterns](LogTest& test) {
    test.signature = static_cast<int>(patterns.size());
    patterns.push_back(test.pattern);
  };
  for (auto& cause : causes) {
    for_each_log_test(cause.when, number);
    for (auto& rule : cause.raises) for_each_log_test(rule, number);
    for (auto& rule : cause.unless) for_each_log_test(rule, number);
  }
  const auto count = static_cast<int>(patterns.size());
  patterns.insert(patterns.end(), error_patterns.begin(), error_patterns.end());
  TRY_ASSIGN(signatures, SignatureSet::make(patterns));
  TRY_ASSIGN(components, Components::make());
  std::sort(causes.begin(), causes.end(),
            [](const Cause& one, const Cause& other) { return one.id < other.id; });
  return Catalogue(std::move(causes), std::move(signatures), std::move(components), count);
}

Result<Catalogue> Catalogue::load(const fs::path& folder)
{
  TRY_ASSIGN(names, names_in(folder));
  std::vector<SourceFile> files;
  for (const auto& name : names) {
    if (!name.starts_with("GY") || !name.ends_with(".yaml")) continue;
    TRY_ASSIGN(text, base::read_file(folder / name, base::largest_yaml_bytes));
    files.push_back({name, std::move(text)});
  }
  if (files.empty())
    return base::error(ErrorKind::not_found, "{} holds no GYnnn-*.yaml", folder.string());
  std::map<std::string, std::string> patches;
  if (fs::exists(folder / "fixes")) {
    TRY_ASSIGN(fixes, names_in(folder / "fixes"));
    for (const auto& name : fixes) {
      TRY_ASSIGN(text, base::read_file(folder / "fixes" / name, base::largest_yaml_bytes));
      patches["fixes/" + name] = std::move(text);
    }
  }
  TRY_ASSIGN(catalogue, of(files, patches));
  TRY(check_examples(catalogue, files, folder / "examples"));
  return catalogue;
}

Result<const Cause*> Catalogue::find(std::string_view id_or_name) const
{
  std::vector<std::string> known;
  for (const auto& cause : causes_) {
    if (cause.id == id_or_name || cause.name == id_or_name) return &cause;
    known.push_back(cause.id);
    known.push_back(cause.name);
  }
  const auto near = base::nearest(std::string(id_or_name.substr(0, 64)), known);
  return base::error_with_hint(
      ErrorKind::not_found,
      fmt::format("there is no cause '{}'", base::printable(id_or_name.substr(0, 64))),
      near.empty() ? "'coroner explain --list' names them all" : "the nearest is '" + near + "'");
}

}  // namespace coroner::graveyard
