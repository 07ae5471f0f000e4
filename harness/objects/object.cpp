// SPDX-License-Identifier: Apache-2.0
// Reading parts of objects that may lack them or have them in another type.
#include "harness/objects/object.h"

#include <limits>

#include "harness/base/text.h"

namespace coroner::objects {
namespace {

using nlohmann::json;

const json absent;

/// One part of a JSON pointer with its escapes resolved (RFC 6901).
std::string unescaped(std::string_view token)
{
  std::string text;
  for (std::size_t place = 0; place < token.size(); ++place) {
    if (token[place] != '~' || place + 1 == token.size()) {
      text += token[place];
      continue;
    }
    ++place;
    text += token[place] == '1' ? '/' : '~';
  }
  return text;
}

const json& child_of(const json& parent, const std::string& key)
{
  if (parent.is_object()) {
    const auto found = parent.find(key);
    return found == parent.end() ? absent : *found;
  }
  constexpr std::size_t longest_index = 9;
  const bool is_index = !key.empty() && key.size() <= longest_index &&
                        key.find_first_not_of("0123456789") == std::string::npos;
  if (!parent.is_array() || !is_index) return absent;
  const auto index = static_cast<std::size_t>(std::stoul(key));
  return index < parent.size() ? parent[index] : absent;
}

}  // namespace

const json& at(const json& object, std::string_view pointer)
{
  if (pointer.empty()) return object;
  if (pointer.front() != '/') return absent;
  const json* here = &object;
  for (const auto& token : base::split(pointer.substr(1), '/'))
    here = &child_of(*here, unescaped(token));
  return *here;
}

std::string text_at(const json& object, std::string_view pointer)
{
  const auto& part = at(object, pointer);
  return part.is_string() ? part.get<std::string>() : std::string{};
}

long long number_at(const json& object, std::string_view pointer, long long otherwise)
{
  const auto& part = at(object, pointer);
  if (part.is_number_unsigned()) {
    const auto number = part.get<unsigned long long>();
    const auto largest = static_cast<unsigned long long>(std::numeric_limits<long long>::max());
    return number <= largest ? static_cast<long long>(number) : otherwise;
  }
  return part.is_number_integer() ? part.get<long long>() : otherwise;
}

bool flag_at(const json& object, std::string_view pointer, bool otherwise)
{
  const auto& part = at(object, pointer);
  return part.is_boolean() ? part.get<bool>() : otherwise;
}

std::map<std::string, std::string> texts_at(const json& object, std::string_view pointer)
{
  std::map<std::string, std::string> texts;
  const auto& part = at(object, pointer);
  if (!part.is_object()) return texts;
  for (const auto& [key, value] : part.items())
    if (value.is_string()) texts.emplace(key, value.get<std::string>());
  return texts;
}

std::string api_version_of(const json& object)
{
  return text_at(object, "/apiVersion");
}

std::string kind_of(const json& object)
{
  return text_at(object, "/kind");
}

std::string name_of(const json& object)
{
  return text_at(object, "/metadata/name");
}

std::string namespace_of(const json& object)
{
  return text_at(object, "/metadata/namespace");
}

std::string uid_of(const json& object)
{
  return text_at(object, "/metadata/uid");
}

std::string resource_version_of(const json& object)
{
  return text_at(object, "/metadata/resourceVersion");
}

std::map<std::string, std::string> labels_of(const json& object)
{
  return texts_at(object, "/metadata/labels");
}

std::map<std::string, std::string> annotations_of(const json& object)
{
  return texts_at(object, "/metadata/annotations");
}

std::string label_of(const json& object, std::string_view key)
{
  const auto& labels = at(object, "/metadata/labels");
  const auto& value = labels.is_object() ? child_of(labels, std::string(key)) : absent;
  return value.is_string() ? value.get<std::string>() : std::string{};
}

std::string title_of(const json& object)
{
  const auto kind = kind_of(object);
  const auto space = namespace_of(object);
  const auto name = name_of(object);
  return base::printable((kind.empty() ? "object" : kind) + " " +
                         (space.empty() ? "" : space + "/") + name);
}

json merged(json target, const json& patch)
{
  target.merge_patch(patch);
  return target;
}

}  // namespace coroner::objects
