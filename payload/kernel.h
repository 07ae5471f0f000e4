// SPDX-License-Identifier: Apache-2.0
// The kernel of the vector addition, as PTX.
#pragma once

namespace coroner::payload {

inline constexpr const char* kernel_name = "coroner_vector_add";
inline constexpr unsigned kernel_block_threads = 256;

/// c[i] = a[i] + scale · b[i] for i below count. For compute capability 5.0 and all that follow:
/// the driver compiles it for the GPU at hand. Stays inside the subset that the simulated driver
/// executes (matrix/lab/driver/ptx/).
inline constexpr const char* kernel_text = R"(.version 6.0
.target sm_50
.address_size 64
.visible .entry coroner_vector_add(
  .param .u64 left, .param .u64 right, .param .u64 sum, .param .f32 scale, .param .u32 count)
{
  .reg .pred %outside;
  .reg .f32 %f<5>;
  .reg .b32 %r<6>;
  .reg .b64 %rd<8>;
  ld.param.u64 %rd1, [left];
  ld.param.u64 %rd2, [right];
  ld.param.u64 %rd3, [sum];
  ld.param.f32 %f1, [scale];
  ld.param.u32 %r1, [count];
  mov.u32 %r2, %ctaid.x;
  mov.u32 %r3, %ntid.x;
  mov.u32 %r4, %tid.x;
  mad.lo.s32 %r5, %r2, %r3, %r4;
  setp.ge.u32 %outside, %r5, %r1;
  @%outside bra done;
  mul.wide.u32 %rd4, %r5, 4;
  add.s64 %rd5, %rd1, %rd4;
  add.s64 %rd6, %rd2, %rd4;
  add.s64 %rd7, %rd3, %rd4;
  ld.global.f32 %f2, [%rd5];
  ld.global.f32 %f3, [%rd6];
  fma.rn.f32 %f4, %f3, %f1, %f2;
  st.global.f32 [%rd7], %f4;
done:
  ret;
}
)";

}  // namespace coroner::payload
