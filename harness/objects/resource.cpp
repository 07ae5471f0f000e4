// SPDX-License-Identifier: Apache-2.0
// The table of kinds, and paths made from it.
#include "harness/objects/resource.h"

#include "harness/base/text.h"
#include "harness/objects/object.h"

namespace coroner::objects {
namespace {

using base::ErrorKind;

// Names and scopes as the API reference of Kubernetes 1.34 gives them, the last six as the CRDs of
// GPU Operator 25.3 and node-feature-discovery 0.17 do.
const std::vector<Resource>& table()
{
  static const std::vector<Resource> rows = {
      {"v1", "Namespace", "namespaces", false},
      {"v1", "Node", "nodes", false},
      {"v1", "Pod", "pods"},
      {"v1", "Event", "events"},
      {"v1", "ConfigMap", "configmaps"},
      {"v1", "Secret", "secrets"},
      {"v1", "Service", "services"},
      {"v1", "Endpoints", "endpoints"},
      {"v1", "ServiceAccount", "serviceaccounts"},
      {"v1", "PersistentVolume", "persistentvolumes", false},
      {"v1", "PersistentVolumeClaim", "persistentvolumeclaims"},
      {"v1", "ResourceQuota", "resourcequotas"},
      {"v1", "LimitRange", "limitranges"},
      {"apps/v1", "DaemonSet", "daemonsets"},
      {"apps/v1", "Deployment", "deployments"},
      {"apps/v1", "ReplicaSet", "replicasets"},
      {"apps/v1", "StatefulSet", "statefulsets"},
      {"batch/v1", "Job", "jobs"},
      {"batch/v1", "CronJob", "cronjobs"},
      {"node.k8s.io/v1", "RuntimeClass", "runtimeclasses", false},
      {"rbac.authorization.k8s.io/v1", "Role", "roles"},
      {"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"},
      {"rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false},
      {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false},
      {"coordination.k8s.io/v1", "Lease", "leases"},
      {"scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", false},
      {"discovery.k8s.io/v1", "EndpointSlice", "endpointslices"},
      {"storage.k8s.io/v1", "StorageClass", "storageclasses", false},
      {"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"},
      {"authorization.k8s.io/v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false},
      {"authorization.k8s.io/v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", false},
      {"authorization.k8s.io/v1", "SubjectAccessReview", "subjectaccessreviews", false},
      {"authentication.k8s.io/v1", "SelfSubjectReview", "selfsubjectreviews", false},
      {"apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", false},
      {"apiregistration.k8s.io/v1", "APIService", "apiservices", false},
      {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration",
       "mutatingwebhookconfigurations", false},
      {"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration",
       "validatingwebhookconfigurations", false},
      {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy",
       "validatingadmissionpolicies", false},
      {"nvidia.com/v1", "ClusterPolicy", "clusterpolicies", false},
      {"nvidia.com/v1alpha1", "NVIDIADriver", "nvidiadrivers", false},
      {"nfd.k8s-sigs.io/v1alpha1", "NodeFeature", "nodefeatures"},
      {"nfd.k8s-sigs.io/v1alpha1", "NodeFeatureRule", "nodefeaturerules", false},
      {"nfd.k8s-sigs.io/v1alpha1", "NodeFeatureGroup", "nodefeaturegroups"},
      {"resource.k8s.io/v1", "DeviceClass", "deviceclasses", false},
      {"resource.k8s.io/v1", "ResourceSlice", "resourceslices", false},
      {"resource.k8s.io/v1", "ResourceClaim", "resourceclaims"},
  };
  return rows;
}

}  // namespace

std::string Resource::group() const
{
  const auto slash = api_version.find('/');
  return slash == std::string::npos ? "" : api_version.substr(0, slash);
}

std::span<const Resource> known_resources()
{
  return table();
}

base::Result<Resource> resource_for(std::string_view api_version, std::string_view kind,
                                    const std::vector<Resource>& discovered)
{
  std::vector<std::string> kinds;
  for (const auto* rows : {&table(), &discovered}) {
    for (const auto& row : *rows) {
      if (row.api_version == api_version && row.kind == kind) return row;
      kinds.push_back(row.api_version + " " + row.kind);
    }
  }
  const auto wanted = std::string(api_version) + " " + std::string(kind);
  const auto near = base::nearest(wanted, kinds);
  return base::error_with_hint(ErrorKind::not_found,
                               "the kind '" + base::printable(wanted) + "' is not known here",
                               near.empty() ? "" : "did you mean '" + near + "'?");
}

base::Result<Resource> resource_of(const nlohmann::json& object,
                                   const std::vector<Resource>& discovered)
{
  return resource_for(api_version_of(object), kind_of(object), discovered);
}

std::vector<Resource> resources_from_discovery(const nlohmann::json& api_resource_list)
{
  std::vector<Resource> resources;
  const auto group_version = text_at(api_resource_list, "/groupVersion");
  const auto& rows = at(api_resource_list, "/resources");
  if (!rows.is_array()) return resources;
  for (const auto& row : rows) {
    const auto plural = text_at(row, "/name");
    const auto kind = text_at(row, "/kind");
    if (plural.empty() || kind.empty() || plural.find('/') != std::string::npos) continue;
    resources.push_back({group_version, kind, plural, flag_at(row, "/namespaced", false)});
  }
  return resources;
}

std::string root_path(const Resource& resource)
{
  if (resource.group().empty()) return "/api/" + percent_encoded(resource.api_version);
  const auto parts = base::split(resource.api_version, '/');
  return "/apis/" + percent_encoded(parts[0]) + "/" + percent_encoded(parts[1]);
}

std::string path_of(const Resource& resource, std::string_view space, std::string_view name)
{
  auto path = root_path(resource);
  if (resource.is_namespaced && !space.empty()) path += "/namespaces/" + percent_encoded(space);
  path += "/" + percent_encoded(resource.plural);
  if (!name.empty()) path += "/" + percent_encoded(name);
  return path;
}

std::string percent_encoded(std::string_view text)
{
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr unsigned low_bits = 15;
  std::string encoded;
  for (const char letter : text) {
    if (unreserved.find(letter) != std::string_view::npos) {
      encoded += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    encoded += '%';
    encoded += digits[byte >> 4U];
    encoded += digits[byte & low_bits];
  }
  return encoded;
}

}  // namespace coroner::objects
