// A driver library with three GPUs, the second of which does not answer: NVML's functions that
// worker/gpus.cc calls, with the signatures of nvml.h.
#include <cstdint>
#include <cstdio>

namespace {
bool initialised = false;
}

struct nvmlMemory_t {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};

extern "C" {

int nvmlInit_v2() {
  initialised = true;
  return 0;
}
int nvmlShutdown() {
  initialised = false;
  return 0;
}
int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = 3;
  return initialised ? 0 : 1;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  *device = reinterpret_cast<void*>(static_cast<uintptr_t>(index + 1));
  return index == 1 ? 15 : 0;  // 15: NVML_ERROR_GPU_IS_LOST
}
int nvmlDeviceGetName(void* device, char* name, unsigned length) {
  std::snprintf(name, length, "Fake GPU %d",
                static_cast<int>(reinterpret_cast<uintptr_t>(device)) - 1);
  return 0;
}
int nvmlDeviceGetMemoryInfo(void*, nvmlMemory_t* memory) {
  *memory = {80ull << 30, 79ull << 30, 1ull << 30};
  return 0;
}

}  // extern "C"
