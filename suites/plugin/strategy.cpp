// SPDX-License-Identifier: Apache-2.0
// Two options that are taken for each other: how GPUs are found, and how they are handed to pods.
#include <algorithm>
#include <array>
#include <span>

#include "harness/base/text.h"
#include "harness/objects/component.h"
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

using Version = std::pair<int, int>;

/// A value and the first version of the plugin that knows it. Source: k8s-device-plugin 0.17.4,
/// CHANGELOG.md and api/config/v1/consts.go.
struct Value {
  std::string_view name;
  Version since;
};

struct Option {
  std::string_view variable;
  std::string_view flag;
  std::span<const Value> values;
  std::string_view expectation;
};

constexpr auto discovery =
    std::to_array<Value>({{"auto", {0, 16}}, {"nvml", {0, 16}}, {"tegra", {0, 16}}});
constexpr auto lists = std::to_array<Value>({{"envvar", {0, 7}},
                                             {"volume-mounts", {0, 7}},
                                             {"cdi-annotations", {0, 14}},
                                             {"cdi-cri", {0, 15}}});
constexpr auto options = std::to_array<Option>({
    {"DEVICE_DISCOVERY_STRATEGY", "--device-discovery-strategy", discovery, "discovery_strategy"},
    {"DEVICE_LIST_STRATEGY", "--device-list-strategy", lists, "device_list_strategy"},
});

/// Before this version the plugin does not read DEVICE_DISCOVERY_STRATEGY at all.
constexpr Version discovery_since = {0, 16};

std::string names_of(std::span<const Value> values, const std::optional<Version>& version)
{
  std::vector<std::string> names;
  for (const auto& value : values)
    if (!version || value.since <= *version) names.emplace_back(value.name);
  return base::join(names, ", ");
}

/// Words of a list that stands in one of the node's expectations.
bool is_expected(const engine::Seen& seen, std::string_view expectation, std::string_view word)
{
  const auto wanted = seen.expected(std::string(expectation));
  if (wanted.empty()) return true;
  const auto words = base::split(wanted, ',');
  return std::any_of(words.begin(), words.end(),
                     [&](const auto& each) { return base::trim(each) == word; });
}

/// Why the value of one option is wrong; "" when it is right.
std::string wrong(const engine::Seen& seen, const Option& option, const std::string& text,
                  const std::optional<Version>& version)
{
  for (const auto& part : base::split(text, ',')) {
    const std::string word(base::trim(part));
    const auto known = std::find_if(option.values.begin(), option.values.end(),
                                    [&](const Value& value) { return value.name == word; });
    if (known == option.values.end() || (version && *version < known->since))
      return fmt::format("{}={} is none of {}", option.variable, base::printable(word),
                         names_of(option.values, version));
    if (!is_expected(seen, option.expectation, word))
      return fmt::format("{}={} does not work on {}, where {} is right", option.variable, word,
                         seen.node().distro, seen.expected(std::string(option.expectation)));
  }
  return {};
}

engine::Judgement judge(const engine::Seen& seen)
{
  auto plugins = pods_with(seen, objects::is_device_plugin);
  if (plugins.empty()) plugins = daemon_sets_with(seen, objects::is_device_plugin);
  if (plugins.empty()) {
    const auto pods = collected(seen, "Pod", "api/v1/Pod");
    return pods ? engine::skip("no device plugin is deployed whose options could be read")
                : pods.error();
  }
  const auto& container = *plugins.front().container;
  const auto version = image_version(container);
  std::map<std::string, std::string> proof = {{"image", objects::text_at(container, "/image")}};
  for (const auto& option : options) {
    const auto value = option_of(container, option.variable, option.flag);
    proof[std::string(option.variable)] = value.value_or("not set");
    const bool is_read =
        option.variable != "DEVICE_DISCOVERY_STRATEGY" || !version || *version >= discovery_since;
    if (!value) continue;
    if (!is_read) {
      proof[std::string(option.variable)] = *value + ", which this version does not read";
      continue;
    }
    if (const auto why = wrong(seen, option, *value, version); !why.empty())
      return engine::fail("{}: {}", objects::title_of(*plugins.front().pod), why);
  }
  if (const auto file = option_of(container, "CONFIG_FILE", "--config-file"))
    proof["config_file"] = *file + ", whose content was not read";
  return engine::pass(std::move(proof));
}

const engine::Case registered{{
    .id = "plugin/strategy",
    .requirement =
        "The device plugin's strategies MUST be values that its version knows and that work "
        "on the node's distro.",
    .timeout = std::chrono::seconds(10),
    .source =
        "NVIDIA/k8s-device-plugin 0.17.4: api/config/v1/consts.go, CHANGELOG.md; seed 000, 004",
    .subject = engine::Subject::gpu_node,
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
