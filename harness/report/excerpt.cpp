// SPDX-License-Identifier: Apache-2.0
// Cutting a line around what matched, between code points.
#include "harness/report/excerpt.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/report/text.h"

namespace coroner::report {

namespace {

/// The start of the code point that covers byte `at`.
std::size_t aligned(std::string_view text, std::size_t at)
{
  at = std::min(at, text.size());
  for (int back = 0; back < 4 && at > 0 && at < text.size(); ++back) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80) break;
    --at;
  }
  return at;
}

}  // namespace

Excerpt excerpt_of(const record::Evidence& evidence, std::size_t limit)
{
  const std::string_view text = evidence.text;
  std::size_t begin = 0;
  std::size_t end = text.size();
  if (evidence.column > 0) {
    begin = aligned(text, static_cast<std::size_t>(evidence.column) - 1);
    const auto length = static_cast<std::size_t>(std::max(evidence.length, 0));
    if (length > 0) end = std::max(begin, aligned(text, begin + length));
  }
  end = std::min(end, aligned(text, begin + limit));
  const auto room = limit - std::min(limit, end - begin);
  // What one side does not need, the other may take.
  const auto right = std::min(text.size() - end, std::max(room / 2, room - std::min(room, begin)));
  const auto first = aligned(text, begin - std::min(begin, room - right));
  const auto last = aligned(text, end + right);
  Excerpt parts{std::string(text.substr(first, begin - first)),
                std::string(text.substr(begin, end - begin)),
                std::string(text.substr(end, last - end))};
  if (first > 0) parts.before.insert(0, "...");
  if (last < text.size()) parts.after += "...";
  return parts;
}

std::string source_of(const record::Evidence& evidence)
{
  auto text = evidence.source;
  if (evidence.line > 0) text += fmt::format(":{}", evidence.line);
  if (!evidence.node.empty()) text += " on " + evidence.node;
  return text;
}

}  // namespace coroner::report
