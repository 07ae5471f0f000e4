// SPDX-License-Identifier: Apache-2.0
// Deciding whether a plugin may run, running it in a clean environment, reading what it prints.
#include "harness/kube/exec_plugin.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/command.h"
#include "harness/base/text.h"
#include "harness/kube/json_text.h"
#include "harness/kube/kubeconfig_fields.h"
#include "harness/objects/object.h"

namespace coroner::kube {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using nlohmann::json;

// What plugins of the cloud providers need to find their own state; everything else is left out.
constexpr std::array kept_variables = {"PATH",          "HOME",        "USER",        "LANG",
                                       "LC_ALL",        "TMPDIR",      "HTTP_PROXY",  "HTTPS_PROXY",
                                       "NO_PROXY",      "http_proxy",  "https_proxy", "no_proxy",
                                       "SSL_CERT_FILE", "SSL_CERT_DIR"};

base::Result<void> check_owner(const fs::path& path, bool is_folder)
{
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0 || S_ISDIR(status.st_mode) != is_folder ||
      (!is_folder && !S_ISREG(status.st_mode)))
    return base::error(ErrorKind::denied, "the credential plugin {} is no program",
                       base::printable(path.string()));
  const bool is_ours = status.st_uid == 0 || status.st_uid == ::geteuid();
  const bool is_sticky = is_folder && (status.st_mode & S_ISVTX) != 0;
  const bool others_write = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !is_sticky;
  if (is_ours && !others_write) return {};
  return base::error_with_hint(
      ErrorKind::denied,
      fmt::format("{} can be changed by other users (owner {}, mode {:o}), so it is not run",
                  base::printable(path.string()), status.st_uid, status.st_mode & 07777U),
      "make it belong to you or root, writable by its owner only");
}

base::Command command_of(const fs::path& program, const ExecPlugin& plugin)
{
  base::Command command;
  command.arguments.push_back(program.string());
  command.arguments.insert(command.arguments.end(), plugin.arguments.begin(),
                           plugin.arguments.end());
  command.inherits_environment = false;
  for (const char* name : kept_variables) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): never set here
    if (value != nullptr) command.environment[name] = value;
  }
  for (const auto& [name, value] : plugin.environment) command.environment[name] = value;
  json request = {{"apiVersion", plugin.api_version},
                  {"kind", "ExecCredential"},
                  {"spec", {{"interactive", false}}}};
  if (!plugin.cluster_info.is_null()) request["spec"]["cluster"] = plugin.cluster_info;
  command.environment["KUBERNETES_EXEC_INFO"] =
      request.dump(-1, ' ', false, json::error_handler_t::replace);
  return command;
}

base::Result<ExecCredential> credential_in(const std::string& output, const ExecPlugin& plugin)
{
  const auto refuse = [&plugin](std::string_view why) {
    return base::error(ErrorKind::invalid, "the credential plugin {} {}",
                       base::printable(plugin.command), why);
  };
  const auto parsed = parse_json(output);
  if (!parsed) return refuse("printed no JSON");
  if (objects::kind_of(*parsed) != "ExecCredential" ||
      objects::api_version_of(*parsed) != plugin.api_version)
    return refuse("printed no ExecCredential of " + plugin.api_version);
  ExecCredential credential;
  credential.token = objects::text_at(*parsed, "/status/token");
  credential.certificate_pem = objects::text_at(*parsed, "/status/clientCertificateData");
  credential.key_pem = objects::text_at(*parsed, "/status/clientKeyData");
  if (credential.certificate_pem.empty() != credential.key_pem.empty())
    return refuse("gave a client certificate without its key, or a key alone");
  if (credential.token.empty() && credential.certificate_pem.empty())
    return refuse("gave neither a token nor a client certificate");
  if (!is_header_value(credential.token)) return refuse("gave a token that is no single line");
  const auto expiry = objects::text_at(*parsed, "/status/expirationTimestamp");
  if (expiry.empty()) return credential;
  credential.expires_at = parse_time(expiry);
  if (!credential.expires_at) return refuse("gave an expirationTimestamp that is no time");
  return credential;
}

}  // namespace

fs::path plugin_program(const ExecPlugin& plugin)
{
  if (plugin.command.find('/') != std::string::npos) return plugin.command;
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): never set here
  for (const auto& folder : base::split(path != nullptr ? path : "/usr/bin:/bin", ':')) {
    // An empty or relative part of PATH would be the current folder, which a stranger may fill.
    if (folder.empty() || folder.front() != '/') continue;
    auto candidate = fs::path(folder) / plugin.command;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

base::Result<fs::path> check_plugin(const ExecPlugin& plugin, const ExecPolicy& policy)
{
  const auto shown = base::printable(plugin.command);
  if (policy.mode == ExecPolicy::Mode::deny)
    return base::error_with_hint(ErrorKind::denied,
                                 "the credential plugin " + shown + " may not be run here",
                                 "pass --allow-exec with its absolute path, or use a token");
  const auto program = plugin_program(plugin);
  if (program.empty() || ::access(program.c_str(), F_OK) != 0)
    return base::error_with_hint(ErrorKind::not_found,
                                 "the credential plugin " + shown + " is not installed",
                                 base::printable(plugin.install_hint));
  const bool is_allowed =
      std::find(policy.allowed.begin(), policy.allowed.end(), program) != policy.allowed.end();
  if (!is_allowed)
    return base::error_with_hint(
        ErrorKind::denied, "the kubeconfig wants to run " + base::printable(program.string()),
        "if you trust it, pass --allow-exec " + base::printable(program.string()));
  if (plugin.is_interactive_required)
    return base::error_with_hint(ErrorKind::denied,
                                 "the credential plugin " + shown + " needs a terminal",
                                 "log in with kubectl first, or pass --via-kubectl");
  std::error_code ignored;
  const auto real = fs::canonical(program, ignored);
  TRY(check_owner(real, false));
  TRY(check_owner(real.parent_path(), true));
  return program;
}

base::Result<ExecCredential> run_exec_plugin(const ExecPlugin& plugin, const ExecPolicy& policy,
                                             const base::Deadline& deadline,
                                             const std::stop_token& stop)
{
  TRY_ASSIGN(program, check_plugin(plugin, policy));
  const auto within =
      fmt::format("while running the credential plugin {}", base::printable(program.string()));
  auto finished =
      base::run(command_of(program, plugin), deadline.at_most(longest_plugin_run), stop);
  if (!finished) return base::pass_on(std::move(finished).error(), within);
  if (finished->was_cut || finished->output.size() > largest_plugin_output_bytes)
    return base::error(ErrorKind::invalid, "the credential plugin {} printed more than {} bytes",
                       base::printable(program.string()), largest_plugin_output_bytes);
  if (finished->exit_code != 0) {
    constexpr std::size_t lines_shown = 4;
    return base::error(ErrorKind::denied, "the credential plugin {} ended with exit code {}: {}",
                       base::printable(program.string()), finished->exit_code,
                       base::printable(base::last_lines(finished->errors, lines_shown)));
  }
  return credential_in(finished->output, plugin);
}

std::optional<std::chrono::sys_seconds> parse_time(std::string_view text)
{
  const std::string copy(text);
  std::tm parts = {};
  const char* rest = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return std::nullopt;
  if (*rest == '.') rest += 1 + std::strspn(rest + 1, "0123456789");
  const std::chrono::sys_seconds time{std::chrono::seconds{::timegm(&parts)}};
  if ((*rest == 'Z' || *rest == 'z') && rest[1] == '\0') return time;
  std::tm offset = {};
  const bool is_east = *rest == '+';
  if (!is_east && *rest != '-') return std::nullopt;
  const char* end = ::strptime(rest + 1, "%H:%M", &offset);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const auto shift = std::chrono::hours{offset.tm_hour} + std::chrono::minutes{offset.tm_min};
  return is_east ? time - shift : time + shift;
}

}  // namespace coroner::kube
