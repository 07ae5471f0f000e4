// SPDX-License-Identifier: Apache-2.0
// Redaction: secrets are taken out of everything that was observed before it touches the disk.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"

namespace coroner::evidence {

/// Takes secrets out of text and objects and puts a tag in their place: `[redacted:token:1a2b3c]`,
/// the kind of secret and 24 bits of a keyed hash of it, so that two equal secrets of one bundle
/// can be matched. The key is random and never written, so a tag cannot be tried against a list of
/// guesses, and tags of two bundles do not match.
///
/// Found by form: JSON web tokens, bearer and basic credentials, PEM blocks (certificates too),
/// keys of AWS, Google, Azure, GitHub, GitLab, Slack, Hugging Face, NGC, npm, OpenAI, bootstrap and
/// k3s tokens, passwords in URLs. Found by name: variables with TOKEN, KEY, SECRET or PASS in
/// their name, kubeconfig's data fields, auths of docker's config, fields such as `password`.
/// All of it also behind JSON escapes, in base64 (twice at most), and broken over lines.
class Redactor {
 public:
  /// `key` is what tags are made with; leave it out for a random one.
  static base::Result<Redactor> make(std::string key = {});
  Redactor(Redactor&&) noexcept;
  Redactor& operator=(Redactor&&) noexcept;
  ~Redactor();

  /// `text` without secrets. Clean text comes back unchanged; doing it again changes nothing.
  std::string text(std::string_view text);

  /// The object without secrets; nullopt for a Secret, whose content is never kept. Secrets in a
  /// list are left out of it. Strings that hold JSON (last-applied-configuration) are redacted as
  /// JSON.
  std::optional<nlohmann::json> object(const nlohmann::json& object);

  /// How many secrets were taken out, by kind ("token", "pem", …) since the start.
  const std::map<std::string, std::size_t>& counts() const;
  std::size_t count() const;

 private:
  struct State;
  explicit Redactor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace coroner::evidence
