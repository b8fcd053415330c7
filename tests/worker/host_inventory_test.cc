#include "worker/host_inventory.h"

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"
#include "tests/common/scratch_folder.h"
#include "worker/gpus.h"

namespace entrobench {
namespace {

void Write(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << text;
}

TEST(CgroupLimits, Version2TakesTheTightestOfAllAncestors) {
  ScratchFolder root;
  Write(root / "proc/self/cgroup", "0::/system.slice/eb.service\n");
  Write(root / "sys/fs/cgroup/system.slice/eb.service/cpu.max", "400000 100000\n");
  Write(root / "sys/fs/cgroup/system.slice/cpu.max", "250000 100000\n");
  Write(root / "sys/fs/cgroup/cpu.max", "max 100000\n");
  Write(root / "sys/fs/cgroup/system.slice/eb.service/memory.max", "max\n");
  Write(root / "sys/fs/cgroup/system.slice/memory.max", "4294967296\n");
  const CgroupLimits limits = ReadCgroupLimits(root.path());
  EXPECT_DOUBLE_EQ(limits.cores, 2.5);
  EXPECT_EQ(limits.memory_bytes, uint64_t{4} << 30);
}

TEST(CgroupLimits, Version1) {
  ScratchFolder root;
  Write(root / "proc/self/cgroup", "5:memory:/job\n4:cpu,cpuacct:/job\n1:name=systemd:/x\n");
  Write(root / "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "150000");
  Write(root / "sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000");
  Write(root / "sys/fs/cgroup/memory/job/memory.limit_in_bytes", "1073741824");
  Write(root / "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
  Write(root / "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1");
  Write(root / "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
  const CgroupLimits limits = ReadCgroupLimits(root.path());
  EXPECT_DOUBLE_EQ(limits.cores, 1.5);
  EXPECT_EQ(limits.memory_bytes, uint64_t{1} << 30);
}

TEST(CgroupLimits, NoneWithoutCgroups) {
  ScratchFolder root;
  const CgroupLimits limits = ReadCgroupLimits(root.path());
  EXPECT_EQ(limits.cores, 0);
  EXPECT_EQ(limits.memory_bytes, 0u);
}

TEST(UsableCores, APartOfACoreCountsAsNoneButThereIsAlwaysOne) {
  EXPECT_EQ(UsableCores(8, 0), 8u);
  EXPECT_EQ(UsableCores(8, 2.5), 2u);
  EXPECT_EQ(UsableCores(2, 16), 2u);
  EXPECT_EQ(UsableCores(8, 0.5), 1u);
}

TEST(HostInventory, ReadsProc) {
  ScratchFolder root;
  Write(root / "proc/cpuinfo",
        "processor\t: 0\nmodel name\t: Quick CPU @ 3.00GHz\nflags\t\t: fpu\n");
  Write(root / "proc/meminfo", "MemTotal:       16314232 kB\nMemFree: 12 kB\n");
  EXPECT_EQ(ReadCpuName(root.path()), "Quick CPU @ 3.00GHz");
  EXPECT_EQ(ReadMemoryBytes(root.path()), uint64_t{16314232} * 1024);
}

TEST(HostInventory, ThisMachineHasSomething) {
  const v1::HostInventory inventory = TakeInventory();
  EXPECT_GE(inventory.cores(), 1u);
  EXPECT_GT(inventory.memory_bytes(), uint64_t{64} << 20);
  EXPECT_NE(inventory.host(), "");
}

TEST(Gpus, NoneWithoutADriver) { EXPECT_TRUE(FindGpus("libno-such-nvml.so.1").empty()); }

TEST(Gpus, AsTheDriverTells) {
  const auto gpus = FindGpus(FAKE_NVML_PATH);  // tests/worker/fake_nvml.cc
  ASSERT_EQ(gpus.size(), 2u);
  EXPECT_EQ(gpus[0].name(), "Fake GPU 0");
  EXPECT_EQ(gpus[1].name(), "Fake GPU 2");  // GPU 1 fell off the bus
  EXPECT_EQ(gpus[1].memory_bytes(), uint64_t{80} << 30);
}

}  // namespace
}  // namespace entrobench
