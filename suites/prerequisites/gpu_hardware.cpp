// SPDX-License-Identifier: Apache-2.0
// The lowest layer: a GPU on the bus, seen by a pod that asks for none.
#include "harness/objects/node.h"
#include "harness/objects/object.h"
#include "suites/questions.h"

namespace coroner::suites {
namespace {

using objects::text_at;

engine::Judgement judge(const engine::Seen& seen)
{
  const auto line = inspect_line(seen);
  if (!line) return line.error();
  const auto found = gpus_on_bus(**line);
  if (const auto driver = simulated_driver(**line); !driver.empty())
    return engine::pass({{"simulated_driver", driver},
                         {"gpus_on_bus", std::to_string(found.size())},
                         {"simulated", "true"}});
  if (const auto board = integrated_gpu(**line); !board.empty() && found.empty())
    return engine::pass({{"board", board}});
  if (!objects::flag_at(**line, "/pci/is_readable", false))
    return engine::broken("the pod could not read /sys/bus/pci, so nothing is known of this bus");
  if (!found.empty()) {
    const auto& first = *found.front();
    return engine::pass({{"gpus_on_bus", std::to_string(found.size())},
                         {"address", text_at(first, "/address")},
                         {"device", text_at(first, "/vendor") + ":" + text_at(first, "/device")},
                         {"kernel_driver", text_at(first, "/driver")}});
  }
  const auto offered = objects::capacity(seen.node_object(), "nvidia.com/gpu");
  if (!offered) return engine::skip("this node has no NVIDIA GPU on its PCI bus");
  return engine::fail(
      "the node registered nvidia.com/gpu ({}), and no NVIDIA GPU is on its PCI bus",
      gpus(*offered));
}

const engine::Case registered{{
    .id = "prerequisites/gpu_hardware",
    .requirement = "A node that is to run GPU pods MUST have an NVIDIA GPU on its PCI bus.",
    .effect = record::Effect::runs_pods,
    .timeout = std::chrono::seconds(120),
    .source = "seed 003: hardware validation from /sys/bus/pci; PCI Code and ID Assignment "
              "Specification, classes 03 and 12",
    .subject = engine::Subject::gpu_node,
    .manifest = "prerequisites/inspect",
    .container = "inspect",
    .judge = judge,
}};

}  // namespace
}  // namespace coroner::suites
