// SPDX-License-Identifier: Apache-2.0
// How terminals, runners, browsers and readers of XML and Markdown see a text.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <libxml/parser.h>

namespace coroner {

/// The first code point of `text`, as "U+202E at 17", that a viewer acts on, that is no UTF-8 or,
/// in a document, that XML forbids; "" when there is none.
std::string active_character(std::string_view text, bool is_document);

/// The first line that a runner of GitHub, GitLab, Azure or TeamCity reads as a command; "" when
/// there is none.
std::string workflow_command(const std::string& text);

/// Takes SGR sequences out of `text` and gives the set of them.
std::set<std::string> take_colours(std::string& text);

/// A document of libxml2, with what it said against the text.
struct Parsed {
  explicit Parsed(xmlDocPtr parsed);
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;
  ~Parsed() { xmlFreeDoc(document); }

  xmlNode* root() const { return document == nullptr ? nullptr : xmlDocGetRootElement(document); }

  xmlDocPtr document;
  std::string said;
};

/// `text` as XML, with no recovery from anything, and as HTML.
Parsed xml_of(const std::string& text);
Parsed page_of(const std::string& text);

/// The elements of a document with their attributes' names, one a line, as it was parsed.
std::string skeleton(const xmlNode* first);

/// What of a page may act: scripts and styles whole, every address, and attributes that are script.
std::vector<std::string> active_parts(xmlNode* first);

/// Markdown's blocks, a letter a line: what a line's beginning makes of it. Lines in a fence are
/// "c"; backslashes take their meaning from `|`.
std::string blocks_of(const std::string& markdown);

}  // namespace coroner
