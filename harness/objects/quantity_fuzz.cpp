// SPDX-License-Identifier: Apache-2.0
// Quantities and manifests of other people: a number or a refusal, objects with names or a refusal.
#include <cmath>

#include "harness/base/text.h"
#include "harness/objects/component.h"
#include "harness/objects/manifest.h"
#include "harness/objects/node.h"
#include "harness/objects/object.h"
#include "harness/objects/pod.h"
#include "harness/objects/quantity.h"
#include "harness/testing/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace coroner::objects;
  using coroner::testing::demand;
  const auto text = coroner::testing::text_of(data, size);
  if (const auto quantity = parse_quantity(text)) {
    demand(std::isfinite(*quantity), "a quantity is a number");
    const bool is_signed = text.front() == '-' || text.front() == '+';
    const auto negative = parse_quantity("-" + std::string(text));
    demand(is_signed != (negative && *negative == -*quantity), "a sign turns a quantity");
  }
  const auto objects = objects_from_yaml(text, "f.yaml");
  if (!objects) {
    const auto said = objects.error().text();
    demand(coroner::base::printable(said) == said, "a refusal is printable");
    return 0;
  }
  for (const auto& object : *objects) {
    demand(!name_of(object).empty() && !kind_of(object).empty(), "objects have name and kind");
    demand(merged(object, object) == merged(merged(object, object), object),
           "merging again changes nothing");
    const auto title = title_of(object);
    demand(coroner::base::printable(title) == title, "a title is printable");
    static_cast<void>(containers_of(object));
    static_cast<void>(is_gpu_component(object));
    static_cast<void>(node_info(object));
    static_cast<void>(unschedulable_message(object));
  }
  return 0;
}
