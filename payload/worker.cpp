// SPDX-License-Identifier: Apache-2.0
// Result lines into a descriptor, the step into shared memory.
#include "payload/worker.h"

#include <algorithm>
#include <cerrno>

#include <unistd.h>

namespace coroner::payload {

JsonObject result_line(const Options& options, bool is_ok)
{
  JsonObject line;
  line.number("schema", 1)
      .text("kind", word_of(options.command))
      .text("nonce", options.nonce)
      .flag("ok", is_ok);
  return line;
}

void Worker::step(std::string_view name)
{
  const std::size_t length = std::min(name.size(), step_.name.size() - 1);
  std::copy_n(name.begin(), length, step_.name.begin());
  std::fill(step_.name.begin() + static_cast<std::ptrdiff_t>(length), step_.name.end(), '\0');
}

void Worker::emit(const JsonObject& result)
{
  std::string text = result.str();
  if (text.size() >= max_line_bytes) {
    text = line(false).text("error", "too_long").number("bytes", text.size()).str();
  }
  write_all(descriptor_, text + "\n");
}

bool write_all(int descriptor, std::string_view text)
{
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace coroner::payload
