// SPDX-License-Identifier: Apache-2.0
// Finding a log of the bundle by pod and container, and cutting it as the kubelet does.
#include "harness/twin/logs.h"

#include <fmt/format.h>

#include "harness/base/text.h"

namespace coroner::twin {
namespace {

About about(const LogOrder& order)
{
  return {.group = "", .plural = "pods", .name = order.pod};
}

Answer no_log(const LogOrder& order)
{
  return unrecorded(
      404,
      fmt::format("the {}log of container \"{}\" of pod \"{}/{}\"",
                  order.is_previous ? "previous " : "", order.container, order.space, order.pod),
      about(order));
}

}  // namespace

std::string_view tail_of(std::string_view text, std::uint64_t lines)
{
  if (lines == 0) return {};
  auto from = text.size();
  if (text.ends_with('\n')) --from;
  for (; from > 0; --from)
    if (text[from - 1] == '\n' && --lines == 0) break;
  return text.substr(from);
}

Answer log_answer(const Recording& recording, const evidence::Reader& bundle, const LogOrder& order)
{
  const auto of_pod = recording.logs.find({order.space, order.pod});
  if (of_pod == recording.logs.end()) return no_log(order);
  auto named = of_pod->second.find(order.container);
  if (order.container.empty()) {
    if (of_pod->second.size() != 1) {
      std::vector<std::string> names;
      for (const auto& [name, paths] : of_pod->second) names.push_back(name);
      return failure(400,
                     base::printable(fmt::format(
                         "a container name must be specified for pod {}, choose one of: [{}]",
                         order.pod, base::join(names, " "))),
                     about(order));
    }
    named = of_pod->second.begin();
  }
  if (named == of_pod->second.end()) return no_log(order);
  const auto& path = order.is_previous ? named->second.second : named->second.first;
  if (path.empty()) return no_log(order);
  const auto content = bundle.content(path);
  if (!content) return failure(500, base::printable(content.error().what), about(order));
  std::string_view text = *content;
  if (order.tail_lines) text = tail_of(text, *order.tail_lines);
  if (order.limit_bytes) text = text.substr(0, *order.limit_bytes);
  return text_answer(std::string(text));
}

}  // namespace coroner::twin
