// SPDX-License-Identifier: Apache-2.0
// The interpreter loop, and the workers that share a grid's blocks.
#include "matrix/lab/driver/ptx/machine.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace coroner::driver::ptx {
namespace {

constexpr std::uint64_t blocks_per_turn = 16;
// Below this many threads a second worker costs more than it brings.
constexpr std::uint64_t threads_per_worker = 65536;

// What the workers of one launch share.
struct Shared {
  std::atomic<std::uint64_t> next_block = 0;
  std::atomic<std::uint64_t> instructions = 0;
  std::atomic<Fault> fault = Fault::none;
};

class Worker {
 public:
  Worker(const Kernel& kernel, const Launch& launch, const Memory& memory, const Budget& budget,
         Shared& shared)
      : kernel_(kernel),
        launch_(launch),
        budget_(budget),
        shared_(shared),
        slots_(kernel.slot_count())
  {
    thread_.slots = slots_.data();
    thread_.memory = &memory;
    thread_.parameters = launch.parameters.data();
    slots_[true_slot] = 1;
    slots_[ntid_x] = launch.block.x;
    slots_[ntid_y] = launch.block.y;
    slots_[ntid_z] = launch.block.z;
    slots_[nctaid_x] = launch.grid.x;
    slots_[nctaid_y] = launch.grid.y;
    slots_[nctaid_z] = launch.grid.z;
    std::ranges::copy(kernel.constants,
                      slots_.begin() + first_register_slot + kernel.register_count);
  }

  void work()
  {
    const std::uint64_t blocks = launch_.grid.count();
    while (shared_.fault.load(std::memory_order_relaxed) == Fault::none) {
      const std::uint64_t first = shared_.next_block.fetch_add(blocks_per_turn);
      if (first >= blocks) return;
      const std::uint64_t end = std::min(blocks, first + blocks_per_turn);
      for (std::uint64_t block = first; block < end; ++block) {
        if (!run_block(block)) return;
      }
    }
  }

 private:
  bool stop(Fault fault)
  {
    Fault none = Fault::none;
    shared_.fault.compare_exchange_strong(none, fault);
    return false;
  }

  bool run_block(std::uint64_t block)
  {
    slots_[ctaid_x] = block % launch_.grid.x;
    slots_[ctaid_y] = block / launch_.grid.x % launch_.grid.y;
    slots_[ctaid_z] = block / launch_.grid.x / launch_.grid.y;
    std::uint64_t used = 0;
    for (std::uint32_t z = 0; z < launch_.block.z; ++z) {
      for (std::uint32_t y = 0; y < launch_.block.y; ++y) {
        for (std::uint32_t x = 0; x < launch_.block.x; ++x) {
          slots_[tid_x] = x;
          slots_[tid_y] = y;
          slots_[tid_z] = z;
          if (const Fault fault = run_thread(used); fault != Fault::none) return stop(fault);
        }
      }
    }
    const std::uint64_t total = shared_.instructions.fetch_add(used) + used;
    return total <= budget_.launch_instructions || stop(Fault::timeout);
  }

  // Registers start at zero: PTX leaves them undefined, and the same kernel must end the same way.
  Fault run_thread(std::uint64_t& used)
  {
    std::fill_n(slots_.begin() + first_register_slot, kernel_.register_count, 0);
    thread_.next = 0;
    thread_.fault = Fault::none;
    thread_.has_ended = false;
    const Instruction* instructions = kernel_.instructions.data();
    std::uint64_t left = budget_.thread_instructions;
    while (!thread_.has_ended) {
      if (left-- == 0) return Fault::timeout;
      const Instruction& instruction = instructions[thread_.next++];
      if ((thread_.slots[instruction.guard] != 0) == instruction.guard_negated) continue;
      instruction.execute(thread_, instruction);
    }
    used += budget_.thread_instructions - left;
    return used > budget_.launch_instructions ? Fault::timeout : thread_.fault;
  }

  const Kernel& kernel_;
  const Launch& launch_;
  const Budget& budget_;
  Shared& shared_;
  std::vector<std::uint64_t> slots_;
  Thread thread_;
};

}  // namespace

Fault run(const Kernel& kernel, const Launch& launch, const Memory& memory, const Budget& budget)
{
  Shared shared;
  const std::uint64_t threads =
      std::min<std::uint64_t>(launch.grid.count(), ~std::uint64_t{0} / 1024) * launch.block.count();
  const std::uint64_t useful = threads / threads_per_worker + 1;
  const std::uint64_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::uint64_t workers = std::min({useful, cores, std::uint64_t{budget.workers}});
  std::vector<std::jthread> others;
  for (std::uint64_t number = 1; number < workers; ++number) {
    others.emplace_back([&] { Worker(kernel, launch, memory, budget, shared).work(); });
  }
  Worker(kernel, launch, memory, budget, shared).work();
  others.clear();
  return shared.fault;
}

}  // namespace coroner::driver::ptx
