// SPDX-License-Identifier: Apache-2.0
// Reads expectations; every refusal names file, line and the nearest right word.
#include <algorithm>
#include <array>
#include <set>

#include "harness/base/text.h"
#include "harness/cell/expectations.h"

namespace coroner::cell {
namespace {

using base::Document;
using base::Result;
using nlohmann::json;

/// One expectation: its name, and its words, of which a row may give one or, as a list, several.
struct Expectation {
  std::string_view name;
  std::string_view words;  ///< With blanks between; "" takes any text, "/" an absolute path.
  bool is_list = false;
};

constexpr std::string_view presence = "expected optional absent";

constexpr auto expectations = std::to_array<Expectation>({
    {"access", "plain cdi runtime-class nixos-mounts", true},
    {"containerd_config", "/"},
    {"containerd_config_version", "1 2 3", true},
    {"device_list_strategy", "envvar volume-mounts cdi-annotations cdi-cri", true},
    {"discovery_strategy", "auto nvml tegra", true},
    // idle: it is there and wants no pod.
    {"driver_daemon_set", "expected optional absent idle"},
    {"driver_root", "/"},
    {"feature_discovery", presence},
    {"libraries", "/"},
    {"minimum_disk", ""},
    {"minimum_memory", ""},
    {"nvidia_runtime", presence},
    {"nvidia_smi", "/"},
    {"pod_security", "privileged baseline restricted"},
    {"runtime_class", presence},
    // nothing: the class is made on every cluster, and is no sign of a runtime.
    {"runtime_class_shows", "runtime nothing"},
    {"validation_markers", presence},
});

const std::vector<std::string>& sign_names()
{
  static const std::vector<std::string> names = {"os_image", "kubelet_version", "container_runtime",
                                                 "architecture", "provider_id"};
  return names;
}

bool is_upper(char c)
{
  return c >= 'A' && c <= 'Z';
}

tl::unexpected<base::Error> refuse_word(const Document& document, const std::string& pointer,
                                        const std::string& word,
                                        const std::vector<std::string>& known)
{
  const auto near = base::nearest(word, known);
  return document.error_at(
      pointer, fmt::format("'{}' is none of {}{}", base::printable(word), base::join(known, ", "),
                           near.empty() ? "" : "; did you mean '" + near + "'?"));
}

Result<std::string> read_word(const Document& document, const std::string& pointer,
                              const Expectation& expectation)
{
  TRY_ASSIGN(word, base::string_at(document, pointer));
  if (word.empty() || word.find(',') != std::string::npos)
    return document.error_at(pointer, "a word is expected here, or a list of them in brackets");
  if (expectation.words == "/") {
    if (!word.starts_with('/'))
      return document.error_at(pointer, "an absolute path is expected here");
    return word;
  }
  const auto known = base::split(expectation.words, ' ');
  if (!expectation.words.empty() && std::find(known.begin(), known.end(), word) == known.end())
    return refuse_word(document, pointer, word, known);
  return word;
}

/// The texts of a list at `pointer`, or the one text that stands there.
Result<std::vector<std::string>> read_texts(const Document& document, const std::string& pointer)
{
  const auto& value = document.value.at(json::json_pointer(pointer));
  std::vector<std::string> texts;
  if (!value.is_array()) {
    TRY_ASSIGN(text, base::string_at(document, pointer));
    texts.push_back(text);
    return texts;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    TRY_ASSIGN(text, base::string_at(document, fmt::format("{}/{}", pointer, i)));
    texts.push_back(text);
  }
  if (texts.empty()) return document.error_at(pointer, "this list must not be empty");
  return texts;
}

Result<std::string> read_expectation(const Document& document, const std::string& pointer,
                                     const Expectation& expectation)
{
  const auto& value = document.value.at(json::json_pointer(pointer));
  if (!value.is_array()) return read_word(document, pointer, expectation);
  if (!expectation.is_list)
    return document.error_at(pointer, "one word is expected here, not a list");
  if (value.empty()) return document.error_at(pointer, "this list must not be empty");
  std::vector<std::string> words;
  for (std::size_t i = 0; i < value.size(); ++i) {
    TRY_ASSIGN(word, read_word(document, fmt::format("{}/{}", pointer, i), expectation));
    words.push_back(word);
  }
  return base::join(words, ", ");
}

/// Reads rows of one list after another; `distros` are the names that `on` may use.
class RowReader {
 public:
  explicit RowReader(const Document& document) : document_(document) {}

  Result<std::vector<ExpectationRow>> rows(const std::string& pointer, bool are_distros)
  {
    std::vector<ExpectationRow> rows;
    if (!document_.value.contains(json::json_pointer(pointer))) return rows;
    const auto& list = document_.value.at(json::json_pointer(pointer));
    if (!list.is_array()) return document_.error_at(pointer, "a list is expected here");
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto here = fmt::format("{}/{}", pointer, i);
      TRY_ASSIGN(row, read_row(here));
      const bool is_for_all = row.signs.empty();
      if (is_for_all && !(are_distros && i + 1 == list.size()))
        return document_.error_at(here,
                                  "a row without signs fits every node: only the last distro may");
      TRY(check_reach(rows, row, here));
      if (are_distros) distros_.push_back(row.name);
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  Result<ExpectationRow> read_row(const std::string& pointer)
  {
    TRY(base::check_keys(document_, pointer, {"name", "signs", "expects", "on", "source"}));
    ExpectationRow row;
    TRY_ASSIGN(name, base::string_at(document_, pointer + "/name"));
    TRY_ASSIGN(source, base::string_at(document_, pointer + "/source"));
    row.name = name;
    row.source = source;
    if (!base::is_label(row.name))
      return document_.error_at(pointer + "/name", "a name is made of a-z, 0-9 and '-'");
    if (row.source.empty())
      return document_.error_at(pointer + "/source", "a row says where its knowledge comes from");
    if (!names_.insert(pointer.substr(0, pointer.rfind('/')) + "/" + row.name).second)
      return document_.error_at(pointer + "/name", fmt::format("'{}' stands here twice", row.name));
    TRY(read_signs(pointer + "/signs", row));
    if (has(pointer + "/expects")) {
      TRY_ASSIGN(expects, read_expectations(document_, pointer + "/expects"));
      row.expects = std::move(expects);
    }
    TRY(read_on(pointer + "/on", row));
    return row;
  }

  /// A row whose sign holds that of a row before it would never get those nodes.
  Result<void> check_reach(const std::vector<ExpectationRow>& earlier, const ExpectationRow& row,
                           const std::string& pointer) const
  {
    for (const auto& other : earlier) {
      if (other.signs.size() != 1) continue;
      const auto& [name, taken] = *other.signs.begin();
      const auto own = row.signs.find(name);
      if (own == row.signs.end()) continue;
      for (const auto& word : own->second)
        for (const auto& sign : taken)
          if (word.find(sign) != std::string::npos)
            return document_.error_at(
                pointer + "/signs/" + name,
                fmt::format("nodes with '{}' go to the row '{}' before this one",
                            base::printable(word), other.name));
    }
    return {};
  }

  Result<void> read_signs(const std::string& pointer, ExpectationRow& row)
  {
    if (!has(pointer)) return {};
    TRY(base::check_keys(document_, pointer, sign_names()));
    for (const auto& [name, value] : document_.value.at(json::json_pointer(pointer)).items()) {
      TRY_ASSIGN(words, read_texts(document_, pointer + "/" + name));
      for (const auto& word : words)
        if (base::trim(word).empty() || std::any_of(word.begin(), word.end(), is_upper))
          return document_.error_at(pointer + "/" + name,
                                    "a sign is a text in lower case that is not empty");
      row.signs[name] = std::move(words);
    }
    return {};
  }

  Result<void> read_on(const std::string& pointer, ExpectationRow& row)
  {
    if (!has(pointer)) return {};
    const auto& value = document_.value.at(json::json_pointer(pointer));
    if (!value.is_object()) return document_.error_at(pointer, "a mapping is expected here");
    for (const auto& [distro, expects] : value.items()) {
      const auto here = pointer + "/" + distro;
      if (std::find(distros_.begin(), distros_.end(), distro) == distros_.end())
        return refuse_word(document_, pointer, distro, distros_);
      TRY_ASSIGN(values, read_expectations(document_, here));
      row.on[distro] = std::move(values);
    }
    return {};
  }

  bool has(const std::string& pointer) const
  {
    return document_.value.contains(json::json_pointer(pointer));
  }

  const Document& document_;
  std::vector<std::string> distros_;
  std::set<std::string> names_;
};

}  // namespace

std::vector<std::string> expectation_names()
{
  std::vector<std::string> names;
  for (const auto& expectation : expectations) names.emplace_back(expectation.name);
  return names;
}

Result<std::map<std::string, std::string>> read_expectations(const Document& document,
                                                             const std::string& pointer)
{
  TRY(base::check_keys(document, pointer, expectation_names()));
  std::map<std::string, std::string> values;
  for (const auto& expectation : expectations) {
    const auto here = fmt::format("{}/{}", pointer, expectation.name);
    if (!document.value.contains(json::json_pointer(here))) continue;
    TRY_ASSIGN(value, read_expectation(document, here, expectation));
    values[std::string(expectation.name)] = value;
  }
  return values;
}

Result<ExpectationTable> parse_expectations(std::string_view text, std::string source)
{
  TRY_ASSIGN(document, base::parse_yaml(text, std::move(source)));
  TRY(base::check_keys(document, "", {"distros", "architectures", "runtimes", "kubernetes"}));
  RowReader reader(document);
  ExpectationTable table;
  TRY_ASSIGN(distros, reader.rows("/distros", true));
  TRY_ASSIGN(architectures, reader.rows("/architectures", false));
  TRY_ASSIGN(runtimes, reader.rows("/runtimes", false));
  TRY_ASSIGN(kubernetes, reader.rows("/kubernetes", false));
  if (distros.empty() || !distros.back().signs.empty() || distros.back().name != unknown_distro)
    return document.error_at(
        "/distros", fmt::format("the last distro must be '{}', without signs", unknown_distro));
  table.distros = std::move(distros);
  table.architectures = std::move(architectures);
  table.runtimes = std::move(runtimes);
  table.kubernetes = std::move(kubernetes);
  return table;
}

}  // namespace coroner::cell
