// SPDX-License-Identifier: Apache-2.0
// The only file that meets yaml-cpp: its events become JSON, its exceptions end here.
#include "harness/base/yaml.h"

#include <charconv>
#include <cmath>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "harness/base/text.h"

namespace coroner::base {
namespace {

using nlohmann::json;

/// Ends a parse from inside yaml-cpp's event callbacks; caught in this file.
struct Refused {
  YAML::Mark mark;
  std::string message;
};

std::string escape_token(std::string_view key)
{
  std::string escaped;
  for (const char c : key) {
    if (c == '~')
      escaped += "~0";
    else if (c == '/')
      escaped += "~1";
    else
      escaped += c;
  }
  return escaped;
}

/// YAML 1.2 core schema (yaml.org/spec/1.2.2, 10.3.2), as Kubernetes' readers resolve it.
json resolve_plain(const std::string& value)
{
  if (value.empty() || value == "~" || value == "null" || value == "Null" || value == "NULL")
    return nullptr;
  if (value == "true" || value == "True" || value == "TRUE") return true;
  if (value == "false" || value == "False" || value == "FALSE") return false;
  const char* begin = value.data() + (value[0] == '+' ? 1 : 0);
  const char* end = value.data() + value.size();
  std::int64_t integer = 0;
  if (const auto got = std::from_chars(begin, end, integer);
      got.ec == std::errc{} && got.ptr == end)
    return integer;
  const auto body = value.find_first_not_of("+-.");
  const bool starts_as_number =
      body != std::string::npos && body <= 2 && value[body] >= '0' && value[body] <= '9';
  const bool is_hexadecimal = value.find_first_of("xXpP") != std::string::npos;
  double number = 0;
  if (starts_as_number && !is_hexadecimal) {
    const auto got = std::from_chars(begin, end, number);
    if (got.ec == std::errc{} && got.ptr == end && std::isfinite(number)) return number;
  }
  return value;
}

class Builder : public YAML::EventHandler {
 public:
  explicit Builder(std::string source) : source_(std::move(source)) {}

  void OnDocumentStart(const YAML::Mark&) override
  {
    document_ = Document{nullptr, source_, {}};
    open_.clear();
    has_value_ = false;
  }
  void OnDocumentEnd() override
  {
    if (has_value_ && !document_.value.is_null()) documents.push_back(std::move(document_));
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
  {
    scalar(mark, anchor, nullptr, "null");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override
  {
    throw Refused{mark, "aliases (*name) are refused: write the value out"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override
  {
    const bool is_plain = tag == "?" || tag.empty();
    scalar(mark, anchor, is_plain ? resolve_plain(value) : json(value), value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override
  {
    open(mark, anchor, json::array());
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override
  {
    open(mark, anchor, json::object());
  }
  void OnMapEnd() override { open_.pop_back(); }

  std::vector<Document> documents;

 private:
  struct Level {
    json* container;
    std::string pointer;
    std::string key;
    bool has_key = false;
  };

  void scalar(const YAML::Mark& mark, YAML::anchor_t anchor, json value, const std::string& raw)
  {
    count(mark, anchor);
    if (!open_.empty() && open_.back().container->is_object() && !open_.back().has_key) {
      Level& level = open_.back();
      if (level.container->contains(raw))
        throw Refused{mark, fmt::format("the key '{}' stands here twice", printable(raw))};
      level.key = raw;
      level.has_key = true;
      return;
    }
    place(mark, std::move(value));
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, json container)
  {
    count(mark, anchor);
    if (open_.size() >= deepest_yaml_levels)
      throw Refused{mark, fmt::format("nested deeper than {} levels", deepest_yaml_levels)};
    if (!open_.empty() && open_.back().container->is_object() && !open_.back().has_key)
      throw Refused{mark, "a key must be a plain value"};
    auto [where, pointer] = place(mark, std::move(container));
    open_.push_back({where, pointer, {}, false});
  }

  std::pair<json*, std::string> place(const YAML::Mark& mark, json value)
  {
    has_value_ = true;
    json* where = &document_.value;
    std::string pointer;
    if (open_.empty()) {
      document_.value = std::move(value);
    } else if (Level& level = open_.back(); level.container->is_array()) {
      pointer = fmt::format("{}/{}", level.pointer, level.container->size());
      level.container->push_back(std::move(value));
      where = &level.container->back();
    } else {
      pointer = fmt::format("{}/{}", level.pointer, escape_token(level.key));
      where = &(*level.container)[level.key];
      *where = std::move(value);
      level.has_key = false;
    }
    document_.positions[pointer] = {mark.line + 1, mark.column + 1};
    return {where, pointer};
  }

  void count(const YAML::Mark& mark, YAML::anchor_t anchor)
  {
    if (anchor != 0) throw Refused{mark, "anchors (&name) are refused: write the value out"};
    if (++nodes_ > most_yaml_nodes)
      throw Refused{mark, fmt::format("more than {} values", most_yaml_nodes)};
  }

  std::string source_;
  Document document_;
  std::vector<Level> open_;
  std::size_t nodes_ = 0;
  bool has_value_ = false;
};

tl::unexpected<Error> located(const std::string& source, const YAML::Mark& mark,
                              std::string_view message)
{
  return error(ErrorKind::invalid, "{}:{}:{}: {}", source, mark.line + 1, mark.column + 1,
               printable(message));
}

}  // namespace

Position Document::position(std::string_view pointer) const
{
  std::string at(pointer);
  while (true) {
    if (const auto found = positions.find(at); found != positions.end()) return found->second;
    if (at.empty()) return {};
    at.erase(at.rfind('/'));
  }
}

tl::unexpected<Error> Document::error_at(std::string_view pointer, std::string_view message) const
{
  const auto [line, column] = position(pointer);
  return error(ErrorKind::invalid, "{}:{}:{}: {}", source, line, column, message);
}

Result<std::vector<Document>> parse_yaml_documents(std::string_view text, std::string source)
{
  if (text.size() > largest_yaml_bytes)
    return error(ErrorKind::invalid, "{}: {} bytes, more than the {} that are read", source,
                 text.size(), largest_yaml_bytes);
  if (text.find('\0') != std::string_view::npos)
    return error(ErrorKind::invalid, "{}: contains a NUL byte", source);
  Builder builder(source);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    return located(source, refused.mark, refused.message);
  } catch (const YAML::Exception& exception) {
    return located(source, exception.mark, exception.msg);
  } catch (const std::exception& exception) {
    return error(ErrorKind::invalid, "{}: {}", source, printable(exception.what()));
  }
  return std::move(builder.documents);
}

Result<Document> parse_yaml(std::string_view text, std::string source)
{
  TRY_ASSIGN(documents, parse_yaml_documents(text, source));
  if (documents.size() != 1)
    return error(ErrorKind::invalid, "{}: {} documents where one is expected", source,
                 documents.size());
  return std::move(documents.front());
}

Result<void> check_keys(const Document& document, const std::string& pointer,
                        const std::vector<std::string>& known)
{
  const auto& object = document.value.at(json::json_pointer(pointer));
  if (!object.is_object()) return document.error_at(pointer, "a mapping is expected here");
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto near = nearest(key, known);
    const auto advice =
        near.empty() ? "known are: " + join(known, ", ") : "did you mean '" + near + "'?";
    return document.error_at(pointer + "/" + escape_token(key),
                             fmt::format("unknown key '{}'; {}", printable(key), advice));
  }
  return {};
}

Result<std::string> string_at(const Document& document, const std::string& pointer)
{
  const json::json_pointer at(pointer);
  if (!document.value.contains(at))
    return document.error_at(pointer, fmt::format("'{}' is missing", pointer.substr(1)));
  const auto& value = document.value.at(at);
  if (!value.is_string())
    return document.error_at(pointer, fmt::format("'{}' must be a string", pointer.substr(1)));
  return value.get<std::string>();
}

}  // namespace coroner::base
