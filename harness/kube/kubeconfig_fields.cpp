// SPDX-License-Identifier: Apache-2.0
// Types, encodings and paths of single kubeconfig fields.
#include "harness/kube/kubeconfig_fields.h"

#include <algorithm>
#include <array>

#include "harness/base/base64.h"
#include "harness/base/text.h"
#include "harness/objects/object.h"

namespace coroner::kube {
namespace {

using base::ErrorKind;
using nlohmann::json;

bool is_visible(char letter)
{
  return letter > ' ' && letter < '\x7f';
}

/// Field names may hold '/' and '~' only in as-user-extra, which is read as a whole.
std::string below(const std::string& pointer, const std::string& field)
{
  return pointer + "/" + field;
}

}  // namespace

bool is_header_value(std::string_view text)
{
  return std::all_of(text.begin(), text.end(), [](char letter) {
    return is_visible(letter) || letter == ' ' || letter == '\t';
  });
}

bool Fields::has(const std::string& field) const
{
  return !objects::at(document_->value, below(pointer_, field)).is_null();
}

tl::unexpected<base::Error> Fields::error(const std::string& field, std::string_view message) const
{
  return document_->error_at(below(pointer_, field), message);
}

base::Result<std::string> Fields::text(const std::string& field) const
{
  const auto& value = objects::at(document_->value, below(pointer_, field));
  if (value.is_null()) return std::string{};
  if (!value.is_string()) return error(field, field + " must be a string");
  return value.get<std::string>();
}

base::Result<bool> Fields::flag(const std::string& field) const
{
  const auto& value = objects::at(document_->value, below(pointer_, field));
  if (value.is_null()) return false;
  if (!value.is_boolean()) return error(field, field + " must be true or false");
  return value.get<bool>();
}

base::Result<std::vector<std::string>> Fields::texts(const std::string& field) const
{
  const auto& value = objects::at(document_->value, below(pointer_, field));
  std::vector<std::string> texts;
  if (value.is_null()) return texts;
  if (!value.is_array()) return error(field, field + " must be a list of strings");
  for (const auto& item : value) {
    if (!item.is_string()) return error(field, field + " must be a list of strings");
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

base::Result<std::string> Fields::secret(const std::string& field) const
{
  TRY_ASSIGN(value, text(field));
  const auto trimmed = std::string(base::trim(value));
  if (!std::all_of(trimmed.begin(), trimmed.end(), is_visible))
    return error(field, field + " must be one line of printable ASCII");
  return trimmed;
}

base::Result<std::string> Fields::url(const std::string& field,
                                      std::initializer_list<std::string_view> schemes) const
{
  TRY_ASSIGN(value, text(field));
  if (value.empty()) return value;
  // client-go takes a server without a scheme as http (rest/url_utils.go, DefaultServerURL).
  if (value.find("://") == std::string::npos)
    return error(field, field + " must begin with a scheme such as https://");
  const auto scheme = value.substr(0, value.find("://"));
  if (std::find(schemes.begin(), schemes.end(), scheme) == schemes.end())
    return error(field, "the scheme '" + base::printable(scheme) + "' cannot be used here");
  const auto rest = std::string_view(value).substr(scheme.size() + 3);
  const auto authority = rest.substr(0, rest.find('/'));
  if (authority.empty() || authority.front() == ':') return error(field, field + " names no host");
  if (!std::all_of(value.begin(), value.end(), is_visible) ||
      value.find_first_of("?#\\\"<>") != std::string::npos)
    return error(field, field + " holds characters that no URL of a server has");
  if (field == "server" && authority.find('@') != std::string_view::npos)
    return error(field, "a user name in the server's URL is not supported");
  while (value.ends_with('/')) value.pop_back();
  return value;
}

base::Result<std::string> Fields::host(const std::string& field) const
{
  TRY_ASSIGN(value, text(field));
  const bool is_host = std::all_of(value.begin(), value.end(), [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '.' ||
           letter == '-' || letter == '_' || letter == ':';
  });
  if (!is_host) return error(field, field + " must be a host name alone");
  return value;
}

base::Result<std::filesystem::path> Fields::path(const std::string& field,
                                                 const std::filesystem::path& folder) const
{
  TRY_ASSIGN(value, text(field));
  if (value.empty()) return std::filesystem::path{};
  if (value.find('\0') != std::string::npos) return error(field, field + " is no path");
  return (folder / value).lexically_normal();
}

base::Result<Material> Fields::material(const std::string& field,
                                        const std::filesystem::path& folder) const
{
  TRY_ASSIGN(data, text(field + "-data"));
  if (!data.empty()) {
    const auto decoded = base::base64_decoded(data);
    if (!decoded) return error(field + "-data", field + "-data is no base64");
    if (decoded->find("-----BEGIN ") == std::string::npos)
      return error(field + "-data", field + "-data is base64, but not of PEM text");
    return Material{*decoded, {}};
  }
  TRY_ASSIGN(file, path(field, folder));
  return Material{{}, file};
}

base::Result<Impersonation> Fields::impersonation() const
{
  Impersonation as;
  TRY_ASSIGN(user, text("as"));
  TRY_ASSIGN(uid, text("as-uid"));
  TRY_ASSIGN(groups, texts("as-groups"));
  as = {.user = user, .uid = uid, .groups = groups, .extra = {}};
  const auto& extra = objects::at(document_->value, below(pointer_, "as-user-extra"));
  if (!extra.is_null() && !extra.is_object())
    return error("as-user-extra", "as-user-extra must be a mapping of lists of strings");
  if (extra.is_object()) {
    for (const auto& [key, values] : extra.items()) {
      const bool are_texts =
          values.is_array() && std::all_of(values.begin(), values.end(),
                                           [](const json& value) { return value.is_string(); });
      if (!are_texts)
        return error("as-user-extra", "as-user-extra must be a mapping of lists of strings");
      as.extra[key] = values.get<std::vector<std::string>>();
    }
  }
  if (user.empty() && (!uid.empty() || !groups.empty() || !as.extra.empty()))
    return error("as", "as-uid, as-groups and as-user-extra need a user in as");
  return as;
}

base::Result<std::optional<ExecPlugin>> Fields::exec_plugin(
    const std::filesystem::path& folder) const
{
  if (!has("exec")) return std::nullopt;
  const Fields fields(*document_, below(pointer_, "exec"));
  ExecPlugin plugin;
  TRY_ASSIGN(api_version, fields.text("apiVersion"));
  constexpr std::array served = {"client.authentication.k8s.io/v1",
                                 "client.authentication.k8s.io/v1beta1"};
  if (std::find(served.begin(), served.end(), api_version) == served.end())
    return fields.error("apiVersion",
                        fmt::format("exec needs apiVersion {} or {}", served[0], served[1]));
  plugin.api_version = api_version;
  TRY_ASSIGN(command, fields.text("command"));
  if (command.empty()) return fields.error("command", "exec names no command");
  // A name without a slash is looked up in PATH; a relative path is relative to its file
  // (client-go, tools/clientcmd/loader.go, ResolveLocalPaths).
  const bool is_relative_path = command.find('/') != std::string::npos && command.front() != '/';
  plugin.command = is_relative_path ? (folder / command).lexically_normal().string() : command;
  TRY_ASSIGN(arguments, fields.texts("args"));
  plugin.arguments = arguments;
  const auto& environment = objects::at(document_->value, below(pointer_, "exec") + "/env");
  if (!environment.is_null() && !environment.is_array())
    return fields.error("env", "env must be a list of name and value");
  for (const auto& pair : environment.is_array() ? environment : json::array()) {
    const auto name = objects::text_at(pair, "/name");
    if (name.empty() || name.find('=') != std::string::npos || !pair.contains("value") ||
        !pair["value"].is_string())
      return fields.error("env", "env must be a list of name and value");
    plugin.environment[name] = pair["value"].get<std::string>();
  }
  TRY_ASSIGN(install_hint, fields.text("installHint"));
  plugin.install_hint = install_hint;
  TRY_ASSIGN(interactive_mode, fields.text("interactiveMode"));
  plugin.is_interactive_required = interactive_mode == "Always";
  TRY_ASSIGN(provides_cluster_info, fields.flag("provideClusterInfo"));
  if (provides_cluster_info) plugin.cluster_info = true;
  return plugin;
}

json exec_cluster_info(const ClusterAccess& access)
{
  json info = {{"server", access.server}};
  if (!access.tls_server_name.empty()) info["tls-server-name"] = access.tls_server_name;
  if (access.is_insecure) info["insecure-skip-tls-verify"] = true;
  if (!access.authority.pem.empty())
    info["certificate-authority-data"] = base::base64_encoded(access.authority.pem);
  if (!access.proxy_url.empty()) info["proxy-url"] = access.proxy_url;
  return info;
}

}  // namespace coroner::kube
