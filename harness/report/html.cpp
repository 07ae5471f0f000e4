// SPDX-License-Identifier: Apache-2.0
// The page put together from its template.
#include <array>

#include "harness/crypto/digest.h"
#include "harness/record/json.h"
#include "harness/report/documents.h"
#include "harness/report/html_assets.h"
#include "harness/report/html_parts.h"
#include "harness/report/text.h"
#include "harness/report/view.h"

namespace coroner::report {

namespace {

std::string base64_of_hex(std::string_view hex)
{
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto digit = [](char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
  };
  std::string text;
  unsigned bits = 0;
  unsigned held = 0;
  for (const char c : hex) {
    bits = (bits << 4U) | digit(c);
    held += 4;
    if (held < 6) continue;
    held -= 6;
    text += letters[(bits >> held) & 0x3fU];
    bits &= (1U << held) - 1;
  }
  if (held > 0) text += letters[(bits << (6 - held)) & 0x3fU];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

/// What a Content-Security-Policy allows: this text and no other.
std::string hash_of(std::string_view text)
{
  return "sha256-" + base64_of_hex(crypto::sha256_hex(text));
}

/// JSON that stands in a script element: nothing in it can end the element or begin a comment.
std::string json_island(const nlohmann::ordered_json& value)
{
  std::string safe;
  for (const char c : record::json_text(value, -1)) {
    const bool is_markup = c == '<' || c == '>' || c == '&';
    safe += is_markup ? fmt::format("\\u{:04x}", static_cast<unsigned>(c)) : std::string(1, c);
  }
  return safe;
}

/// The template with each {{name}} replaced, once: what is put in is not looked at again.
std::string fill(std::string_view page, const std::map<std::string_view, std::string>& values)
{
  std::string text;
  while (true) {
    const auto begin = page.find("{{");
    text += page.substr(0, begin);
    if (begin == std::string_view::npos) return text;
    const auto end = page.find("}}", begin);
    const auto found = values.find(page.substr(begin + 2, end - begin - 2));
    if (found != values.end()) text += found->second;
    page.remove_prefix(end + 2);
  }
}

}  // namespace

std::string html_page(const record::Record& record)
{
  namespace parts = html_parts;
  const auto causes = parts::causes(record);
  const auto checks = parts::checks(record);
  const nlohmann::ordered_json data = {{"run_id", record.run_id},
                                       {"rows", checks.count},
                                       {"findings", causes.count},
                                       {"counts", record::to_json(record::count(record))}};
  return fill(
      html_assets::page,
      {{"script_hash", hash_of(html_assets::script)},
       {"style_hash", hash_of(html_assets::style)},
       {"title", html(clean_line(
                     fmt::format("{} {}: coroner", verdict_word(record), cell_name(record)), 120))},
       {"style", std::string(html_assets::style)},
       {"banners", parts::banner_list(record)},
       {"verdict", parts::verdict(record)},
       {"environment", parts::environment_lists(record)},
       {"matrix", parts::matrix(record)},
       {"causes", causes.text},
       {"unexplained", parts::unexplained_section(record)},
       {"states", parts::state_options(record)},
       {"checks", checks.text},
       {"notes", parts::notes(record)},
       {"footer", html(clean_line(fmt::format("coroner {}, run {}, {}", record.tool_version,
                                              record.run_id, record::time_text(record.ended))))},
       {"data", json_island(data)},
       {"script", std::string(html_assets::script)}});
}

}  // namespace coroner::report
