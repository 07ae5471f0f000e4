// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/expected.h"

#include "harness/embedded/embedded.h"
#include "harness/objects/node.h"
#include "harness/objects/object.h"

namespace coroner::engine {

base::Result<cell::NodeExpectations> expectations_of_node(const nlohmann::json& node)
{
  const auto text = embedded::file(cell::expectations_file);
  if (!text)
    return base::error(base::ErrorKind::internal, "{} is not compiled in", cell::expectations_file);
  static const auto table = cell::parse_expectations(*text, std::string(cell::expectations_file));
  if (!table) return tl::unexpected(table.error());
  const auto info = objects::node_info(node);
  return cell::expectations_of(*table, {.os_image = info.os_image,
                                        .kubelet_version = info.kubelet_version,
                                        .container_runtime = info.container_runtime,
                                        .architecture = info.architecture,
                                        .provider_id = objects::text_at(node, "/spec/providerID")});
}

}  // namespace coroner::engine
