// SPDX-License-Identifier: Apache-2.0
// What this container is kept from: mounts, identity, capabilities, cgroup, names.
#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <netdb.h>
#include <unistd.h>

#include "payload/child.h"
#include "payload/inspect.h"
#include "payload/proc.h"
#include "payload/text.h"

namespace coroner::payload {
namespace {

constexpr std::array<std::string_view, 9> mount_words = {
    "nvidia",           "cuda", "opengl-driver", "/nix", "/dev", "cgroup",
    "/usr/local/glibc", "/cdi", "device-plugins"};
constexpr std::string_view account_folder = "/var/run/secrets/kubernetes.io/serviceaccount";
constexpr const char* looked_up_name = "kubernetes.default.svc";
constexpr std::size_t max_addresses = 4;

bool is_relevant(const Mount& mount)
{
  if (mount.point == "/") return true;
  return std::any_of(mount_words.begin(), mount_words.end(), [&mount](std::string_view word) {
    return contains(mount.point, word) || contains(mount.root, word) || contains(mount.type, word);
  });
}

std::string_view seccomp_name(std::string_view mode)
{
  if (mode == "0") return "disabled";
  if (mode == "1") return "strict";
  return mode == "2" ? "filter" : "unknown";
}

JsonList text_list(const std::vector<std::string>& texts)
{
  JsonList list(max_short_list_bytes);
  for (const std::string& text : texts) list.add_text(text);
  return list;
}

JsonList group_list(std::string_view groups)
{
  JsonList list(max_short_list_bytes);
  for (const std::string_view group : words(groups)) list.add_text(group);
  return list;
}

// In a child: prints an address a line, or the resolver's reason on standard error.
int look_up()
{
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(looked_up_name, nullptr, &wanted, &found);
  if (code != 0) {
    const std::string reason = gai_strerror(code);
    write_all(STDERR_FILENO, reason);
    return exit_failed;
  }
  std::array<char, NI_MAXHOST> text{};
  std::string lines;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST) == 0) {
      lines += std::string(text.data()) + "\n";
    }
  }
  write_all(STDOUT_FILENO, lines);
  return exit_ok;
}

JsonObject lookup()
{
  JsonObject result;
  const ChildResult child = run_in_child(
      look_up, Deadline(std::chrono::seconds(name_lookup_timeout_s)), max_short_list_bytes);
  const bool resolves = child.error == 0 && !child.has_timed_out && child.exit_code == exit_ok;
  result.text("name", looked_up_name).flag("resolves", resolves);
  if (child.has_timed_out) return result.text("problem", "timed_out");
  if (!resolves) return result.text("problem", child.error_output);
  JsonList addresses(max_short_list_bytes);
  std::size_t count = 0;
  for (const std::string_view line : split(child.output, '\n')) {
    if (!line.empty() && count++ < max_addresses) addresses.add_text(line);
  }
  return result.list("addresses", addresses);
}

}  // namespace

JsonList inspect_mounts(const Root& root)
{
  JsonList mounts(max_mounts_bytes);
  const std::string text = read_text(root.path("/proc/self/mountinfo")).value_or("");
  for (const std::string_view line : split(text, '\n')) {
    const auto mount = parse_mount(line);
    if (!mount || !is_relevant(*mount)) continue;
    mounts.add(JsonObject()
                   .text("point", mount->point)
                   .text("type", mount->type)
                   .text("source", mount->source)
                   .text("root", mount->root)
                   .text("options", mount->options));
  }
  return mounts;
}

JsonObject inspect_confinement(const Root& root)
{
  JsonObject result;
  const std::string status = read_text(root.path("/proc/self/status")).value_or("");
  const Cgroup cgroup = parse_cgroup(read_text(root.path("/proc/self/cgroup")).value_or(""));
  const std::string account(account_folder);
  const std::string space = read_line(root.path(account + "/namespace"));
  result.number("uid", geteuid())
      .number("gid", getegid())
      .list("groups", group_list(field_of(status, "Groups")))
      .text("capabilities_effective", field_of(status, "CapEff"))
      .text("capabilities_permitted", field_of(status, "CapPrm"))
      .text("capabilities_bounding", field_of(status, "CapBnd"))
      .flag("no_new_privileges", field_of(status, "NoNewPrivs") == "1")
      .text("seccomp", seccomp_name(field_of(status, "Seccomp")))
      .flag("has_service_account_token", exists(root.path(account + "/token")));
  space.empty() ? result.nothing("namespace") : result.text("namespace", space);
  return result.object("cgroup",
                       JsonObject().text("version", cgroup.version).text("path", cgroup.path));
}

JsonObject inspect_network(const Root& root)
{
  const Resolver resolver = parse_resolver(read_text(root.path("/etc/resolv.conf")).value_or(""));
  return JsonObject()
      .list("servers", text_list(resolver.servers))
      .list("search", text_list(resolver.search))
      .text("options", resolver.options)
      .object("lookup", lookup());
}

}  // namespace coroner::payload
