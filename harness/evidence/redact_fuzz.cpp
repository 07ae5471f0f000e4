// SPDX-License-Identifier: Apache-2.0
// Redacting twice is redacting once, and a secret on a line of its own never comes through.
#include "harness/evidence/redact.h"
#include "harness/testing/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using coroner::testing::demand;
  const auto text = coroner::testing::text_of(data, size);
  // Made once: its patterns take longer to compile than a text to redact.
  static auto redactor = coroner::evidence::Redactor::make("a key that is no secret");
  demand(redactor.has_value(), "a redactor is made");

  const auto before = redactor->count();
  const auto once = redactor->text(text);
  const auto count = redactor->count() - before;
  demand(redactor->text(once) == once, "redacting again changes nothing");
  if (count == 0) demand(once == text, "clean text comes back unchanged");

  constexpr std::string_view secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
  const auto mixed = std::string(text) + "\n token " + std::string(secret) + " \n";
  demand(redactor->text(mixed).find(secret) == std::string::npos, "a token is taken out");

  const auto value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) return 0;
  const auto object = redactor->object(value);
  if (!object) return 0;
  demand(redactor->object(*object) == object, "redacting an object again changes nothing");
  return 0;
}
