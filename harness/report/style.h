// SPDX-License-Identifier: Apache-2.0
// Whether a terminal gets colour and glyphs, and which CI, if any, reads the output.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "harness/report/look.h"

namespace coroner::report {

enum class ColourMode { automatic, always, never };

/// Where the output goes, as the program found it.
struct Terminal {
  ColourMode colour = ColourMode::automatic;
  bool is_terminal = false;
  bool wants_ascii = false;                        ///< --ascii.
  std::map<std::string, std::string> environment;  ///< NO_COLOR, TERM, LC_ALL, CI, ...
  std::size_t columns = 100;                       ///< Width; lines of evidence are cut to it.
};

/// What the output may use.
struct Style {
  bool has_colour = false;
  bool has_unicode = false;
  std::size_t columns = 100;

  /// `text` in the colour of SGR parameters `colour`, or bare.
  std::string paint(std::string_view text, std::string_view colour) const;
  /// "✓ PASS", "+ PASS", padded to one width, painted.
  std::string state(const Look& look) const;
  /// Our own sentence with its few signs beyond ASCII replaced where there is no UTF-8; anything
  /// else beyond ASCII becomes "?". Not for untrusted text: that is made harmless first.
  std::string plain(std::string_view text) const;
};

/// Colour: `always`, `never`, or for a terminal that is not TERM=dumb, without NO_COLOR
/// (no-color.org: set and not empty); CLICOLOR_FORCE and FORCE_COLOR other than 0 turn it on.
/// Glyphs: only where LC_ALL, LC_CTYPE or LANG (the first that is set) names UTF-8.
Style style_for(const Terminal& terminal);

/// Continuous integration that reads markers from the log.
enum class Ci { none, github, gitlab, jenkins, other };

/// By GITHUB_ACTIONS, GITLAB_CI, JENKINS_URL, CI.
Ci ci_of(const std::map<std::string, std::string>& environment);

}  // namespace coroner::report
