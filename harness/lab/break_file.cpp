// SPDX-License-Identifier: Apache-2.0
// Reads breaks; every refusal names file, line and the nearest right word.
#include <algorithm>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/lab/breaks.h"

namespace coroner::lab {
namespace {

namespace fs = std::filesystem;
using base::Document;
using base::ErrorKind;
using base::Result;
using nlohmann::json;

fs::path folder_of(const Places& places)
{
  return places.matrix / "lab" / "breaks";
}

std::vector<std::string> all_codes(const Places& places)
{
  std::vector<std::string> codes;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder_of(places), code))
    if (entry.path().extension() == ".yaml") codes.push_back(entry.path().stem().string());
  std::sort(codes.begin(), codes.end());
  return codes;
}

std::string text_or_none(const json& object, const char* key)
{
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

Result<Change> read_change(const Document& document, const std::string& at)
{
  TRY(base::check_keys(document, at,
                       {"object", "patch", "file", "after", "insert", "remove", "restart"}));
  const auto& entry = document.value.at(json::json_pointer(at));
  Change change;
  change.file = text_or_none(entry, "file");
  change.after = text_or_none(entry, "after");
  change.insert = text_or_none(entry, "insert");
  change.remove = text_or_none(entry, "remove");
  change.restart = text_or_none(entry, "restart");
  if (entry.contains("object")) {
    TRY(base::check_keys(document, at + "/object", {"apiVersion", "kind", "namespace", "name"}));
    change.target = entry["object"];
    if (!entry.contains("patch")) return document.error_at(at, "an object needs a 'patch'");
    change.patch = entry["patch"];
  }
  const int kinds = static_cast<int>(!change.target.is_null()) +
                    static_cast<int>(!change.file.empty()) +
                    static_cast<int>(!change.restart.empty());
  if (kinds != 1) return document.error_at(at, "a change is exactly one of object, file, restart");
  if (!change.file.empty() && change.insert.empty() == change.remove.empty())
    return document.error_at(at, "a file is changed by insert (with after) or by remove");
  return change;
}

Result<std::vector<Change>> read_changes(const Document& document, const std::string& at)
{
  const json::json_pointer pointer(at);
  if (!document.value.contains(pointer) || !document.value.at(pointer).is_array())
    return document.error_at(at, "a list of changes is expected");
  std::vector<Change> changes;
  for (std::size_t i = 0; i < document.value.at(pointer).size(); ++i) {
    TRY_ASSIGN(change, read_change(document, fmt::format("{}/{}", at, i)));
    changes.push_back(change);
  }
  return changes;
}

Result<Break> read_break(const Document& document, const std::string& code, const std::string& cell)
{
  const auto at = "/cells/" + cell;
  TRY(base::check_keys(document, at, {"steps", "mend", "symptom", "verify"}));
  Break broken;
  broken.code = code;
  TRY_ASSIGN(name, base::string_at(document, "/name"));
  TRY_ASSIGN(title, base::string_at(document, "/title"));
  broken.name = name;
  broken.title = title;
  TRY_ASSIGN(steps, read_changes(document, at + "/steps"));
  TRY_ASSIGN(mend, read_changes(document, at + "/mend"));
  broken.steps = steps;
  broken.mend = mend;
  TRY_ASSIGN(matches, base::string_at(document, at + "/symptom/matches"));
  TRY(base::check_keys(document, at + "/symptom", {"service", "pods", "namespace", "matches"}));
  const auto& symptom = document.value.at(json::json_pointer(at + "/symptom"));
  broken.symptom = {text_or_none(symptom, "service"), text_or_none(symptom, "pods"),
                    text_or_none(symptom, "namespace"), matches};
  if (broken.symptom.service.empty() == broken.symptom.pod_labels.empty())
    return document.error_at(at + "/symptom",
                             "a symptom is seen in the log of a 'service' or of 'pods'");
  TRY_ASSIGN(expect, base::string_at(document, at + "/verify/expect"));
  broken.verify.expect = expect;
  const auto kubectl = json::json_pointer(at + "/verify/kubectl");
  if (!document.value.contains(kubectl) || !document.value.at(kubectl).is_array())
    return document.error_at(at + "/verify", "'kubectl' is missing: the arguments as a list");
  for (const auto& argument : document.value.at(kubectl))
    if (argument.is_string()) broken.verify.arguments.push_back(argument.get<std::string>());
  return broken;
}

Result<Document> read_document(const Places& places, const std::string& code)
{
  const auto codes = all_codes(places);
  if (std::find(codes.begin(), codes.end(), code) == codes.end()) {
    const auto near = base::nearest(code, codes);
    return base::error_with_hint(
        ErrorKind::not_found, fmt::format("the lab knows no break '{}'", base::printable(code)),
        near.empty() ? "breaks are: " + base::join(codes, ", ") : "did you mean '" + near + "'?");
  }
  const auto path = folder_of(places) / (code + ".yaml");
  TRY_ASSIGN(text, base::read_file(path, base::largest_yaml_bytes));
  TRY_ASSIGN(document, base::parse_yaml(text, path.string()));
  TRY(base::check_keys(document, "", {"id", "name", "title", "cells"}));
  TRY_ASSIGN(id, base::string_at(document, "/id"));
  if (id != code) return document.error_at("/id", fmt::format("the file is named {}", code));
  if (!document.value.contains("cells") || !document.value["cells"].is_object())
    return document.error_at("", "'cells' is missing");
  return document;
}

}  // namespace

std::vector<std::string> break_codes(const Places& places, const std::string& cell)
{
  std::vector<std::string> codes;
  for (const auto& code : all_codes(places)) {
    const auto document = read_document(places, code);
    if (document && document->value["cells"].contains(cell)) codes.push_back(code);
  }
  return codes;
}

Result<Break> load_break(const Places& places, const std::string& code, const std::string& cell)
{
  TRY_ASSIGN(document, read_document(places, code));
  if (document.value["cells"].contains(cell)) return read_break(document, code, cell);
  std::vector<std::string> cells;
  for (const auto& [name, entry] : document.value["cells"].items()) cells.push_back(name);
  return base::error_with_hint(ErrorKind::not_found,
                               fmt::format("{} cannot be produced on the cell '{}'", code, cell),
                               "it can on: " + base::join(cells, ", "));
}

}  // namespace coroner::lab
