// SPDX-License-Identifier: Apache-2.0
// ClusterAccess: everything needed to talk to one cluster, whatever it was read from.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace coroner::kube {

/// PEM text that stands in the configuration, or the file it is in (read again as it rotates).
struct Material {
  std::string pem;
  std::filesystem::path file;

  bool is_given() const { return !pem.empty() || !file.empty(); }
};

/// A credential plugin (client.authentication.k8s.io): a program that prints credentials.
struct ExecPlugin {
  std::string api_version;
  std::string command;  ///< As written; a relative path was made absolute against its file.
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::string install_hint;
  bool is_interactive_required = false;
  nlohmann::json cluster_info;  ///< /spec/cluster of the request, or null when not asked for.
};

/// Whether credential plugins may run: they are programs that a configuration file names.
struct ExecPolicy {
  enum class Mode {
    deny,        ///< Never.
    ask,         ///< Only after a person agreed: until then it is an error saying what to pass.
    allow_list,  ///< Those in `allowed` only.
  };
  Mode mode = Mode::ask;
  std::vector<std::filesystem::path> allowed;  ///< Absolute paths of programs.
};

/// As whom requests are made (Impersonate-* headers); `user` is required by the others.
struct Impersonation {
  std::string user;
  std::string uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;
};

/// How to reach and log in to one cluster. Secrets are in here: it is never printed whole.
struct ClusterAccess {
  std::string origin;   ///< For people: "~/.kube/config", "the in-cluster account".
  std::string context;  ///< Name of the context; "" when there is none.
  std::string cluster;
  std::string user;
  std::string space = "default";  ///< The context's namespace.

  std::string server;       ///< "https://127.0.0.1:6443", maybe with a path.
  std::string unix_socket;  ///< When set, `server` is reached through this socket.
  std::string proxy_url;
  std::string tls_server_name;
  bool is_insecure = false;  ///< The server's certificate is not verified: to be shown loudly.
  Material authority;        ///< Not given: the system's authorities.

  Material client_certificate;
  Material client_key;
  std::string token;
  std::filesystem::path token_file;
  std::string username;
  std::string password;
  Impersonation impersonation;
  std::optional<ExecPlugin> exec;

  std::vector<std::string> warnings;  ///< One sentence each, to be shown before anything is done.
};

}  // namespace coroner::kube
