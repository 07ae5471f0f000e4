// SPDX-License-Identifier: Apache-2.0
// The environment's wishes about colour and glyphs.
#include "harness/report/style.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/report/text.h"

namespace coroner::report {

namespace {

std::string value_of(const std::map<std::string, std::string>& environment, const char* name)
{
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

bool wants_colour(const Terminal& terminal)
{
  if (terminal.colour != ColourMode::automatic) return terminal.colour == ColourMode::always;
  const auto value = [&](const char* name) { return value_of(terminal.environment, name); };
  if (!value("NO_COLOR").empty()) return false;
  for (const auto* force : {"CLICOLOR_FORCE", "FORCE_COLOR"})
    if (!value(force).empty() && value(force) != "0") return true;
  return terminal.is_terminal && value("TERM") != "dumb";
}

bool has_utf8(const std::map<std::string, std::string>& environment)
{
  for (const auto* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    auto locale = value_of(environment, name);
    if (locale.empty()) continue;
    std::transform(locale.begin(), locale.end(), locale.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace

Style style_for(const Terminal& terminal)
{
  return {.has_colour = wants_colour(terminal),
          .has_unicode = !terminal.wants_ascii && has_utf8(terminal.environment),
          .columns = std::clamp<std::size_t>(terminal.columns, 40, 200)};
}

std::string Style::paint(std::string_view text, std::string_view colour) const
{
  return has_colour ? fmt::format("\x1b[{}m{}\x1b[0m", colour, text) : std::string(text);
}

std::string Style::state(const Look& look) const
{
  return paint(fmt::format("{} {:<7}", has_unicode ? look.glyph : look.ascii, look.word),
               look.colour);
}

std::string Style::plain(std::string_view text) const
{
  if (has_unicode) return std::string(text);
  constexpr std::array<std::pair<char32_t, char>, 4> replacements = {
      {{U'×', 'x'}, {U'–', '-'}, {U'’', '\''}, {U'…', '.'}}};
  std::string ascii;
  for (std::size_t at = 0; at < text.size();) {
    const auto point = code_point_at(text, at);
    const auto known = std::find_if(replacements.begin(), replacements.end(),
                                    [&](const auto& pair) { return pair.first == point.value; });
    if (point.is_valid && point.value < 0x80)
      ascii += text[at];
    else
      ascii += known == replacements.end() ? '?' : known->second;
    at += point.length;
  }
  return ascii;
}

Ci ci_of(const std::map<std::string, std::string>& environment)
{
  constexpr std::array<std::pair<const char*, Ci>, 4> signs = {{{"GITHUB_ACTIONS", Ci::github},
                                                                {"GITLAB_CI", Ci::gitlab},
                                                                {"JENKINS_URL", Ci::jenkins},
                                                                {"CI", Ci::other}}};
  for (const auto& [name, ci] : signs) {
    const auto value = value_of(environment, name);
    if (!value.empty() && value != "false" && value != "0") return ci;
  }
  return Ci::none;
}

}  // namespace coroner::report
