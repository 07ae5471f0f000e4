// SPDX-License-Identifier: Apache-2.0
// Any selector reads or is refused, any path is routed, and a label that is there is found.
#include "harness/base/text.h"
#include "harness/testing/fuzz.h"
#include "harness/twin/route.h"
#include "harness/twin/selector.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace coroner::twin;
  using coroner::testing::demand;
  const auto text = coroner::testing::text_of(data, size);
  const auto half = text.substr(0, text.size() / 2);
  const auto selector = Selector::parse(half, text.substr(half.size()));
  const nlohmann::json object = {
      {"metadata", {{"name", "one"}, {"labels", {{"app", "x"}, {"tier", "y"}}}}},
      {"spec", {{"nodeName", "n"}}}};
  if (selector) {
    static_cast<void>(selector->demands("app", {"x"}));
    if (selector->demands("app", {"other"}))
      demand(!selector->fits(object), "what demands another label does not fit");
  } else {
    const auto said = selector.error().text();
    demand(coroner::base::printable(said) == said, "a refusal is printable");
  }
  if (!coroner::base::trim(text).empty() && Selector::parse(text, "")) {
    const auto narrowed = Selector::parse(std::string(text) + ",app=x,app!=x", "");
    demand(narrowed && !narrowed->fits(object), "nothing fits what excludes itself");
  }
  const auto route = route_of(text);
  if (route.place == Route::Place::object) demand(!route.name.empty(), "an object has a name");
  demand(percent_decoded(text).size() <= text.size(), "decoding adds nothing");
  return 0;
}
