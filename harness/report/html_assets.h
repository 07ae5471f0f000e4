// SPDX-License-Identifier: Apache-2.0
// The page's template, style and script, compiled in from reports/html.
#pragma once

#include <string_view>

namespace coroner::report::html_assets {

extern const std::string_view page;    ///< report.html with {{name}} places.
extern const std::string_view style;   ///< report.css.
extern const std::string_view script;  ///< report.js.

}  // namespace coroner::report::html_assets
