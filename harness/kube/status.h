// SPDX-License-Identifier: Apache-2.0
// What the server's refusals mean: answers and failures as Errors that name the next step.
#pragma once

#include <string>

#include "harness/base/result.h"
#include "harness/kube/cluster.h"
#include "harness/kube/transport.h"

namespace coroner::kube {

/// What a request was for: names it in errors.
struct Purpose {
  Action action;
  std::string title;  ///< "list pods in default"

  static Purpose of(std::string verb, const objects::Resource& resource, const std::string& space,
                    const std::string& name = {}, const std::string& subresource = {});
};

/// The Error of an answer that is no success.
base::Error error_of(const HttpAnswer& answer, const Purpose& purpose, const std::string& server);

/// The Error of a request that got no answer.
base::Error error_of(const Failure& failure, const Purpose& purpose, const std::string& server);

/// The JSON of a successful answer. ErrorKind::unreachable for another content type or broken
/// JSON, naming status, content type and the first bytes.
base::Result<nlohmann::json> json_of(const HttpAnswer& answer, const Purpose& purpose,
                                     const std::string& server);

/// /reason of a Status object ("AlreadyExists", "Expired"); "" when the body is none.
std::string reason_of(const HttpAnswer& answer);

}  // namespace coroner::kube
