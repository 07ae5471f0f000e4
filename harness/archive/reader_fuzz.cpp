// SPDX-License-Identifier: Apache-2.0
// Any bytes read as an archive stay within the bounds, under names that lead nowhere else.
#include <set>

#include "harness/archive/path.h"
#include "harness/archive/reader.h"
#include "harness/base/text.h"
#include "harness/testing/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace coroner::archive;
  using coroner::testing::demand;
  const Bounds bounds{.most_entries = 16,
                      .largest_total_bytes = 1U << 16U,
                      .largest_entry_bytes = 1U << 14U,
                      .largest_ratio = 100};
  const auto bytes = coroner::testing::text_of(data, size);
  auto reader = Reader::of_bytes(bytes, "f.tar", bounds);
  if (!reader) return 0;
  std::set<std::string> paths;
  std::uint64_t total_bytes = 0;
  while (true) {
    const auto item = reader->next();
    if (!item) {
      const auto said = item.error().text();
      demand(coroner::base::printable(said) == said, "a refusal is printable");
      demand(!reader->next().has_value(), "after an error every call gives one");
      return 0;
    }
    if (!*item) return 0;
    const auto& path = (*item)->path;
    demand(normal_path(path).value_or("") == path && !path.empty(), "paths are normal");
    demand(paths.insert(path).second, "a path comes once");
    demand(paths.size() <= bounds.most_entries, "entries are bounded");
    if (paths.size() % 3 == 0) continue;  // Passing over one is a way of its own.
    const auto content = reader->content();
    if (!content) continue;
    demand(content->size() == (*item)->size_bytes, "an entry is as large as it says");
    total_bytes += content->size();
    demand(total_bytes <= bounds.largest_total_bytes, "content is bounded");
  }
}
