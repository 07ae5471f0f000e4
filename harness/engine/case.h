// SPDX-License-Identifier: Apache-2.0
// Case: one requirement, what must be run or asked for it, and how what was seen is judged.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "harness/record/case.h"
#include "harness/record/record.h"

namespace coroner::engine {

class Seen;

/// What a case is about: it has one result for the cluster, or one for each such node.
enum class Subject {
  cluster,
  node,      ///< Every node that was chosen.
  gpu_node,  ///< Those that show any sign of a GPU; the others get `skip`.
};

/// What is concluded. A pass that came from a pod carries its proof.
struct Judgement {
  record::Verdict verdict = record::Verdict::broken;
  std::string reason;                        ///< One sentence; "" for most passes.
  std::map<std::string, std::string> proof;  ///< What the conclusion rests on.
};

/// Judges one case on one subject from what was recorded, and from nothing else: the same evidence
/// gives the same judgement live, from a bundle and through the twin.
using Judge = Judgement (*)(const Seen& seen);

/// A case as a file of suites/ registers it.
struct CaseDefinition {
  std::string id;           ///< "smoke/cuda_vector_add"
  std::string requirement;  ///< One sentence with MUST or SHOULD.
  std::vector<record::Need> needs;
  record::Effect effect = record::Effect::reads;
  std::chrono::milliseconds timeout{0};
  std::string source;
  Subject subject = Subject::cluster;
  /// "smoke/gpu": the pod of manifests/smoke/gpu.yaml runs this case in its container `container`.
  std::string manifest;
  std::string container;
  /// "security/privileged": that manifest is offered to the API server as a dry run in the
  /// namespace without labels; the answer is `seen.answer()`.
  std::string dry_run;
  Judge judge = nullptr;

  record::CaseMetadata metadata() const;
};

/// Registers a case for the lifetime of the program. A second case of the same id, or metadata that
/// record::check refuses, ends the program with a message that names it.
struct Case {
  explicit Case(CaseDefinition definition);
};

/// All registered cases, sorted by id.
const std::vector<CaseDefinition>& registry();

/// The judgements, each with a reason as fmt makes it. `fail` is a warning where the case's
/// requirement says SHOULD (the engine turns it into one).
template <class... Arguments>
Judgement fail(fmt::format_string<Arguments...> format, Arguments&&... arguments)
{
  return {record::Verdict::fail, fmt::format(format, std::forward<Arguments>(arguments)...), {}};
}
template <class... Arguments>
Judgement skip(fmt::format_string<Arguments...> format, Arguments&&... arguments)
{
  return {record::Verdict::skip, fmt::format(format, std::forward<Arguments>(arguments)...), {}};
}
/// We could not tell: evidence that should be there is missing or unreadable.
template <class... Arguments>
Judgement broken(fmt::format_string<Arguments...> format, Arguments&&... arguments)
{
  return {record::Verdict::broken, fmt::format(format, std::forward<Arguments>(arguments)...), {}};
}
/// `proof` names what the pass rests on: never empty, or the engine turns it into `broken`.
Judgement pass(std::map<std::string, std::string> proof);

}  // namespace coroner::engine
