// SPDX-License-Identifier: Apache-2.0
// Status objects (apimachinery, meta/v1) and everything else that may stand in their place.
#include "harness/kube/status.h"

#include <array>

#include "harness/base/text.h"
#include "harness/kube/json_text.h"
#include "harness/objects/object.h"

namespace coroner::kube {
namespace {

using base::Error;
using base::ErrorKind;
using nlohmann::json;

struct StatusMeaning {
  int status;
  ErrorKind kind;
  const char* words;
};

constexpr std::array meanings = {
    StatusMeaning{400, ErrorKind::invalid, "the server takes the request as malformed"},
    StatusMeaning{401, ErrorKind::denied, "the server does not accept the credentials"},
    StatusMeaning{403, ErrorKind::denied, "not allowed"},
    StatusMeaning{404, ErrorKind::not_found, "not found"},
    StatusMeaning{405, ErrorKind::invalid, "the server does not do that"},
    StatusMeaning{409, ErrorKind::invalid, "conflict"},
    StatusMeaning{410, ErrorKind::not_found, "gone"},
    StatusMeaning{413, ErrorKind::invalid, "the request is too large"},
    StatusMeaning{415, ErrorKind::invalid, "the server does not take this media type"},
    StatusMeaning{422, ErrorKind::invalid, "the object is not valid"},
    StatusMeaning{429, ErrorKind::unreachable, "the server throttles requests"},
};

StatusMeaning meaning_of(int status)
{
  for (const auto& meaning : meanings)
    if (meaning.status == status) return meaning;
  constexpr int first_server_error = 500;
  constexpr int first_client_error = 400;
  if (status >= first_server_error)
    return {status, ErrorKind::unreachable, "the server has a fault of its own"};
  if (status >= first_client_error) return {status, ErrorKind::invalid, "refused"};
  return {status, ErrorKind::unreachable, "an answer that no API server gives here"};
}

std::string content_type_of(const HttpAnswer& answer)
{
  const auto found = answer.headers.find("content-type");
  return found == answer.headers.end() ? "no content type" : base::printable(found->second);
}

std::string missing_rule(const Action& action)
{
  const auto resource =
      action.plural + (action.subresource.empty() ? "" : "/" + action.subresource);
  auto rule =
      fmt::format(R"(needs the RBAC rule {{apiGroups: ["{}"], resources: [{}], verbs: [{}]}})",
                  action.group, resource, action.verb);
  return rule + (action.space.empty() ? " in a ClusterRole" : " in namespace " + action.space);
}

std::string hint_for(const HttpAnswer& answer, const Purpose& purpose)
{
  constexpr int unauthorized = 401;
  constexpr int forbidden = 403;
  if (answer.status == unauthorized)
    return "log in again, or check the token or client certificate of the kubeconfig";
  // Admission answers 403 as well, in words of its own; a missing right always reads
  // `User "x" cannot list resource "pods" …` (apiserver, responsewriters/errors.go).
  const bool is_missing_right = answer.body.find(" cannot ") != std::string::npos;
  if (answer.status == forbidden && !purpose.action.verb.empty() && is_missing_right)
    return missing_rule(purpose.action);
  constexpr int redirect = 300;
  const auto location = answer.headers.find("location");
  if (answer.status >= redirect && answer.status < 400 && location != answer.headers.end())
    return "it redirects to " + excerpt(location->second) + ", which is not followed";
  return {};
}

}  // namespace

Purpose Purpose::of(std::string verb, const objects::Resource& resource, const std::string& space,
                    const std::string& name, const std::string& subresource)
{
  const auto where = resource.is_namespaced ? space : std::string{};
  auto title = verb + " " + resource.plural + (subresource.empty() ? "" : "/" + subresource) +
               (name.empty() ? "" : " " + name) + (where.empty() ? "" : " in " + where);
  return {{.verb = std::move(verb),
           .group = resource.group(),
           .plural = resource.plural,
           .subresource = subresource,
           .space = where,
           .name = name},
          base::printable(title)};
}

std::string reason_of(const HttpAnswer& answer)
{
  const auto parsed = parse_json(answer.body);
  return parsed ? objects::text_at(*parsed, "/reason") : std::string{};
}

Error error_of(const HttpAnswer& answer, const Purpose& purpose, const std::string& server)
{
  const auto meaning = meaning_of(answer.status);
  const auto parsed = parse_json(answer.body);
  const bool is_status = parsed && objects::kind_of(*parsed) == "Status";
  std::string said;
  if (is_status) {
    constexpr std::size_t most_bytes = 2000;
    said = base::printable(objects::text_at(*parsed, "/message").substr(0, most_bytes));
  } else if (!answer.body.empty()) {
    said = fmt::format("{}, {}", content_type_of(answer), excerpt(answer.body));
  }
  Error error{meaning.kind,
              fmt::format("cannot {}: {} (HTTP {}){}{}", purpose.title, meaning.words,
                          answer.status, said.empty() ? "" : ": ", said),
              {},
              hint_for(answer, purpose)};
  error.within("while talking to " + base::printable(server));
  return error;
}

Error error_of(const Failure& failure, const Purpose& purpose, const std::string& server)
{
  constexpr auto kind_of = [](FailureKind kind) {
    switch (kind) {
      case FailureKind::deadline:
      case FailureKind::slow:
        return ErrorKind::timed_out;
      case FailureKind::too_large:
        return ErrorKind::invalid;
      case FailureKind::impossible:
        return ErrorKind::internal;
      default:
        return ErrorKind::unreachable;
    }
  };
  Error error{kind_of(failure.kind),
              fmt::format("cannot {}: {}", purpose.title, failure.text),
              {},
              failure.hint};
  if (error.hint.empty() && failure.kind == FailureKind::refused)
    error.hint = "check that the cluster runs and that " + base::printable(server) +
                 " is reachable from here";
  error.within("while talking to " + base::printable(server));
  return error;
}

base::Result<json> json_of(const HttpAnswer& answer, const Purpose& purpose,
                           const std::string& server)
{
  const auto type = answer.headers.find("content-type");
  const bool is_json_type =
      type != answer.headers.end() && type->second.starts_with("application/json");
  auto parsed = parse_json(answer.body);
  if (is_json_type && parsed && parsed->is_object()) return std::move(*parsed);
  const auto why = !is_json_type ? std::string("it is no JSON")
                   : !parsed     ? parsed.error().what
                                 : std::string("it is no JSON object");
  Error error{
      ErrorKind::unreachable,
      fmt::format("cannot {}: the answer is not of a Kubernetes API server: {} (HTTP {}, {}, {})",
                  purpose.title, why, answer.status, content_type_of(answer), excerpt(answer.body)),
      {},
      "is something else listening there, such as a proxy or a login page?"};
  error.within("while talking to " + base::printable(server));
  return tl::unexpected(std::move(error));
}

}  // namespace coroner::kube
