// SPDX-License-Identifier: Apache-2.0
// Lists in pages.
#include "harness/kube/requests.h"
#include "harness/kube/watch.h"
#include "harness/objects/object.h"

namespace coroner::kube {
namespace {

using base::ErrorKind;
using nlohmann::json;

constexpr int gone = 410;
constexpr int first_success = 200;
constexpr int first_redirect = 300;

/// Adds the items of one page, each with the apiVersion and kind that lists leave out.
void take_items(json& page, const objects::Resource& resource, std::vector<json>& items)
{
  const auto found = page.find("items");
  if (found == page.end() || !found->is_array()) return;
  for (auto& item : *found) {
    if (!item.is_object()) continue;
    item["apiVersion"] = resource.api_version;
    item["kind"] = resource.kind;
    items.push_back(std::move(item));
  }
}

/// One run over the pages; empty when one of them had gone.
base::Result<std::optional<Listing>> list_once(Session& session, const Query& query,
                                               std::size_t limit, const base::Deadline& deadline,
                                               const std::stop_token& stop)
{
  // More pages than any real cluster has: a server that repeats a token must not hold us.
  constexpr int most_pages = 10'000;
  Listing listing;
  std::string token;
  for (int page_number = 0; page_number < most_pages; ++page_number) {
    const auto errand = list_errand(query, limit, token);
    TRY_ASSIGN(answer, session.send(errand, deadline, stop));
    if (answer.status == gone && !token.empty()) return std::nullopt;
    if (answer.status < first_success || answer.status >= first_redirect)
      return tl::unexpected(session.error(answer, errand.purpose));
    TRY_ASSIGN(page, json_of(answer, errand.purpose, session.server()));
    take_items(page, query.resource, listing.items);
    listing.resource_version = objects::text_at(page, "/metadata/resourceVersion");
    auto next = objects::text_at(page, "/metadata/continue");
    if (next.empty()) return listing;
    token = std::move(next);
  }
  return base::error(ErrorKind::invalid, "the list of {} does not end", query.resource.plural);
}

}  // namespace

base::Result<Listing> list_all(Session& session, const Query& query, const base::Deadline& deadline,
                               const std::stop_token& stop)
{
  const auto page_items = session.options().page_items;
  bool was_restarted = false;
  for (const std::size_t limit : {page_items, page_items, std::size_t{0}}) {
    TRY_ASSIGN(listing, list_once(session, query, limit, deadline, stop));
    if (listing) {
      listing->was_restarted = was_restarted;
      return std::move(*listing);
    }
    was_restarted = true;
  }
  return base::error(ErrorKind::unreachable, "the list of {} was compacted away three times",
                     query.resource.plural);
}

}  // namespace coroner::kube
