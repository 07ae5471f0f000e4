// SPDX-License-Identifier: Apache-2.0
// Status objects with the reasons that client libraries know.
#include "harness/twin/answer.h"

#include <array>

#include "harness/base/text.h"
#include "harness/evidence/json_text.h"

namespace coroner::twin {
namespace {

using nlohmann::json;

struct Reason {
  int code;
  const char* word;
};

// metav1.StatusReason of apimachinery 0.34; 501 has none of its own there.
constexpr std::array reasons = {
    Reason{400, "BadRequest"},
    Reason{401, "Unauthorized"},
    Reason{403, "Forbidden"},
    Reason{404, "NotFound"},
    Reason{405, "MethodNotAllowed"},
    Reason{409, "AlreadyExists"},
    Reason{413, "RequestEntityTooLarge"},
    Reason{422, "Invalid"},
    Reason{429, "TooManyRequests"},
    Reason{500, "InternalError"},
    Reason{501, "NotImplemented"},
    Reason{503, "ServiceUnavailable"},
    Reason{504, "Timeout"},
};

json details_of(const About& about)
{
  json details = json::object();
  if (!about.name.empty()) details["name"] = about.name;
  if (!about.group.empty()) details["group"] = about.group;
  if (!about.plural.empty()) details["kind"] = about.plural;
  return details;
}

json status_of(const char* word, int code, const About& about)
{
  json status = {{"kind", "Status"},
                 {"apiVersion", "v1"},
                 {"metadata", json::object()},
                 {"status", word},
                 {"code", code}};
  if (auto details = details_of(about); !details.empty()) status["details"] = std::move(details);
  return status;
}

}  // namespace

Answer json_answer(int status, const json& value)
{
  return {.status = status, .body = evidence::dump_json(value) + "\n"};
}

Answer text_answer(std::string text)
{
  return {.body = std::move(text), .content_type = "text/plain; charset=utf-8"};
}

Answer failure(int code, const std::string& message, const About& about, const std::string& reason)
{
  auto status = status_of("Failure", code, about);
  status["message"] = message;
  status["reason"] = reason;
  for (const auto& usual : reasons)
    if (usual.code == code && reason.empty()) status["reason"] = usual.word;
  return json_answer(code, status);
}

Answer not_served()
{
  return failure(404, "the server could not find the requested resource");
}

Answer success(const About& about, const std::string& uid)
{
  auto status = status_of("Success", 200, about);
  status.erase("code");
  if (!uid.empty()) status["details"]["uid"] = uid;
  return json_answer(200, status);
}

Answer missing(const About& about)
{
  const auto resource = about.plural + (about.group.empty() ? "" : "." + about.group);
  return failure(404, base::printable(resource + " \"" + about.name + "\" not found"), about);
}

Answer unrecorded(int code, const std::string& what, const About& about)
{
  auto answer = failure(code, base::printable("not recorded: " + what), about);
  answer.is_unrecorded = true;
  return answer;
}

}  // namespace coroner::twin
