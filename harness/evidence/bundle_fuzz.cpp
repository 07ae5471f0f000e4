// SPDX-License-Identifier: Apache-2.0
// Lines of events, manifests and names of a bundle: what reads is written back as it was.
#include "harness/evidence/bundle.h"
#include "harness/evidence/json_text.h"
#include "harness/evidence/observed.h"
#include "harness/evidence/path.h"
#include "harness/testing/fuzz.h"

namespace {

using namespace coroner::evidence;
using coroner::testing::demand;

void feed_names(std::string_view text)
{
  if (const auto part = safe_part(text)) {
    demand(name_of_part(*part) == text, "a name comes back from its part of a path");
    demand(part->find('/') == std::string::npos && *part != "..", "a part leads nowhere else");
    const auto log = log_path({std::string(text), "pod", "container", true});
    if (log) {
      const auto names = names_of(*log);
      demand(names.name_space == text && names.is_previous, "a log's names come back");
    }
  }
  if (const auto path = checked_path(text)) {
    demand(*path == text, "a path that is right stays as it is");
    demand(path->find("..") == std::string::npos || path->find("/../") == std::string::npos,
           "a path stays in its bundle");
    static_cast<void>(names_of(*path));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = coroner::testing::text_of(data, size);
  feed_names(text);
  const auto value = parse_json(text);
  if (!value) return 0;
  const auto line = dump_json(*value);
  demand(parse_json(line).value() == *value, "JSON that is written reads back");
  for (const unsigned char c : line) demand(c >= 0x20 && c < 0x80, "a line is ASCII");
  if (const auto event = event_from(*value)) {
    const auto again = event_from(to_json(*event));
    demand(again && to_json(*again) == to_json(*event), "an event that is written reads back");
  }
  if (const auto manifest = manifest_from(*value)) {
    const auto again = manifest_from(to_json(*manifest));
    demand(again && to_json(*again) == to_json(*manifest), "a manifest reads back");
  }
  static_cast<void>(observe_objects({{"objects/v1/Pod/a/b.json", *value}}));
  return 0;
}
