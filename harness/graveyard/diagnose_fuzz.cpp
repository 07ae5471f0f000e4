// SPDX-License-Identifier: Apache-2.0
// Any pasted text is diagnosed: findings point into it, and the same text gives the same findings.
#include "harness/evidence/observed.h"
#include "harness/graveyard/diagnose.h"
#include "harness/testing/fuzz.h"

namespace {

using namespace coroner;
using testing::demand;

/// The project's own catalogue: started from the root of the checkout.
const graveyard::Catalogue& catalogue()
{
  static const auto loaded = graveyard::Catalogue::load("graveyard");
  demand(loaded.has_value(), "the catalogue is there: start this in the root of the checkout");
  return *loaded;
}

graveyard::Diagnosis diagnosis_of(std::string_view text)
{
  const auto seen = evidence::observe_text(text, "f.log");
  demand(seen.has_value(), "any text can be observed");
  auto diagnosis = graveyard::diagnose(catalogue(), *seen);
  demand(diagnosis.has_value(), "anything observed is diagnosed");
  return std::move(*diagnosis);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = testing::text_of(data, size);
  const auto diagnosis = diagnosis_of(text);
  for (const auto& finding : diagnosis.findings) {
    demand(finding.confidence > 0 && finding.confidence <= 1, "confidence is a share");
    demand(catalogue().find(finding.cause).has_value(), "a finding is of the catalogue");
    for (const auto& evidence : finding.evidence) {
      demand(evidence.line >= 0 && evidence.column >= 0 && evidence.length >= 0, "places are");
      const auto end =
          static_cast<std::size_t>(evidence.column) + static_cast<std::size_t>(evidence.length);
      demand(end <= evidence.text.size() + 1, "what matched is in its line");
    }
  }
  const auto again = diagnosis_of(text);
  demand(again.findings.size() == diagnosis.findings.size(), "the same text, the same findings");
  return 0;
}
