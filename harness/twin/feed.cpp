// SPDX-License-Identifier: Apache-2.0
// Watch events as lines of JSON (apimachinery 0.34, pkg/apis/meta/v1/watch.go).
#include "harness/twin/feed.h"

#include <algorithm>

#include "harness/evidence/json_text.h"

namespace coroner::twin {

using nlohmann::json;

Feed::Feed(const Store& store, WatchOrder order)
    : store_(store), order_(std::move(order)), end_(base::Deadline::in(order_.length))
{}

std::string Feed::line(const char* type, const json& object) const
{
  return evidence::dump_json({{"type", type}, {"object", object}}) + "\n";
}

std::string Feed::bookmark() const
{
  if (!order_.wants_bookmarks) return {};
  return line("BOOKMARK", {{"kind", order_.resource.kind},
                           {"apiVersion", order_.resource.api_version},
                           {"metadata", {{"resourceVersion", std::to_string(version_)}}}});
}

std::string Feed::first()
{
  std::string lines;
  if (order_.since) {
    // A version of another server's future would hide every deletion to come.
    version_ = std::min(*order_.since, store_.version());
    for (const auto& object : store_.newer_than(order_.selection, *order_.since))
      lines += line("ADDED", object);
  } else {
    const auto page = store_.list(order_.selection, 0, {});
    version_ = page.version;
    for (const auto& object : page.items) lines += line("ADDED", object);
  }
  return lines + bookmark();
}

std::optional<std::string> Feed::next()
{
  if (end_.has_passed()) return std::nullopt;
  if (!has_begun_) {
    has_begun_ = true;
    return first();
  }
  const auto news = store_.news(order_.selection, version_, end_.at_most(heartbeat));
  if (news.is_closed) return std::nullopt;
  version_ = news.version;
  std::string lines;
  for (const auto& object : news.deleted) lines += line("DELETED", object);
  return lines.empty() ? bookmark() : lines;
}

}  // namespace coroner::twin
