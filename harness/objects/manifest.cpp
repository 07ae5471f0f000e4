// SPDX-License-Identifier: Apache-2.0
// Documents checked for what makes them objects.
#include "harness/objects/manifest.h"

#include "harness/base/yaml.h"
#include "harness/objects/object.h"

namespace coroner::objects {
namespace {

using base::Document;
using nlohmann::json;

base::Result<void> check_object(const Document& document, const std::string& pointer)
{
  const auto& object = at(document.value, pointer);
  if (!object.is_object())
    return document.error_at(pointer, "here a Kubernetes object (a mapping) must stand");
  for (const char* part : {"/apiVersion", "/kind", "/metadata", "/metadata/name"}) {
    const auto& value = at(object, part);
    const bool is_metadata = std::string_view(part) == "/metadata";
    const bool is_right =
        is_metadata ? value.is_object() : value.is_string() && !value.get<std::string>().empty();
    if (is_right) continue;
    const auto title = std::string(part + 1);
    return document.error_at(value.is_null() ? pointer : pointer + part,
                             (value.is_null() ? "the object has no " : "the object has a wrong ") +
                                 title +
                                 (is_metadata ? " (a mapping)" : " (a string that is not empty)"));
  }
  return {};
}

}  // namespace

base::Result<std::vector<json>> objects_from_yaml(std::string_view text, const std::string& source)
{
  TRY_ASSIGN(documents, base::parse_yaml_documents(text, source));
  std::vector<json> found;
  for (const auto& document : documents) {
    const auto& items = at(document.value, "/items");
    if (kind_of(document.value) == "List" && items.is_array()) {
      for (std::size_t index = 0; index < items.size(); ++index) {
        TRY(check_object(document, "/items/" + std::to_string(index)));
        found.push_back(items[index]);
      }
      continue;
    }
    TRY(check_object(document, ""));
    found.push_back(document.value);
  }
  if (found.empty())
    return base::error(base::ErrorKind::invalid, "{}: there is no object in this file", source);
  return found;
}

}  // namespace coroner::objects
