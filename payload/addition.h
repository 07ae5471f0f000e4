// SPDX-License-Identifier: Apache-2.0
// One vector addition on one GPU.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "payload/cuda.h"
#include "payload/deadline.h"
#include "payload/proof.h"

namespace coroner::payload {

class Addition {
 public:
  /// `device` is CUDA's number. Nothing is done yet.
  Addition(Cuda& cuda, const Options& options, unsigned device);
  Addition(const Addition&) = delete;
  Addition& operator=(const Addition&) = delete;
  ~Addition();

  /// True where every element came back right. Either way result() tells the rest.
  bool run();
  /// The keys of vectoradd.h's line from "device" on.
  [[nodiscard]] JsonObject result() const;
  /// `error` and what belongs to it, after a run that gave false.
  [[nodiscard]] JsonObject failure() const;

 private:
  bool describe();
  bool build();
  bool allocate();
  bool upload();
  bool launch_once();
  bool compute();
  bool download();
  void check(const std::vector<float>& found, std::uint64_t first, proof::Stream& stream,
             proof::Digest& digest);

  Cuda& cuda_;
  const CudaFunctions& functions_;
  unsigned device_;
  int handle_ = 0;
  std::uint64_t seed_;
  std::uint64_t elements_;
  unsigned launches_ = 0;
  bool is_simulated_ = false;
  CudaHandle context_ = nullptr;
  CudaHandle kernel_ = nullptr;
  CudaAddress left_ = 0;
  CudaAddress right_ = 0;
  CudaAddress sum_ = 0;
  bool has_result_ = false;
  std::uint64_t checksum_ = 0;
  std::uint64_t mismatches_ = 0;
  double kernel_s_ = 0;
  std::string build_log_;
  JsonObject gpu_;
  JsonObject seconds_;
  JsonObject first_mismatch_;
};

}  // namespace coroner::payload
