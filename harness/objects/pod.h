// SPDX-License-Identifier: Apache-2.0
// What a pod says of itself: its phase, its containers and why they wait or ended.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace coroner::objects {

/// How one container is; `terminated` is of the current state, else of the last one.
struct ContainerState {
  struct Terminated {
    int exit_code = 0;
    int signal = 0;
    std::string reason;   ///< "Error", "OOMKilled", "StartError", "Completed"
    std::string message;  ///< Up to the kubelet's 4 KiB; untrusted text.
    std::string started_at;
    std::string finished_at;
  };

  std::string name;
  bool is_init = false;
  bool is_ready = false;
  int restarts = 0;
  std::string image;
  std::string image_id;         ///< "" until the image is there.
  std::string container_id;     ///< "containerd://…"; "" until it was made.
  std::string waiting_reason;   ///< "ImagePullBackOff", "CrashLoopBackOff"; "" when not waiting.
  std::string waiting_message;  ///< Untrusted text.
  std::string running_since;    ///< RFC 3339; "" when not running.
  std::optional<Terminated> terminated;
  std::optional<Terminated> last_terminated;

  /// Started at least once: there is an image and a container, and it ran or ended after a start.
  bool has_started() const;
};

/// A condition of a pod or node.
struct Condition {
  std::string type;
  std::string status;  ///< "True", "False" or "Unknown".
  std::string reason;
  std::string message;
  std::string since;

  bool is_true() const { return status == "True"; }
};

/// /status/conditions of any object.
std::vector<Condition> conditions_of(const nlohmann::json& object);

/// The condition of one type.
std::optional<Condition> condition_of(const nlohmann::json& object, std::string_view type);

/// "Pending", "Running", "Succeeded", "Failed", "Unknown"; "" before the kubelet or the API set it.
std::string pod_phase(const nlohmann::json& pod);

/// Whether the phase is Succeeded or Failed.
bool has_ended(const nlohmann::json& pod);

/// Whether all containers are ready (condition Ready).
bool is_pod_ready(const nlohmann::json& pod);

/// Whether a deletion was asked for (metadata.deletionTimestamp).
bool is_being_deleted(const nlohmann::json& object);

/// "" until it is bound.
std::string node_of(const nlohmann::json& pod);

/// Init containers first, then containers, each in the order of the status.
std::vector<ContainerState> containers_of(const nlohmann::json& pod);

/// The state of one container by name, init containers included.
std::optional<ContainerState> container_of(const nlohmann::json& pod, std::string_view name);

/// Why the scheduler has not placed it: the message of PodScheduled=False; "" when it has.
std::string unschedulable_message(const nlohmann::json& pod);

}  // namespace coroner::objects
