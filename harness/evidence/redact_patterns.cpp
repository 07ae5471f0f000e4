// SPDX-License-Identifier: Apache-2.0
// The table of secret forms. Forms follow the issuers' documentation of their token prefixes.
#include "harness/evidence/redact_patterns.h"

#include <array>
#include <utility>

namespace coroner::evidence {
namespace {

constexpr auto forms = std::to_array<SecretForm>({
    // RFC 7468, with its end; line ends may be escaped, lines may carry a log's time stamp.
    {"pem",
     R"((-----BEGIN [A-Z0-9 ]+-----(?:[A-Za-z0-9+/=:,. \t-]|\s|\\+[nrt])*?-----END [A-Z0-9 ]+-----))"},
    // The same, cut off.
    {"pem",
     R"((-----BEGIN [A-Z0-9 ]+-----(?:(?:\s|\\+[nrt])+[A-Za-z0-9+/=]{40,})*(?:(?:\s|\\+[nrt])+[A-Za-z0-9+/=]{1,76})?))"},
    // The same in base64, as kubeconfig's -data fields and caBundle hold it.
    {"pem", R"((LS0tLS1CRUdJTi(?:[A-Za-z0-9+/]|\\+n|\n[ \t]*)+=*))"},
    // RFC 7519: header and payload are JSON objects, so both begin with eyJ; also over lines.
    {"token",
     R"((eyJ[A-Za-z0-9_=-]{6,}(?:(?:\s|\\+n)+[A-Za-z0-9_=-]+)?\.(?:\s|\\+n)*[A-Za-z0-9_=-]{4,}(?:(?:\s|\\+n)+[A-Za-z0-9_=-]+)?(?:\.(?:\s|\\+n)*[A-Za-z0-9_=+/-]*)?))"},
    {"header",
     R"((?i:\b(?:proxy-)?authorization|\bset-cookie|\bcookie|\bx-auth-token|\bx-api-key)(?:<quote>)?<gap>[:=]<gap>(?:<quote>)?\[?([^\r\n"'\\\]]{3,}))"},
    {"bearer", R"((?i:\b(?:bearer|basic|negotiate))(?: +|%20|\\+t)([A-Za-z0-9._~+/=-]{8,}))"},
    {"aws", R"(((?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ABIA|ACCA)[A-Z2-7]{16})(?:$|[^A-Z0-9]))"},
    {"gcp", R"((AIza[0-9A-Za-z_-]{35}))"},
    {"gcp", R"((ya29\.[0-9A-Za-z_-]{10,}))"},
    {"gcp", R"((GOCSPX-[0-9A-Za-z_-]{20,}))"},
    {"azure", R"((?i:AccountKey|SharedAccessKey|SharedAccessSignature)=([A-Za-z0-9+/=%&_-]{16,}))"},
    {"azure", R"([?&](?i:sig)=([A-Za-z0-9%+/=_-]{16,}))"},
    {"azure", R"(([A-Za-z0-9_~.]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}))"},
    {"github", R"((gh[pousr]_[A-Za-z0-9]{16,}))"},
    {"github", R"((github_pat_[A-Za-z0-9_]{22,}))"},
    {"gitlab", R"((gl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_-]{16,}))"},
    {"slack", R"((xox[abeoprs]-[A-Za-z0-9-]{10,}))"},
    {"slack", R"(hooks\.slack\.com/services/([A-Za-z0-9/]{20,}))"},
    {"huggingface", R"((hf_[A-Za-z0-9]{20,}))"},
    {"ngc", R"((nvapi-[A-Za-z0-9_-]{20,}))"},
    {"npm", R"((npm_[A-Za-z0-9]{30,}))"},
    {"pypi", R"((pypi-[A-Za-z0-9_-]{16,}))"},
    {"docker", R"((dckr_pat_[A-Za-z0-9_-]{16,}))"},
    {"openai", R"(\b(sk-[A-Za-z0-9_-]{20,}))"},
    {"stripe", R"(((?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}))"},
    // k3s: K10, hash of the authority, user and password (k3s pkg/clientaccess/token.go).
    {"token", R"((K10[0-9a-f]{32,}::[^\s"'\\]+))"},
    {"password", R"([a-zA-Z][a-zA-Z0-9+.-]*://[^\s/:@"'\\]*:([^\s/@"'\\]{2,})@)"},
    // A variable by its name, as an assignment or with a colon. PASSED is no password.
    {"variable",
     R"(\b(?:[A-Z][A-Z0-9_]*)?(?:TOKEN|SECRET|KEY|PASS(?:[A-DF-Z0-9_]|\b))[A-Z0-9_]*(?:<quote>)?<gap>(?:[=:]|=>)<gap><value>)"},
    // A variable of a container, as JSON or YAML: its name in one field, its value in the next.
    {"variable",
     R"((?i:name)(?:<quote>)?<gap>:<gap>(?:<quote>)?\w*(?i:TOKEN|SECRET|PASS|KEY)\w*(?:<quote>)?<gap>,?<gap>(?:<quote>)?(?i:value)(?:<quote>)?<gap>:<gap><value>)"},
    {"field", R"((?:^|[^\w/-])-{0,2}<fields>(?:<quote>)?<gap>(?:[=:]|=>)<gap><value>)"},
    // A flag with its value as the next word.
    {"flag",
     R"((?:^|[\s"'])--?<fields>(?:(?:<quote>),?<gap>(?:<quote>)| +)([^\s"'\\-][^\s"'\\]{2,}))"},
    // kubeadm's bootstrap tokens (kubernetes.io: Authenticating with Bootstrap Tokens).
    {"token", R"((?:^|[\s"'=:])([a-z0-9]{6}\.[a-z0-9]{16})(?:$|[\s"'\\,]))"},
    // An entry of docker's config.json.
    {"auth", R"((?i:auth)(?:<quote>)<gap>:<gap>(?:<quote>)([A-Za-z0-9+/=]{8,}))"},
    // An SSH or age key without its frame.
    {"key", R"((AGE-SECRET-KEY-1[0-9A-Z]{20,}))"},
});

constexpr std::string_view fields_pattern =
    "(?i:pass(?:word|wd|phrase|code)|pwd|secret|token|"
    "(?:id|access|refresh|identity|registry|auth|session|bearer|bot|bootstrap|join|agent|server|"
    "csrf|private|oauth)[-_]?token|api[-_]?key|access[-_]?key|secret[-_]?(?:access[-_]?)?key|"
    "(?:aws[-_]?)?secret[-_]?access[-_]?key|account[-_]?key|"
    "shared[-_]?access[-_]?(?:key|signature)|client[-_]?secret|private[-_]?key|"
    "encryption[-_]?key|signing[-_]?key|auth|client-key-data|client-certificate-data|"
    "certificate-authority-data|\\.?docker(?:config)?(?:json|cfg)|connection[-_]?string|"
    "(?:db|root|admin|user)[-_]?pass(?:word|wd)?)";

/// What the parts of a pattern stand for. A quote may have backslashes before it (JSON inside
/// JSON), white space may be escaped, a value is quoted or goes up to white space; it may go on
/// behind the tag of a secret that an earlier form found in it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> parts = {{
    {"<quote>", R"(\\*["'])"},
    {"<gap>", R"((?:\s|\\+[nrt])*)"},
    {"<value>",
     R"re((?:"((?:[^"\\\n]|\\.)+)"|'([^'\n]+)'|\\+"([^"\\\n]+)\\+"|([^\s"'\\,;{}\[\]][^\s"'\\,;]{2,}|<tag>[^\s"'\\,;{}()\[\]][^\s"'\\,;]*)))re"},
    {"<tag>", R"(\[redacted:[a-z0-9_-]{1,20}:[0-9a-f]{6}\])"},
    {"<fields>", fields_pattern},
}};

}  // namespace

std::span<const SecretForm> secret_forms()
{
  return forms;
}

std::string written_out(std::string_view pattern)
{
  std::string text(pattern);
  for (const auto& [part, meaning] : parts)
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part))
      text.replace(at, part.size(), meaning);
  return text;
}

}  // namespace coroner::evidence
