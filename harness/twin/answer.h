// SPDX-License-Identifier: Apache-2.0
// Request and Answer: what goes in and out of a replay, whatever carries it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace coroner::twin {

class Feed;

/// Longest path that is kept, longest path with its query and largest body that are read.
inline constexpr std::size_t longest_path_bytes = 2048;
inline constexpr std::size_t longest_target_bytes = 6144;
inline constexpr std::size_t largest_request_body_bytes = 4U << 20U;

struct Request {
  std::string method;
  std::string path;                               ///< As it came, percent-encoded.
  std::map<std::string, std::string> parameters;  ///< Decoded; the first of its name.
  std::string body;
};

struct Answer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  bool is_unrecorded = false;
  std::optional<int> retry_after_seconds;
  std::shared_ptr<Feed> feed;  ///< Of a watch: the body is what this gives, line by line.
};

Answer json_answer(int status, const nlohmann::json& value);
Answer text_answer(std::string text);

/// What a failure is about; "" where that does not apply.
struct About {
  std::string group;
  std::string plural;
  std::string name;
};

/// A Status of apimachinery 0.34 (pkg/apis/meta/v1/types.go); `reason` "" takes that of the code.
Answer failure(int code, const std::string& message, const About& about = {},
               const std::string& reason = {});

/// 404 for a path that leads nowhere.
Answer not_served();

/// Status "Success", as deleting gives it.
Answer success(const About& about, const std::string& uid);

/// 404 as the API server words it: `pods "x" not found`.
Answer missing(const About& about);

/// 403 or 501 for what the bundle cannot tell: "not recorded: …".
Answer unrecorded(int code, const std::string& what, const About& about = {});

}  // namespace coroner::twin
