// SPDX-License-Identifier: Apache-2.0
// What every Kubernetes object has: its name, its labels, its identity, and its parts by pointer.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace coroner::objects {

/// The part of `object` at a JSON pointer ("/metadata/name"); null when it is absent or the
/// pointer is malformed. The answer lives as long as `object`.
const nlohmann::json& at(const nlohmann::json& object, std::string_view pointer);

/// The string at `pointer`; "" when it is absent or no string.
std::string text_at(const nlohmann::json& object, std::string_view pointer);

/// The whole number at `pointer`; `otherwise` when it is absent or no whole number in range.
long long number_at(const nlohmann::json& object, std::string_view pointer, long long otherwise);

/// The boolean at `pointer`; `otherwise` when it is absent or no boolean.
bool flag_at(const nlohmann::json& object, std::string_view pointer, bool otherwise);

/// The string members of the object at `pointer`; empty when it is absent.
std::map<std::string, std::string> texts_at(const nlohmann::json& object, std::string_view pointer);

std::string api_version_of(const nlohmann::json& object);
std::string kind_of(const nlohmann::json& object);
std::string name_of(const nlohmann::json& object);
/// "" for cluster-scoped objects.
std::string namespace_of(const nlohmann::json& object);
std::string uid_of(const nlohmann::json& object);
std::string resource_version_of(const nlohmann::json& object);
std::map<std::string, std::string> labels_of(const nlohmann::json& object);
std::map<std::string, std::string> annotations_of(const nlohmann::json& object);
/// The value of one label; "" when it is absent (a label may also be "").
std::string label_of(const nlohmann::json& object, std::string_view key);

/// "Pod kube-system/coredns-x" or "Node one", for messages; control characters made visible.
std::string title_of(const nlohmann::json& object);

/// `target` changed by `patch` as RFC 7386 (JSON merge patch) says: null removes, objects merge,
/// everything else replaces.
nlohmann::json merged(nlohmann::json target, const nlohmann::json& patch);

}  // namespace coroner::objects
