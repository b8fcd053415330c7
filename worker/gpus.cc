#include "worker/gpus.h"

#include <dlfcn.h>

#include <cstdint>

namespace entrobench {
namespace {

// The part of nvml.h that we use; its ABI has been stable since NVML 4.
using Device = void*;
struct Memory {
  unsigned long long total;  // bytes
  unsigned long long free;
  unsigned long long used;
};
constexpr int kSuccess = 0;
constexpr unsigned kNameBytes = 96;

template <typename Function>
bool Load(void* library, const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(library, name));
  return *function != nullptr;
}

}  // namespace

std::vector<v1::Gpu> FindGpus(const char* library) {
  std::vector<v1::Gpu> gpus;
  void* const nvml = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (nvml == nullptr) return gpus;
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  int (*get_count)(unsigned*) = nullptr;
  int (*get_handle)(unsigned, Device*) = nullptr;
  int (*get_name)(Device, char*, unsigned) = nullptr;
  int (*get_memory)(Device, Memory*) = nullptr;
  if (Load(nvml, "nvmlInit_v2", &init) && Load(nvml, "nvmlShutdown", &shutdown) &&
      Load(nvml, "nvmlDeviceGetCount_v2", &get_count) &&
      Load(nvml, "nvmlDeviceGetHandleByIndex_v2", &get_handle) &&
      Load(nvml, "nvmlDeviceGetName", &get_name) &&
      Load(nvml, "nvmlDeviceGetMemoryInfo", &get_memory) && init() == kSuccess) {
    unsigned count = 0;
    if (get_count(&count) != kSuccess) count = 0;
    for (unsigned i = 0; i < count; ++i) {
      Device device = nullptr;
      Memory memory{};
      char name[kNameBytes] = "";
      if (get_handle(i, &device) != kSuccess || get_memory(device, &memory) != kSuccess) continue;
      v1::Gpu gpu;
      if (get_name(device, name, kNameBytes) == kSuccess) gpu.set_name(name);
      gpu.set_memory_bytes(memory.total);
      gpus.push_back(gpu);
    }
    shutdown();
  }
  dlclose(nvml);
  return gpus;
}

}  // namespace entrobench
