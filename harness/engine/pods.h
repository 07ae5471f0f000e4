// SPDX-License-Identifier: Apache-2.0
// Pods of a run: a manifest that people can apply, made into the object that is created.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/result.h"
#include "harness/engine/pull_secrets.h"

namespace coroner::engine {

/// The image that smoke pods run in when none is named: glibc and nothing else is needed of it.
/// Its digest as public Dockerfiles name it (Debian's docker.io/library/debian, 12-slim).
inline constexpr std::string_view public_image =
    "docker.io/library/debian:12-slim@sha256:"
    "d5d3f9c23164ea16f31852f95bd5959aad1c5e854332fe00f7b3a20fcc9f635c";

/// The image that `coroner image` makes for nodes without a registry; taken where a node has it.
inline constexpr std::string_view own_image = "coroner.local/smoke:1";

/// Annotation of a node that names the image for smoke pods on it, for nodes without a registry.
inline constexpr std::string_view image_annotation = "coroner/image";

/// Name of the ConfigMap that holds the payload.
inline constexpr std::string_view payload_name = "coroner-payload";

/// What makes a pod of a manifest.
struct PodDesign {
  std::string manifest;  ///< "smoke/gpu": manifests/smoke/gpu.yaml
  std::string access;    ///< "cdi": manifests/access/cdi.yaml; "" for none.
  std::string name;
  std::string space;
  std::string node;
  std::string arch;  ///< "amd64", "arm64": which payload is mounted.
  std::string image;
  std::vector<PullSecret> pull_secrets;
  std::string run_id;
  std::string expires_at;
  std::string nonce_seed;
};

/// The only object of an embedded manifest. ErrorKind::not_found with the nearest name.
base::Result<nlohmann::json> load_manifest(const std::string& name);

/// The pod: manifest, changed by the access patch, bound to the node by affinity on its name,
/// tolerating NVIDIA's taint, marked, each container with its own nonce as last argument.
base::Result<nlohmann::json> make_pod(const PodDesign& design);

/// `pod` changed by an access patch: lists of named things (volumes, env, volumeMounts) are joined
/// by name, the container "*" stands for each, everything else is a merge patch (RFC 7386).
nlohmann::json with_access(nlohmann::json pod, const nlohmann::json& patch);

/// The ConfigMap with the payload for these architectures. ErrorKind::not_found where this build
/// has none for one of them.
base::Result<nlohmann::json> payload_object(const std::vector<std::string>& architectures,
                                            const std::string& space, const std::string& run_id,
                                            const std::string& expires_at);

/// The nonce of one container of a pod that make_pod made.
std::string nonce_of_container(const nlohmann::json& pod, const std::string& container);

}  // namespace coroner::engine
