// SPDX-License-Identifier: Apache-2.0
// Redaction of text and objects: forms by RE2, base64 by decoding, names by structure.
#include "harness/evidence/redact.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

#include "harness/crypto/digest.h"
#include "harness/evidence/base64.h"
#include "harness/evidence/json_text.h"
#include "harness/evidence/redact_patterns.h"
#include "harness/objects/object.h"

namespace coroner::evidence {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;

constexpr std::int64_t largest_program_bytes = 64LL << 20U;
constexpr std::size_t tag_digits = 6;
constexpr std::size_t longest_kind = 20;  ///< Letters of a kind of secret.
constexpr std::size_t key_bytes = 16;
constexpr int deepest_nesting = 2;  ///< Base64 in base64, JSON in JSON.
constexpr std::size_t most_groups = 8;
constexpr std::string_view tag_start = "[redacted:";

RE2::Options options()
{
  RE2::Options made;
  made.set_log_errors(false);
  made.set_max_mem(largest_program_bytes);
  return made;
}

std::unique_ptr<RE2> compiled(std::string_view pattern)
{
  return std::make_unique<RE2>(written_out(pattern), options());
}

/// The length of the tag that `text` begins with; 0 when it begins with none. Whoever wrote the
/// text may have written what only looks like one.
std::size_t tag_length(std::string_view text)
{
  constexpr std::string_view kind_letters = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  constexpr std::string_view digits = "0123456789abcdef";
  if (!text.starts_with(tag_start)) return 0;
  const auto colon = text.find_first_not_of(kind_letters, tag_start.size());
  if (colon == std::string_view::npos || colon - tag_start.size() > longest_kind) return 0;
  const auto end = text.find_first_not_of(digits, colon + 1);
  const bool is_whole = text[colon] == ':' && end == colon + 1 + tag_digits && text[end] == ']';
  return is_whole ? end + 1 : 0;
}

bool is_tag(std::string_view text)
{
  return !text.empty() && tag_length(text) == text.size();
}

/// Where the tag that holds the byte at `position` begins and ends; an empty range when none does.
struct TagRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

TagRange tag_around(std::string_view text, std::size_t position)
{
  const auto begin = text.rfind(tag_start, position);
  if (begin == std::string_view::npos) return {};
  const auto end = begin + tag_length(text.substr(begin));
  return position < end ? TagRange{begin, end} : TagRange{};
}

bool is_mostly_printable(std::string_view bytes)
{
  const auto printable = std::count_if(bytes.begin(), bytes.end(), [](unsigned char c) {
    return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t' || c == '\r';
  });
  constexpr std::size_t tenths = 10;
  return static_cast<std::size_t>(printable) * tenths >= bytes.size() * (tenths - 1);
}

bool is_list(const json& object)
{
  return objects::kind_of(object).ends_with("List") && objects::at(object, "/items").is_array();
}

}  // namespace

struct Redactor::State {
  struct Form {
    std::string_view kind;
    std::unique_ptr<RE2> pattern;
  };

  std::string key;
  std::vector<Form> forms;
  std::unique_ptr<RE2::Set> set;
  std::unique_ptr<RE2> field;
  std::unique_ptr<RE2> variable;
  std::unique_ptr<RE2> upper;
  std::unique_ptr<RE2> base64_run;
  std::map<std::string, std::size_t> counts;

  std::string tag(std::string_view kind, std::string_view secret)
  {
    ++counts[std::string(kind)];
    const auto hash = crypto::sha256_hex(key + std::string(secret));
    return fmt::format("{}{}:{}]", tag_start, kind, hash.substr(0, tag_digits));
  }

  /// The forms that occur in `text`; all of them when the set runs out of memory.
  std::vector<int> present(std::string_view text) const
  {
    std::vector<int> found;
    RE2::Set::ErrorInfo problem{};
    if (set->Match(re2::StringPiece(text.data(), text.size()), &found, &problem)) {
      std::sort(found.begin(), found.end());
      return found;
    }
    if (problem.kind == RE2::Set::kNoError) return {};
    for (std::size_t i = 0; i < forms.size(); ++i) found.push_back(static_cast<int>(i));
    return found;
  }

  std::string without_form(const std::string& text, const Form& form)
  {
    const re2::StringPiece all(text);
    std::array<re2::StringPiece, most_groups> groups;
    const int count = std::min<int>(form.pattern->NumberOfCapturingGroups() + 1, most_groups);
    std::string clean;
    std::size_t done = 0;
    std::size_t from = 0;
    while (from <= text.size() &&
           form.pattern->Match(all, from, text.size(), RE2::UNANCHORED, groups.data(), count)) {
      const auto group = std::find_if(groups.begin() + 1, groups.begin() + count,
                                      [](const auto& part) { return part.data() != nullptr; });
      const std::size_t match_end = static_cast<std::size_t>(groups[0].end() - all.begin());
      if (group == groups.begin() + count || group->empty()) {
        from = std::max(match_end, from + 1);
        continue;
      }
      const std::size_t begin = static_cast<std::size_t>(group->begin() - all.begin());
      clean.append(text, done, begin - done);
      // A tag is left alone, but a secret that goes on behind the tag it begins with is none yet.
      const auto tagged = tag_around(text, begin);
      const bool goes_on = begin == tagged.begin && begin + group->size() > tagged.end;
      if (tagged.end > 0 && !goes_on) {
        clean.append(text, begin, tagged.end - begin);
        done = tagged.end;
      } else {
        clean += tag(form.kind, std::string_view(group->data(), group->size()));
        done = begin + group->size();
      }
      from = std::max(done, from + 1);
    }
    return clean.append(text, done);
  }

  /// Whether text that was decoded holds a secret, itself or in base64 once more.
  bool holds_secret(const std::string& text, int depth) const
  {
    if (!present(text).empty()) return true;
    return depth < deepest_nesting && !encoded_secrets(text, depth).empty();
  }

  /// Runs of base64 in `text` whose content holds a secret, as offset and length.
  std::vector<std::pair<std::size_t, std::size_t>> encoded_secrets(const std::string& text,
                                                                   int depth) const
  {
    std::vector<std::pair<std::size_t, std::size_t>> found;
    re2::StringPiece rest(text);
    re2::StringPiece run;
    constexpr std::size_t alignments = 4;
    while (RE2::FindAndConsume(&rest, *base64_run, &run)) {
      const std::string_view encoded(run.data(), run.size());
      for (std::size_t skip = 0; skip < alignments; ++skip) {
        const auto decoded = decoded_base64(encoded.substr(std::min(skip, encoded.size())));
        if (!is_mostly_printable(decoded) || !holds_secret(decoded, depth + 1)) continue;
        found.emplace_back(static_cast<std::size_t>(run.data() - text.data()), run.size());
        break;
      }
    }
    return found;
  }

  std::string text(std::string_view untrusted)
  {
    std::string clean(untrusted);
    for (const int index : present(clean))
      clean = without_form(clean, forms[static_cast<std::size_t>(index)]);
    const auto runs = encoded_secrets(clean, 0);
    for (auto run = runs.rbegin(); run != runs.rend(); ++run)
      clean.replace(run->first, run->second,
                    tag("base64", std::string_view(clean).substr(run->first, run->second)));
    return clean;
  }

  std::string whole(std::string_view kind, const std::string& value)
  {
    return value.empty() || is_tag(value) ? value : tag(kind, value);
  }

  std::string text_or_json(const std::string& value, int depth)
  {
    const bool is_maybe_json = !value.empty() && (value[0] == '{' || value[0] == '[');
    if (is_maybe_json && depth < deepest_nesting) {
      auto nested = parse_json(value);
      if (nested && nested->is_structured()) {
        const auto before = *nested;
        visit(*nested, depth + 1);
        if (*nested != before) return text(dump_json(*nested));
      }
    }
    return text(value);
  }

  void visit_member(const std::string& name, json& value, int depth)
  {
    if (!value.is_string()) return visit(value, depth);
    auto& content = value.get_ref<std::string&>();
    if (RE2::FullMatch(name, *field) || RE2::FullMatch(name, *upper))
      content = whole("field", content);
    else
      content = text_or_json(content, depth);
  }

  void visit_array(json& array, int depth)
  {
    bool is_next_secret = false;
    for (auto& element : array) {
      if (!element.is_string()) {
        visit(element, depth);
        is_next_secret = false;
        continue;
      }
      auto& content = element.get_ref<std::string&>();
      const bool is_flag = content.starts_with('-') && RE2::FullMatch(content, *field);
      content = is_next_secret ? whole("flag", content) : text_or_json(content, depth);
      is_next_secret = is_flag;
    }
  }

  void visit(json& value, int depth)
  {
    if (value.is_array()) return visit_array(value, depth);
    if (value.is_string()) {
      value = text_or_json(value.get<std::string>(), depth);
      return;
    }
    if (!value.is_object()) return;
    const auto name = value.find("name");
    const auto given = value.find("value");
    if (name != value.end() && given != value.end() && name->is_string() && given->is_string() &&
        RE2::FullMatch(name->get<std::string>(), *variable))
      *given = whole("variable", given->get<std::string>());
    json clean = json::object();
    for (auto& [member_name, member] : value.items()) {
      visit_member(member_name, member, depth);
      clean[text(member_name)] = std::move(member);
    }
    value = std::move(clean);
  }
};

Redactor::Redactor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Redactor::Redactor(Redactor&&) noexcept = default;
Redactor& Redactor::operator=(Redactor&&) noexcept = default;
Redactor::~Redactor() = default;

Result<Redactor> Redactor::make(std::string key)
{
  auto state = std::make_unique<State>();
  state->key = key.empty() ? crypto::random_hex(key_bytes) : std::move(key);
  state->set = std::make_unique<RE2::Set>(options(), RE2::UNANCHORED);
  for (const auto& form : secret_forms()) {
    State::Form made{form.kind, compiled(std::string("(?m)") + std::string(form.pattern))};
    if (!made.pattern->ok() || state->set->Add(made.pattern->pattern(), nullptr) < 0)
      return base::error(ErrorKind::internal, "the pattern of {} secrets is refused: {}", form.kind,
                         made.pattern->error());
    state->forms.push_back(std::move(made));
  }
  state->field = compiled(secret_field_pattern);
  state->variable = compiled(secret_variable_pattern);
  state->upper = compiled(secret_upper_pattern);
  state->base64_run =
      compiled(R"(([A-Za-z0-9+/_-]{16,}(?:(?:\r?\n[ \t]*|\\+n)[A-Za-z0-9+/_-]{4,})*={0,2}))");
  const bool is_good = state->field->ok() && state->variable->ok() && state->upper->ok() &&
                       state->base64_run->ok() && state->set->Compile();
  if (!is_good) return base::error(ErrorKind::internal, "the patterns of secrets do not compile");
  return Redactor(std::move(state));
}

std::string Redactor::text(std::string_view text)
{
  return state_->text(text);
}

std::optional<json> Redactor::object(const json& object)
{
  if (objects::kind_of(object) == "Secret") {
    ++state_->counts["secret"];
    return std::nullopt;
  }
  json clean = object;
  if (is_list(clean)) {
    json kept = json::array();
    for (const auto& item : clean["items"])
      if (auto redacted = this->object(item)) kept.push_back(std::move(*redacted));
    clean["items"] = std::move(kept);
    return clean;
  }
  state_->visit(clean, 0);
  return clean;
}

const std::map<std::string, std::size_t>& Redactor::counts() const
{
  return state_->counts;
}

std::size_t Redactor::count() const
{
  std::size_t sum = 0;
  for (const auto& [kind, count] : state_->counts) sum += count;
  return sum;
}

}  // namespace coroner::evidence
