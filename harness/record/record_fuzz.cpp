// SPDX-License-Identifier: Apache-2.0
// Any report.json is a record or is refused; a record that is written reads back as it was.
#include "harness/base/text.h"
#include "harness/record/json.h"
#include "harness/record/time.h"
#include "harness/testing/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace coroner::record;
  using coroner::testing::demand;
  const auto text = coroner::testing::text_of(data, size);
  if (const auto time = parse_time(text))
    demand(parse_time(time_text(*time)).value() == *time, "a time that is written reads back");
  const auto record = parse_record(text);
  if (!record) {
    const auto said = record.error().text();
    demand(coroner::base::printable(said) == said, "a refusal is printable");
    return 0;
  }
  const auto written = json_text(to_json(*record));
  for (const unsigned char c : written)
    demand((c >= 0x20 && c < 0x7f) || c == '\n', "what is written is ASCII");
  const auto again = parse_record(written);
  demand(again.has_value(), "a record that is written reads back");
  demand(json_text(to_json(*again)) == written, "and is the same");
  return 0;
}
