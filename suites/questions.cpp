// SPDX-License-Identifier: Apache-2.0
#include "suites/questions.h"

#include <algorithm>
#include <charconv>

#include "harness/base/text.h"
#include "harness/objects/component.h"
#include "harness/objects/object.h"

namespace coroner::suites {
namespace {

using engine::broken;
using engine::Judgement;
using engine::Seen;
using nlohmann::json;
using objects::text_at;

constexpr std::string_view nvidia_vendor = "10de";

std::string without_prefix(std::string text)
{
  return text.starts_with("0x") ? text.substr(2) : text;
}

/// Containers of an object whose spec stands at `spec`.
std::vector<const json*> containers_at(const json& object, const std::string& spec)
{
  std::vector<const json*> all;
  const auto& list = objects::at(object, spec + "/containers");
  if (list.is_array())
    for (const auto& container : list) all.push_back(&container);
  return all;
}

std::string first_words(const std::string& text)
{
  constexpr std::size_t most_bytes = 300;
  return base::printable(text.size() > most_bytes ? text.substr(0, most_bytes) + "…" : text);
}

std::string hindrance_of(const objects::ContainerState& state)
{
  if (!state.waiting_reason.empty() && state.waiting_reason != "PodInitializing") {
    std::string words = state.name + " waits: " + state.waiting_reason;
    const auto& last = state.last_terminated;
    if (!state.waiting_message.empty()) words += ": " + first_words(state.waiting_message);
    if (last)
      words += fmt::format(" (it ended with {}{}, {} restarts)", last->exit_code,
                           last->message.empty() ? "" : ": " + first_words(last->message),
                           state.restarts);
    return words;
  }
  if (state.terminated && state.terminated->exit_code != 0)
    return fmt::format(
        "{} ended with {}{}", state.name, state.terminated->exit_code,
        state.terminated->message.empty() ? "" : ": " + first_words(state.terminated->message));
  return {};
}

}  // namespace

Told<const json*> inspect_line(const Seen& seen)
{
  const auto& line = seen.payload_line("inspect");
  if (line.is_object()) return &line;
  const auto why = seen.trouble();
  return tl::unexpected(
      broken("nothing looked at this node from inside: {}",
             why.empty() ? "the inspect pod ended without a result of this run" : why));
}

Told<const json*> node_object(const Seen& seen)
{
  const auto& node = seen.node_object();
  if (node.is_object()) return &node;
  return tl::unexpected(broken("the evidence has no Node object '{}'", seen.node_name()));
}

Told<std::vector<const json*>> collected(const Seen& seen, std::string_view kind,
                                         std::string_view place)
{
  auto found = seen.objects(kind);
  if (found.empty() && !seen.was_collected(place))
    return tl::unexpected(broken("{} objects were not read ({})", kind, place));
  return found;
}

std::string simulated_driver(const json& inspect)
{
  return text_at(inspect, "/driver/simulated_driver");
}

std::vector<const json*> gpus_on_bus(const json& inspect)
{
  std::vector<const json*> found;
  const auto& controllers = objects::at(inspect, "/pci/controllers");
  if (!controllers.is_array()) return found;
  for (const auto& each : controllers) {
    const auto device_class = without_prefix(text_at(each, "/class"));
    if (without_prefix(text_at(each, "/vendor")) == nvidia_vendor &&
        (device_class.starts_with("03") || device_class.starts_with("12")))
      found.push_back(&each);
  }
  return found;
}

std::string integrated_gpu(const json& inspect)
{
  const auto model = text_at(inspect, "/machine/device_tree_model");
  return model.find("NVIDIA") == std::string::npos ? "" : model;
}

std::optional<Judgement> without_gpu(const json& inspect)
{
  if (!simulated_driver(inspect).empty() || !gpus_on_bus(inspect).empty() ||
      !integrated_gpu(inspect).empty() || !objects::flag_at(inspect, "/pci/is_readable", false))
    return std::nullopt;
  return engine::skip("this node has no NVIDIA GPU on its PCI bus");
}

std::vector<StackPod> pods_with(const Seen& seen, const std::function<bool(const json&)>& is_wanted)
{
  std::vector<StackPod> found;
  for (const auto* pod : seen.objects("Pod")) {
    if (objects::has_ended(*pod)) continue;
    if (!seen.node_name().empty() && objects::node_of(*pod) != seen.node_name()) continue;
    for (const auto* container : containers_at(*pod, "/spec"))
      if (is_wanted(*container)) {
        found.push_back({pod, container});
        break;
      }
  }
  return found;
}

std::vector<StackPod> daemon_sets_with(const Seen& seen,
                                       const std::function<bool(const json&)>& is_wanted)
{
  std::vector<StackPod> found;
  for (const auto* set : seen.objects("DaemonSet"))
    for (const auto* container : containers_at(*set, "/spec/template/spec"))
      if (is_wanted(*container)) {
        found.push_back({set, container});
        break;
      }
  return found;
}

std::string hindrance(const json& pod)
{
  if (objects::pod_phase(pod) == "Running" && objects::is_pod_ready(pod)) return {};
  for (const auto& state : objects::containers_of(pod))
    if (auto words = hindrance_of(state); !words.empty()) return words;
  if (const auto why = objects::unschedulable_message(pod); !why.empty())
    return "not scheduled: " + first_words(why);
  for (const auto& state : objects::containers_of(pod))
    if (state.is_init && !state.running_since.empty())
      return "its init container " + state.name + " runs since " + state.running_since;
  const auto phase = objects::pod_phase(pod);
  return phase.empty() ? "without a phase" : phase + ", not ready";
}

Judgement judge_ready(const std::vector<StackPod>& pods)
{
  for (const auto& each : pods) {
    if (!hindrance(*each.pod).empty()) continue;
    int restarts = 0;
    for (const auto& state : objects::containers_of(*each.pod)) restarts += state.restarts;
    return engine::pass(
        {{"pod", objects::namespace_of(*each.pod) + "/" + objects::name_of(*each.pod)},
         {"image", text_at(*each.container, "/image")},
         {"ready", "True"},
         {"restarts", std::to_string(restarts)}});
  }
  const auto& first = *pods.front().pod;
  return engine::fail("{} is not ready: {}", objects::title_of(first), hindrance(first));
}

std::optional<std::string> option_of(const json& container, std::string_view variable,
                                     std::string_view flag)
{
  const auto& environment = objects::at(container, "/env");
  if (environment.is_array())
    for (const auto& each : environment)
      if (text_at(each, "/name") == variable && !text_at(each, "/value").empty())
        return text_at(each, "/value");
  const auto start = std::string(flag) + "=";
  for (const auto* part : {"/command", "/args"}) {
    const auto& arguments = objects::at(container, part);
    if (!arguments.is_array()) continue;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (!arguments[i].is_string()) continue;
      const auto text = arguments[i].get<std::string>();
      if (text.starts_with(start)) return text.substr(start.size());
      if (text == flag && i + 1 < arguments.size() && arguments[i + 1].is_string())
        return arguments[i + 1].get<std::string>();
    }
  }
  return std::nullopt;
}

std::vector<const json*> nvidia_classes(const Seen& seen)
{
  std::vector<const json*> found;
  for (const auto* each : seen.objects("RuntimeClass"))
    if (text_at(*each, "/handler").starts_with("nvidia")) found.push_back(each);
  return found;
}

std::optional<std::pair<int, int>> version_of(std::string_view text)
{
  if (text.starts_with('v')) text.remove_prefix(1);
  int major = 0;
  int minor = 0;
  const auto* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, major);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '.') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, minor);
  if (second.ec != std::errc{} || major < 0 || minor < 0) return std::nullopt;
  return std::pair{major, minor};
}

std::optional<std::pair<int, int>> image_version(const json& container)
{
  auto image = text_at(container, "/image");
  image = image.substr(0, image.find('@'));
  const auto colon = image.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  return version_of(std::string_view(image).substr(colon + 1));
}

std::string gpus(double count)
{
  return fmt::format("{:g} GPU{}", count, count == 1 ? "" : "s");
}

std::string gibibytes(double bytes)
{
  return fmt::format("{:.1f} GiB", bytes / (1024.0 * 1024 * 1024));
}

}  // namespace coroner::suites
