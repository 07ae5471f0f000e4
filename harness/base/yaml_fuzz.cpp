// SPDX-License-Identifier: Apache-2.0
// Any YAML is read within its bounds or refused with its place; every value has a place.
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/testing/fuzz.h"

namespace {

using coroner::testing::demand;

std::size_t nodes_in(const nlohmann::json& value)
{
  std::size_t count = 1;
  if (value.is_structured())
    for (const auto& part : value) count += nodes_in(part);
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace coroner::base;
  const auto documents = parse_yaml_documents(coroner::testing::text_of(data, size), "f.yaml");
  if (!documents) {
    const auto& error = documents.error();
    demand(error.kind == ErrorKind::invalid, "what is no YAML is invalid");
    demand(error.what.starts_with("f.yaml"), "a refusal names the file");
    demand(printable(error.text()) == error.text(), "a refusal is printable");
    return 0;
  }
  for (const auto& document : *documents) {
    demand(nodes_in(document.value) <= most_yaml_nodes, "a document is bounded");
    for (const auto& [pointer, position] : document.positions) {
      demand(position.line >= 1 && position.column >= 1, "places are counted from 1");
      const nlohmann::json::json_pointer place(pointer);
      demand(document.value.contains(place), "a place is that of a value");
    }
  }
  return 0;
}
