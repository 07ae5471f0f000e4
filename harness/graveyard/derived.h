// SPDX-License-Identifier: Apache-2.0
// Derived facts: what no single place says: sums, joins, comparisons, expectations of a distro.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/evidence/fact.h"
#include "harness/evidence/fact_table.h"
#include "harness/evidence/observed.h"

namespace coroner::graveyard {

/// One derived fact and the function that adds it to `facts` wherever it can be told.
struct DerivedFact {
  std::string_view name;
  evidence::FactType type = evidence::FactType::text;
  std::string_view says;     ///< What it means, for people.
  std::string_view command;  ///< What collects the evidence it needs.
  void (*derive)(const evidence::Observed& seen, evidence::FactStore& facts) = nullptr;
};

std::span<const DerivedFact> derived_facts();

/// Names of all facts, read or derived, that a rule may use.
std::vector<std::string> known_facts();

/// The facts of `seen` with all derived ones added.
evidence::FactStore with_derived(const evidence::Observed& seen);

/// FactStore::ask, which also knows how derived facts are collected.
evidence::Answer ask(const evidence::FactStore& facts, std::string_view name,
                     const evidence::Scope& scope = {});

// The functions, for their tests.
void derive_distro(const evidence::Observed& seen, evidence::FactStore& facts);
void derive_driver_root(const evidence::Observed& seen, evidence::FactStore& facts);
void derive_requested(const evidence::Observed& seen, evidence::FactStore& facts);
void derive_runtime_handler(const evidence::Observed& seen, evidence::FactStore& facts);
void derive_strategy(const evidence::Observed& seen, evidence::FactStore& facts);
void derive_container_devices(const evidence::Observed& seen, evidence::FactStore& facts);
void derive_pci_count(const evidence::Observed& seen, evidence::FactStore& facts);
void derive_host_device_count(const evidence::Observed& seen, evidence::FactStore& facts);
void derive_allocatable_differs(const evidence::Observed& seen, evidence::FactStore& facts);
void derive_loaded_differs(const evidence::Observed& seen, evidence::FactStore& facts);
void derive_default_defined(const evidence::Observed& seen, evidence::FactStore& facts);

}  // namespace coroner::graveyard
