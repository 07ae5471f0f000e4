// SPDX-License-Identifier: Apache-2.0
#include "suites/judgements.h"

#include <algorithm>

#include "harness/objects/object.h"

namespace coroner::suites {

using namespace engine;
using nlohmann::json;
using objects::text_at;

namespace {

/// The level that this cluster's nodes are expected to enforce; "privileged" is Kubernetes'
/// default.
std::string expected_level(const Seen& seen)
{
  for (const auto& node : seen.nodes()) {
    const auto found = node.expectations.find("pod_security");
    if (found != node.expectations.end() && !found->second.empty()) return found->second;
  }
  return "privileged";
}

/// Words by which an admission plugin or webhook refuses; anything else is another trouble.
bool is_policy(const std::string& message)
{
  constexpr std::string_view words[] = {"PodSecurity", "admission webhook", "denied the request",
                                        "ValidatingAdmissionPolicy", "security context constraint"};
  return std::any_of(std::begin(words), std::end(words),
                     [&](auto word) { return message.find(word) != std::string::npos; });
}

/// The device nodes of GPUs that this container can open.
std::vector<std::string> open_devices(const json& line)
{
  std::vector<std::string> found;
  const auto& devices = objects::at(line, "/devices");
  if (!devices.is_array()) return found;
  for (const auto& device : devices) {
    const auto path = text_at(device, "/path");
    if (path.starts_with("/dev/nvidia") && text_at(device, "/open") == "ok") found.push_back(path);
  }
  return found;
}

}  // namespace

Judgement judge_admission(const Seen& seen, std::string_view what)
{
  const auto status = text_at(seen.answer(), "/status");
  const auto message = text_at(seen.answer(), "/message");
  if (status.empty()) return broken("the API server was not asked");
  const bool is_refused = status == "refused";
  if (is_refused && !is_policy(message)) return broken("refused for another reason: {}", message);
  const auto expected = expected_level(seen);
  if (expected != "privileged" && !is_refused)
    return fail("{} is admitted in a namespace without labels; {} is expected there", what,
                expected);
  std::map<std::string, std::string> proof = {
      {"answer", is_refused ? "refused: " + message : "admitted"}, {"expected", expected}};
  if (is_refused && expected == "privileged") proof["posture"] = "stricter than the default";
  return pass(std::move(proof));
}

Judgement judge_without_gpu(const Seen& seen)
{
  const auto lines = seen.lines();
  const auto line = std::find_if(lines.begin(), lines.end(), [](const json& each) {
    return text_at(each, "/kind") == "inspect";
  });
  if (line == lines.end()) {
    const auto state = seen.container();
    if (state && !state->has_started() && !seen.events().empty())
      return pass({{"answer", "the container was refused: " + seen.events().back()}});
    return broken("{}", seen.trouble().empty() ? "the container printed nothing" : seen.trouble());
  }
  const auto proven = seen.proof("inspect");
  if (proven.verdict != record::Verdict::pass) return broken("{}", proven.reason);
  const auto open = open_devices(*line);
  if (!open.empty())
    return fail("the container asked for no GPU and can open {}", fmt::join(open, ", "));
  auto proof = proven.proof;
  proof["devices"] = "none of NVIDIA's can be opened";
  return pass(std::move(proof));
}

}  // namespace coroner::suites
