#include "worker/host_inventory.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/file.h"
#include "worker/gpus.h"

namespace entrobench {
namespace {

// Contents without the last newline; empty when the file is not there.
std::string Contents(const std::string& path) {
  const auto contents = ReadFile(path);
  return contents.ok() ? std::string(absl::StripAsciiWhitespace(*contents)) : std::string();
}

// Version 1 writes "no limit" as a number near 2^63.
constexpr uint64_t kNoLimit = uint64_t{1} << 60;

void Tighten(double cores, uint64_t memory, CgroupLimits* limits) {
  if (cores > 0 && (limits->cores == 0 || cores < limits->cores)) limits->cores = cores;
  if (memory > 0 && memory < kNoLimit &&
      (limits->memory_bytes == 0 || memory < limits->memory_bytes)) {
    limits->memory_bytes = memory;
  }
}

double Quota(absl::string_view quota, absl::string_view period) {
  double quota_us = 0;
  double period_us = 0;
  if (!absl::SimpleAtod(quota, &quota_us) || !absl::SimpleAtod(period, &period_us)) return 0;
  return quota_us > 0 && period_us > 0 ? quota_us / period_us : 0;
}

uint64_t Bytes(absl::string_view text) {
  uint64_t bytes = 0;
  return absl::SimpleAtoi(text, &bytes) ? bytes : 0;
}

// "/a/b" -> {"/a/b", "/a", ""}.
std::vector<std::string> WithAncestors(std::string path) {
  std::vector<std::string> paths;
  while (!path.empty() && path != "/") {
    paths.push_back(path);
    path.resize(path.rfind('/'));
  }
  paths.emplace_back();
  return paths;
}

}  // namespace

CgroupLimits ReadCgroupLimits(const std::string& root) {
  CgroupLimits limits;
  const std::string mount = absl::StrCat(root, "/sys/fs/cgroup");
  const std::string membership = Contents(absl::StrCat(root, "/proc/self/cgroup"));
  // Lines "0::/path" (version 2) or "4:cpu,cpuacct:/path" (version 1). Inside a container the path
  // may be the host's, which is not mounted: then the mount's own top is what counts.
  for (const absl::string_view line : absl::StrSplit(membership, '\n')) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3 || !absl::StartsWith(fields[2], "/")) continue;
    const std::vector<std::string> controllers = absl::StrSplit(fields[1], ',');
    for (const std::string& path : WithAncestors(fields[2])) {
      if (fields[1].empty()) {
        const std::vector<std::string> max =
            absl::StrSplit(Contents(absl::StrCat(mount, path, "/cpu.max")), ' ');
        if (max.size() == 2) Tighten(Quota(max[0], max[1]), 0, &limits);
        Tighten(0, Bytes(Contents(absl::StrCat(mount, path, "/memory.max"))), &limits);
      }
      for (const std::string& controller : controllers) {
        if (controller != "cpu" && controller != "memory") continue;
        const std::string folder = absl::StrCat(mount, "/", controller, path);
        Tighten(Quota(Contents(absl::StrCat(folder, "/cpu.cfs_quota_us")),
                      Contents(absl::StrCat(folder, "/cpu.cfs_period_us"))),
                Bytes(Contents(absl::StrCat(folder, "/memory.limit_in_bytes"))), &limits);
      }
    }
  }
  return limits;
}

uint32_t UsableCores(uint32_t affinity, double quota) {
  uint32_t cores = affinity;
  if (quota > 0 && quota < affinity) cores = static_cast<uint32_t>(quota);
  return std::max(1u, cores);
}

std::string ReadCpuName(const std::string& root) {
  const std::string cpuinfo = Contents(absl::StrCat(root, "/proc/cpuinfo"));
  for (const absl::string_view line : absl::StrSplit(cpuinfo, '\n')) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    if (absl::StripAsciiWhitespace(field.first) == "model name") {
      return std::string(absl::StripAsciiWhitespace(field.second));
    }
  }
  return "unknown";
}

uint64_t ReadMemoryBytes(const std::string& root) {
  const std::string meminfo = Contents(absl::StrCat(root, "/proc/meminfo"));
  for (absl::string_view line : absl::StrSplit(meminfo, '\n')) {
    if (!absl::ConsumePrefix(&line, "MemTotal:")) continue;
    absl::ConsumeSuffix(&line, "kB");
    return Bytes(absl::StripAsciiWhitespace(line)) * 1024;
  }
  return 0;
}

v1::HostInventory TakeInventory() {
  v1::HostInventory inventory;
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  inventory.set_host(host);

  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  const bool known = sched_getaffinity(0, sizeof allowed, &allowed) == 0;
  const auto affinity =
      static_cast<uint32_t>(known ? CPU_COUNT(&allowed) : sysconf(_SC_NPROCESSORS_ONLN));
  const CgroupLimits limits = ReadCgroupLimits("");
  inventory.set_cores(UsableCores(affinity, limits.cores));
  const uint64_t memory = ReadMemoryBytes("");
  inventory.set_memory_bytes(limits.memory_bytes > 0 ? std::min(memory, limits.memory_bytes)
                                                     : memory);
  inventory.set_cpu(ReadCpuName(""));
  for (v1::Gpu& gpu : FindGpus()) *inventory.add_gpus() = std::move(gpu);
  return inventory;
}

}  // namespace entrobench
