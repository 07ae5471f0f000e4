// SPDX-License-Identifier: Apache-2.0
// What would make an object: conflicts with what was recorded, dry runs and access reviews.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/evidence/json_text.h"
#include "harness/objects/object.h"
#include "harness/twin/replay.h"

namespace coroner::twin {

using nlohmann::json;
using objects::text_at;

namespace {

Answer refusal(const Admission& admission, const About& about)
{
  auto answer = failure(admission.code, base::printable(admission.message), about);
  // Recorded trouble does not get better by waiting for it.
  answer.retry_after_seconds = 0;
  return answer;
}

}  // namespace

Answer Replay::create(const Call& call)
{
  const auto parsed = evidence::parse_json(call.request.body);
  if (!parsed || !parsed->is_object())
    return failure(400, parsed ? "the body is no JSON object" : parsed.error().what);
  const auto& resource = recording_.kinds[call.kind].resource;
  if (resource.kind == "SelfSubjectAccessReview") return review(*parsed);
  auto about = call.about;
  about.name = objects::name_of(*parsed);
  if (!call.parameter("dryRun").empty()) return dry_run(call, *parsed);
  if (store_.get(call.kind, call.route.space, about.name))
    return failure(
        409, base::printable(fmt::format("{} \"{}\" already exists", about.plural, about.name)),
        about);
  const auto refused = recording_.refused_pods.find(call.route.space + "/" + about.name);
  if (resource.kind == "Pod" && refused != recording_.refused_pods.end())
    return refusal(refused->second, about);
  return unrecorded(501,
                    fmt::format("the twin replays what was recorded, and {} \"{}\" was not",
                                about.plural, about.name),
                    about);
}

Answer Replay::dry_run(const Call& call, const json& object) const
{
  auto about = call.about;
  about.name = objects::name_of(object);
  const auto found = recording_.dry_runs.find(about.name);
  if (found == recording_.dry_runs.end())
    return unrecorded(
        501,
        fmt::format("what the server says to {} \"{}\" in a dry run", about.plural, about.name),
        about);
  if (found->second.is_admitted) return json_answer(201, object);
  return refusal(found->second, about);
}

Answer Replay::review(const json& review) const
{
  constexpr std::array reading = {"get", "list", "watch"};
  const auto verb = text_at(review, "/spec/resourceAttributes/verb");
  auto resource = text_at(review, "/spec/resourceAttributes/resource");
  if (verb.empty() || resource.empty())
    return failure(422, "spec.resourceAttributes must name a verb and a resource");
  const auto subresource = text_at(review, "/spec/resourceAttributes/subresource");
  if (!subresource.empty()) resource += "/" + subresource;
  const auto found = recording_.permissions.find({verb, resource});
  const bool is_recorded = found != recording_.permissions.end();
  const bool is_allowed = is_recorded
                              ? found->second
                              : std::find(reading.begin(), reading.end(), verb) != reading.end();
  json answered = review;
  answered["status"] = {{"allowed", is_allowed},
                        {"reason", is_recorded ? "as recorded in the plan"
                                               : "not recorded: a replay may only be read"}};
  auto answer = json_answer(201, answered);
  answer.is_unrecorded = !is_recorded && !is_allowed;
  return answer;
}

}  // namespace coroner::twin
