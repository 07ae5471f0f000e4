// SPDX-License-Identifier: Apache-2.0
// Whatever a server answers is read as JSON or refused in words that drive no terminal.
#include "harness/base/text.h"
#include "harness/kube/json_text.h"
#include "harness/kube/status.h"
#include "harness/kube/url.h"
#include "harness/testing/fuzz.h"

namespace {

using coroner::base::printable;
using coroner::testing::demand;

/// Of what a redirect's Location and a server's URL make.
void feed_url(std::string_view text)
{
  using namespace coroner::kube;
  const std::string base = "https://a.example:6443/k8s";
  const auto path = same_origin_path(base, text);
  demand(path.empty() || path.front() == '/', "a redirect leads to a path of the same server");
  static_cast<void>(host_and_port(text));
  static_cast<void>(is_loopback(text));
  demand(origin_of(origin_of(text)) == origin_of(text), "an origin is its own origin");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace coroner::kube;
  const auto text = coroner::testing::text_of(data, size);
  feed_url(text.substr(0, 300));

  const auto value = parse_json(text);
  if (value) {
    demand(parse_json(value->dump()).value() == *value, "JSON that is written reads back");
  } else {
    demand(printable(value.error().text()) == value.error().text(), "a refusal is printable");
  }
  const auto shown = excerpt(text);
  demand(printable(shown) == shown && shown.find('\n') == std::string::npos, "excerpts are a line");

  constexpr int statuses[] = {200, 301, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503};
  const HttpAnswer answer{.status = statuses[size % std::size(statuses)],
                          .headers = {{"content-type", std::string(text.substr(0, 60))},
                                      {"retry-after", std::string(text.substr(0, 8))}},
                          .body = std::string(text)};
  const Purpose purpose{.action = {}, .title = "list pods"};
  const auto said = error_of(answer, purpose, "https://a.example").text();
  demand(printable(said) == said, "an error is printable");
  static_cast<void>(reason_of(answer));
  if (const auto json = json_of(answer, purpose, "https://a.example"); !json)
    demand(printable(json.error().text()) == json.error().text(), "a refusal is printable");

  constexpr std::size_t line_bytes = 16;
  const auto capped = with_lines_capped(text, line_bytes);
  demand(text.ends_with('\n') == capped.ends_with('\n') || text.empty(), "a final newline stays");
  return 0;
}
