// SPDX-License-Identifier: Apache-2.0
// Records read from JSON that anybody may have written.
#include <limits>
#include <optional>

#include "harness/record/fields.h"
#include "harness/record/json.h"

namespace coroner::record {

namespace {

using nlohmann::json;

/// Receives each field of an object and fills it from `source`; the first failure is kept.
class Reader {
 public:
  Reader(const json& source, std::string pointer, std::optional<base::Error>& failure)
      : source_(source), pointer_(std::move(pointer)), failure_(failure)
  {}

  void operator()(const char* name, auto& target)
  {
    if (failure_) return;
    const auto found = source_.find(name);
    const auto at = pointer_ + "/" + name;
    if (found == source_.end()) return refuse(at, "is missing");
    read(*found, at, target);
  }

 private:
  void refuse(const std::string& at, std::string_view why)
  {
    if (!failure_)
      failure_ = base::Error{base::ErrorKind::invalid,
                             fmt::format("{} {}", base::printable(at.substr(0, 200)), why),
                             {},
                             {}};
  }

  void read(const json& value, const std::string& at, std::string& target)
  {
    if (!value.is_string()) return refuse(at, "is no string");
    target = value.get_ref<const std::string&>();
  }

  void read(const json& value, const std::string& at, bool& target)
  {
    if (!value.is_boolean()) return refuse(at, "is neither true nor false");
    target = value.get<bool>();
  }

  void read(const json& value, const std::string& at, double& target)
  {
    if (!value.is_number()) return refuse(at, "is no number");
    target = value.get<double>();
    if (!(target >= 0 && target <= 1)) refuse(at, "is not between 0 and 1");
  }

  void read(const json& value, const std::string& at, int& target)
  {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<int>::max());
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
      return refuse(at, "is no whole number from 0 to 2147483647");
    target = static_cast<int>(value.get<std::uint64_t>());
  }

  void read(const json& value, const std::string& at, std::chrono::milliseconds& target)
  {
    // A year: what is longer is a mistake of whoever wrote it, and sums of it must not overflow.
    constexpr std::uint64_t longest_ms = 366ULL * 24 * 3600 * 1000;
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > longest_ms)
      return refuse(at, "is no duration of at most a year in milliseconds");
    target = std::chrono::milliseconds{value.get<std::int64_t>()};
  }

  void read(const json& value, const std::string& at, Time& target)
  {
    const auto time =
        value.is_string() ? parse_time(value.get_ref<const std::string&>()) : parse_time("");
    if (!time) return refuse(at, "is " + time.error().what);
    target = *time;
  }

  void read(const json& value, const std::string& at, HasWords auto& target)
  {
    if (!value.is_string()) return refuse(at, "is no string");
    const auto known =
        from_word<std::remove_reference_t<decltype(target)>>(value.get_ref<const std::string&>());
    if (!known) return refuse(at, known.error().what + " (" + known.error().hint + ")");
    target = *known;
  }

  template <class Element>
  void read(const json& value, const std::string& at, std::vector<Element>& target)
  {
    if (!value.is_array()) return refuse(at, "is no list");
    if (value.size() > most_elements) return refuse(at, "has too many elements");
    for (std::size_t index = 0; index < value.size() && !failure_; ++index)
      read(value[index], fmt::format("{}/{}", at, index), target.emplace_back());
  }

  void read(const json& value, const std::string& at, std::map<std::string, std::string>& target)
  {
    if (!value.is_object()) return refuse(at, "is no object");
    if (value.size() > most_elements) return refuse(at, "has too many elements");
    for (const auto& [key, inner] : value.items()) read(inner, at + "/" + key, target[key]);
  }

  template <class Object>
    requires requires(Reader& reader, Object& object) { fields(reader, object); }
  void read(const json& value, const std::string& at, Object& target)
  {
    if (!value.is_object()) return refuse(at, "is no object");
    Reader inner(value, at, failure_);
    fields(inner, target);
  }

  const json& source_;
  std::string pointer_;
  std::optional<base::Error>& failure_;
};

/// How many levels of brackets `text` opens at most, found before anything is built from it.
std::size_t depth_of(std::string_view text)
{
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string && c == '\\') ++at;
    if (c == '"') in_string = !in_string;
    if (in_string) continue;
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if ((c == '}' || c == ']') && depth > 0) --depth;
  }
  return deepest;
}

}  // namespace

base::Result<Record> parse_record(std::string_view text)
{
  using base::ErrorKind;
  if (text.size() > largest_record_bytes)
    return base::error(ErrorKind::invalid, "a record of more than {} bytes", largest_record_bytes);
  if (depth_of(text) > deepest_record_levels)
    return base::error(ErrorKind::invalid, "a record of more than {} levels",
                       deepest_record_levels);
  const auto root = json::parse(text, nullptr, false);
  if (root.is_discarded()) return base::error(ErrorKind::invalid, "the record is no JSON");
  if (!root.is_object()) return base::error(ErrorKind::invalid, "the record is no JSON object");
  const auto schema = root.find("schema");
  if (schema == root.end() || !schema->is_number_unsigned())
    return base::error(ErrorKind::invalid, "/schema is no whole number: this is no record");
  if (schema->get<std::uint64_t>() != schema_version)
    return base::error_with_hint(ErrorKind::invalid,
                                 fmt::format("/schema is {}, and this program reads {}",
                                             schema->get<std::uint64_t>(), schema_version),
                                 "read it with the version of coroner that wrote it");
  Record record;
  std::optional<base::Error> failure;
  Reader reader(root, "", failure);
  fields(reader, record);
  if (failure) return tl::unexpected(std::move(*failure));
  return record;
}

}  // namespace coroner::record
