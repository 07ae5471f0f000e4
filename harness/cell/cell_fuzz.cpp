// SPDX-License-Identifier: Apache-2.0
// Any cell and any table of expectations is read or refused at its place.
#include "harness/base/text.h"
#include "harness/cell/cell.h"
#include "harness/cell/expectations.h"
#include "harness/testing/fuzz.h"

namespace {

using coroner::testing::demand;

void demand_located(const coroner::base::Error& error)
{
  const auto said = error.text();
  demand(said.find("f.yaml") != std::string::npos, "a refusal names the file");
  demand(coroner::base::printable(said) == said, "a refusal is printable");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace coroner::cell;
  const auto text = coroner::testing::text_of(data, size);
  const auto cell = parse_cell(text, "f.yaml");
  if (!cell) demand_located(cell.error());
  const auto table = parse_expectations(text, "f.yaml");
  if (!table) demand_located(table.error());
  const NodeFacts facts{.os_image = std::string(text.substr(0, 80)),
                        .kubelet_version = "v1.34.1+k3s1",
                        .container_runtime = "containerd://2.1.4",
                        .architecture = "amd64",
                        .provider_id = ""};
  if (table) {
    const auto expected = expectations_of(*table, facts);
    demand(!expected.distro.empty(), "every node has a distro, if only unknown");
    demand(!choose_access(expected, true, "cdi-cri").empty(), "there is always a way");
  }
  const auto filled = fill_in(text, {{"node", "one"}});
  if (filled && text.find('{') == std::string_view::npos)
    demand(*filled == text, "text without placeholders stays as it is");
  return 0;
}
