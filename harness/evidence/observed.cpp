// SPDX-License-Identifier: Apache-2.0
// From files and objects to texts and facts, by the table of facts.
#include "harness/evidence/observed.h"

#include <map>
#include <memory>

#include <fmt/format.h>
#include <re2/re2.h>

#include "harness/base/text.h"
#include "harness/evidence/fact_table.h"
#include "harness/evidence/json_text.h"
#include "harness/evidence/path.h"
#include "harness/evidence/redact.h"
#include "harness/objects/manifest.h"
#include "harness/objects/object.h"
#include "harness/objects/pod.h"
#include "harness/objects/quantity.h"

namespace coroner::evidence {
namespace {

using base::Result;
using nlohmann::json;
using objects::text_at;

/// Where messages of components stand in objects.
constexpr std::string_view message_names[] = {"message", "reason"};

std::string api_place(const json& object)
{
  return fmt::format("api/{}/{}", objects::api_version_of(object), objects::kind_of(object));
}

Scope scope_of(const json& object)
{
  const auto kind = objects::kind_of(object);
  if (kind == "Node") return {.node = objects::name_of(object)};
  if (kind == "Pod")
    return {.node = objects::node_of(object),
            .pod = objects::namespace_of(object) + "/" + objects::name_of(object)};
  return {};
}

std::string fact_place(std::string_view host_name)
{
  constexpr std::string_view k3s_config = "/var/lib/rancher/k3s/agent/etc/containerd/config.toml";
  constexpr std::string_view drop_ins[] = {"/etc/containerd/conf.d/", "/etc/cri/conf.d/"};
  if (host_name == k3s_config) return "host/etc/containerd/config.toml";
  for (const auto folder : drop_ins)
    if (host_name.starts_with(folder)) return "host/etc/containerd/config.toml";
  return "host" + std::string(host_name);
}

/// Extracts what the table names; compiled once for one observation.
class Extractor {
 public:
  Extractor()
  {
    for (const auto& definition : fact_table())
      if (definition.form == FactForm::pattern)
        patterns_[definition.name] =
            std::make_unique<RE2>("(?m)" + std::string(definition.where), RE2::Quiet);
  }

  void from_value(const std::string& place, const json& value, const Fact& base,
                  FactStore& facts) const
  {
    for (const auto& definition : fact_table()) {
      if (definition.place != place || definition.form == FactForm::pattern) continue;
      Fact fact = base;
      fact.name = definition.name;
      fact.value = value_of(definition, objects::at(value, definition.where));
      if (fact.line == 0) fact.line = line_of(value, definition.where);
      facts.add(std::move(fact));
    }
  }

  void from_text(const std::string& place, const Text& text, FactStore& facts) const
  {
    for (const auto& definition : fact_table()) {
      if (definition.place != place || definition.form != FactForm::pattern) continue;
      re2::StringPiece rest(text.content);
      re2::StringPiece value;
      while (RE2::FindAndConsume(&rest, *patterns_.at(definition.name), &value)) {
        const std::string_view before(text.content.data(),
                                      static_cast<std::size_t>(value.data() - text.content.data()));
        const auto lines = std::count(before.begin(), before.end(), '\n');
        facts.add({.name = std::string(definition.name),
                   .value = std::string(value.data(), value.size()),
                   .source = text.source,
                   .line = text.first_line + static_cast<int>(lines),
                   .scope = text.scope});
      }
    }
  }

 private:
  static json value_of(const FactDefinition& definition, const json& found)
  {
    if (definition.form == FactForm::quantity && found.is_string()) {
      const auto amount = objects::parse_quantity(found.get<std::string>());
      return amount ? json(*amount) : json();
    }
    if (definition.type == FactType::text && !found.is_string()) return nullptr;
    if (definition.type == FactType::flag && !found.is_boolean()) return nullptr;
    if (definition.type == FactType::number && !found.is_number()) return nullptr;
    return found;
  }

  std::map<std::string_view, std::unique_ptr<RE2>> patterns_;
};

/// Messages anywhere in `part`, each a text of its own.
void add_messages(const StoredObject& stored, const json& part, const std::string& pointer,
                  const Text& base, std::vector<Text>& texts)
{
  if (part.is_array())
    for (std::size_t i = 0; i < part.size(); ++i)
      add_messages(stored, part[i], fmt::format("{}/{}", pointer, i), base, texts);
  if (!part.is_object()) return;
  for (const auto& [name, member] : part.items()) {
    const bool is_message = std::find(std::begin(message_names), std::end(message_names), name) !=
                            std::end(message_names);
    const auto here = pointer + "/" + name;
    if (member.is_structured()) {
      add_messages(stored, member, here, base, texts);
    } else if (is_message && member.is_string()) {
      Text text = base;
      text.content = member.get<std::string>();
      text.first_line = line_of(stored.object, here);
      texts.push_back(std::move(text));
    }
  }
}

class Builder {
 public:
  void add_object(StoredObject stored)
  {
    const auto& object = stored.object;
    const auto scope = scope_of(object);
    if (objects::kind_of(object) == "Pod") nodes_[scope.pod] = scope.node;
    extractor_.from_value(api_place(object), object, {.source = stored.path, .scope = scope},
                          observed_.facts);
    observed_.objects.push_back(std::move(stored));
  }

  /// After all objects are in: events name pods that may come later.
  void add_all_messages()
  {
    for (const auto& stored : observed_.objects) {
      const bool is_event = objects::kind_of(stored.object) == "Event";
      Text base{.source = stored.path, .scope = scope_of(stored.object), .kind = "status"};
      if (is_event) {
        base.kind = "event";
        base.scope = involved(stored.object);
      }
      const auto pointer = is_event ? "" : "/status";
      add_messages(stored, objects::at(stored.object, pointer), pointer, base, observed_.texts);
    }
  }

  void add_log(const std::string& path, std::string content)
  {
    const auto names = names_of(path);
    Text text{.source = path, .content = std::move(content)};
    text.scope.pod = names.name_space + "/" + names.name;
    const auto node = nodes_.find(text.scope.pod);
    if (node != nodes_.end()) text.scope.node = node->second;
    add_text("logs", std::move(text));
  }

  void add_host_file(const std::string& path, std::string content)
  {
    const auto names = names_of(path);
    Text text{.source = path, .content = std::move(content)};
    text.scope = {.node = names.node, .pod = "", .file = path};
    text.kind = names.name.ends_with(".log") ? "" : "config";
    const auto place = fact_place(names.name);
    observed_.facts.mark_collected(place, names.node);
    add_text(place, std::move(text));
  }

  void add_pod_result(const std::string& path, const std::string& content)
  {
    const auto names = names_of(path);
    int number = 0;
    for (const auto& line : base::split(content, '\n')) {
      ++number;
      auto value = parse_json(line);
      if (!value || !value->is_object()) continue;
      PayloadLine made{path, number, std::move(*value), {.node = names.node}};
      if (made.value.contains("devices"))
        extractor_.from_value("pods/inspect", made.value,
                              {.source = path, .line = number, .scope = made.scope},
                              observed_.facts);
      observed_.payload_lines.push_back(std::move(made));
    }
    add_text("pods", {.source = path, .content = content, .scope = {.node = names.node}});
  }

  void add_text(const std::string& place, Text text)
  {
    extractor_.from_text(place, text, observed_.facts);
    observed_.texts.push_back(std::move(text));
  }

  Observed take() { return std::move(observed_); }
  FactStore& facts() { return observed_.facts; }

 private:
  Scope involved(const json& event) const
  {
    const auto kind = text_at(event, "/involvedObject/kind");
    const auto name = text_at(event, "/involvedObject/name");
    if (kind == "Node") return {.node = name};
    if (kind != "Pod") return {};
    Scope scope{.pod = text_at(event, "/involvedObject/namespace") + "/" + name};
    const auto node = nodes_.find(scope.pod);
    if (node != nodes_.end()) scope.node = node->second;
    return scope;
  }

  Extractor extractor_;
  Observed observed_;
  std::map<std::string, std::string> nodes_;  ///< Of pods, by "namespace/name".
};

}  // namespace

Result<Observed> observe(const Reader& reader)
{
  Builder builder;
  TRY_ASSIGN(stored, reader.objects());
  for (auto& object : stored) builder.add_object(std::move(object));
  builder.add_all_messages();
  for (const auto& path : reader.files()) {
    const auto folder = names_of(path).folder;
    if (folder.empty() || folder == "objects") continue;
    TRY_ASSIGN(content, reader.content(path));
    if (folder == "logs") builder.add_log(path, std::move(content));
    if (folder == "host") builder.add_host_file(path, std::move(content));
    if (folder == "pods") builder.add_pod_result(path, content);
  }
  TRY_ASSIGN(events, reader.events());
  for (const auto& event : events)
    if (event.kind == EventKind::collected)
      builder.facts().mark_collected(text_at(event.data, "/place"), text_at(event.data, "/node"));
  return builder.take();
}

Result<Observed> observe_text(std::string_view text, const std::string& source)
{
  TRY_ASSIGN(redactor, Redactor::make());
  Builder builder;
  auto clean = redactor.text(text);
  if (clean.find("apiVersion") != std::string::npos) {
    auto found = objects::objects_from_yaml(clean, source);
    if (found)
      for (auto& object : *found) builder.add_object({source, std::move(object)});
    builder.add_all_messages();
  }
  builder.add_text("logs", {.source = source, .content = std::move(clean)});
  return builder.take();
}

Observed observe_objects(std::vector<StoredObject> objects)
{
  Builder builder;
  for (auto& object : objects) builder.add_object(std::move(object));
  builder.add_all_messages();
  return builder.take();
}

}  // namespace coroner::evidence
