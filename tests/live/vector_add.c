/* SPDX-License-Identifier: Apache-2.0 */
/* Loads a PTX kernel through the driver API, runs it, and compares each result with this CPU's own.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

enum { element_count = 100000, threads_a_block = 128 };

static const char kernel_text[] =
    ".version 6.0\n"
    ".target sm_50\n"
    ".address_size 64\n"
    ".visible .entry weighted_sum(.param .u64 left, .param .u64 right, .param .u64 sum, .param "
    ".u32 count)\n"
    "{\n"
    "  .reg .pred %outside;\n"
    "  .reg .b32 %index, %block, %width, %count;\n"
    "  .reg .b64 %at, %offset, %address;\n"
    "  .reg .f32 %a, %b, %c;\n"
    "  ld.param.u32 %count, [count];\n"
    "  mov.u32 %block, %ctaid.x;\n"
    "  mov.u32 %width, %ntid.x;\n"
    "  mov.u32 %index, %tid.x;\n"
    "  mad.lo.s32 %index, %block, %width, %index;\n"
    "  setp.ge.u32 %outside, %index, %count;\n"
    "  @%outside bra done;\n"
    "  mul.wide.u32 %offset, %index, 4;\n"
    "  ld.param.u64 %at, [left];\n"
    "  add.s64 %address, %at, %offset;\n"
    "  ld.global.f32 %a, [%address];\n"
    "  ld.param.u64 %at, [right];\n"
    "  add.s64 %address, %at, %offset;\n"
    "  ld.global.f32 %b, [%address];\n"
    "  fma.rn.f32 %c, %a, 0f40400000, %b;\n"
    "  ld.param.u64 %at, [sum];\n"
    "  add.s64 %address, %at, %offset;\n"
    "  st.global.f32 [%address], %c;\n"
    "done:\n"
    "  ret;\n"
    "}\n";

typedef unsigned long long device_pointer;
typedef void* handle;

static void* library;

/* What is called this way takes at most four words, which x86-64 and aarch64 pass in registers
 * alike. */
static void call(const char* name, long a, long b, long c, long d)
{
  int (*function)(long, long, long, long);
  *(void**)&function = dlsym(library, name);
  int result = function ? function(a, b, c, d) : -1;
  if (result == 0) return;
  const char* word = "no such function";
  int (*name_of)(int, const char**);
  *(void**)&name_of = dlsym(library, "cuGetErrorName");
  if (function && name_of) name_of(result, &word);
  printf("%s gave %d %s\n", name, result, word);
  exit(1);
}

static void launch(handle kernel, void** arguments)
{
  int (*function)(handle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                  handle, void**, void**);
  *(void**)&function = dlsym(library, "cuLaunchKernel");
  const unsigned blocks = (element_count + threads_a_block - 1) / threads_a_block;
  int result = function(kernel, blocks, 1, 1, threads_a_block, 1, 1, 0, NULL, arguments, NULL);
  if (result != 0) {
    printf("cuLaunchKernel gave %d\n", result);
    exit(1);
  }
}

int main(int count, char** words)
{
  static float left[element_count], right[element_count], sum[element_count];
  const unsigned long seed = count > 1 ? strtoul(words[1], NULL, 10) : 0;
  for (unsigned long i = 0; i < element_count; ++i) {
    left[i] = (float)((i * 7 + seed) % 1009);
    right[i] = (float)((i * 13 + seed) % 997);
  }
  library = dlopen("libcuda.so.1", RTLD_NOW);
  if (library == NULL) {
    printf("%s\n", dlerror());
    return 1;
  }
  int device = 0, devices = 0;
  char name[128] = {0};
  handle context, module, kernel;
  device_pointer memory[3];
  const long bytes = sizeof left;
  call("cuInit", 0, 0, 0, 0);
  call("cuDeviceGetCount", (long)&devices, 0, 0, 0);
  call("cuDeviceGet", (long)&device, 0, 0, 0);
  call("cuDeviceGetName", (long)name, sizeof name, device, 0);
  call("cuCtxCreate_v2", (long)&context, 0, device, 0);
  call("cuModuleLoadData", (long)&module, (long)kernel_text, 0, 0);
  call("cuModuleGetFunction", (long)&kernel, (long)module, (long)"weighted_sum", 0);
  for (int i = 0; i < 3; ++i) call("cuMemAlloc_v2", (long)&memory[i], bytes, 0, 0);
  call("cuMemcpyHtoD_v2", (long)memory[0], (long)left, bytes, 0);
  call("cuMemcpyHtoD_v2", (long)memory[1], (long)right, bytes, 0);
  unsigned elements = element_count;
  void* arguments[] = {&memory[0], &memory[1], &memory[2], &elements};
  launch(kernel, arguments);
  call("cuCtxSynchronize", 0, 0, 0, 0);
  call("cuMemcpyDtoH_v2", (long)sum, (long)memory[2], bytes, 0);
  unsigned long checksum = seed;
  unsigned wrong = 0;
  for (unsigned long i = 0; i < element_count; ++i) {
    checksum = checksum * 31 + (unsigned long)sum[i];
    if (sum[i] != left[i] * 3 + right[i]) ++wrong;
  }
  printf("device '%s' of %d, %u elements, %u wrong, checksum %016lx\n", name, devices, elements,
         wrong, checksum);
  return wrong == 0 ? 0 : 1;
}
