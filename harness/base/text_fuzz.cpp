// SPDX-License-Identifier: Apache-2.0
// Any text can be shown: what is printable drives no terminal, and cutting loses nothing.
#include "harness/base/base64.h"
#include "harness/base/text.h"
#include "harness/testing/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace coroner::base;
  using coroner::testing::demand;
  const auto text = coroner::testing::text_of(data, size);

  const auto shown = printable(text);
  for (const unsigned char c : shown)
    demand((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t', "no control byte is shown");
  for (const auto* active : {"\xc2\x9b", "\u202e", "\u2066", "\u200f"})
    demand(shown.find(active) == std::string::npos, "no C1 or bidi control is shown");
  demand(printable(shown) == shown, "what is printable stays as it is");

  demand(join(split(text, ','), ",") == text, "parts with their separator are the text");
  demand(trim(trim(text)) == trim(text), "trimmed text stays as it is");
  const auto lines = last_lines(text, 3);
  demand(split(lines, '\n').size() <= 3, "no more lines are given than were asked for");

  demand(base64_decoded(base64_encoded(text)).value_or("refused") == text, "base64 comes back");
  if (const auto bytes = base64_decoded(text))
    demand(base64_decoded(base64_encoded(*bytes)) == *bytes, "decoded bytes come back");
  return 0;
}
