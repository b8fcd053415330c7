#include "worker/spool.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/scratch_folder.h"

namespace entrobench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

v1::ResultBatch Batch(AttemptRef attempt, uint64_t sequence, bool end = false) {
  v1::ResultBatch batch;
  *batch.mutable_attempt() = KeyOf(attempt);
  batch.set_sequence(sequence);
  for (uint64_t i = 0; i < 3; ++i) {
    v1::SampleResult* sample = batch.add_samples();
    sample->set_sample_id(3 * sequence + i);
    sample->set_answer(absl::StrCat(Name(attempt), " batch ", sequence));
  }
  if (end) batch.mutable_end()->set_outcome(v1::AttemptEnd::OUTCOME_DONE);
  return batch;
}

std::unique_ptr<Spool> Open(const std::string& directory, Spool::Options options = {}) {
  options.directory = directory;
  auto spool = Spool::Open(options);
  EXPECT_TRUE(spool.ok()) << spool.status().message();
  return *std::move(spool);
}

absl::Status Append(Spool* spool, const v1::ResultBatch& batch) {
  const v1::ResultBatch* const pointers[] = {&batch};
  return spool->Append(pointers);
}

// "job 1.1: 1 to 3", with " and the end" when it is there.
std::vector<std::string> Describe(const Spool& spool) {
  std::vector<std::string> lines;
  for (const Spool::Held& held : spool.held()) {
    lines.push_back(absl::StrCat(Name(held.attempt), ": ", held.first, " to ", held.last,
                                 held.ended ? " and the end" : ""));
  }
  return lines;
}

// Whatever is held can be read and is what was written.
void ExpectIntact(const Spool& spool) {
  for (const Spool::Held& held : spool.held()) {
    for (uint64_t sequence = held.first; sequence <= held.last; ++sequence) {
      const auto batch = spool.Read(held.attempt, sequence);
      ASSERT_TRUE(batch.ok()) << batch.status().message();
      EXPECT_EQ(batch->SerializeAsString(),
                Batch(held.attempt, sequence, batch->has_end()).SerializeAsString());
    }
  }
}

std::vector<std::string> Files(const std::string& directory) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// What a kill -9 leaves: the folder as it is while the spool is open.
std::string CopyOf(const std::string& directory, const std::string& name) {
  const std::string copy = absl::StrCat(directory, "-", name);
  std::filesystem::remove_all(copy);
  std::filesystem::copy(directory, copy);
  return copy;
}

const AttemptRef kOne{1, 1};
const AttemptRef kTwo{2, 5};

TEST(Spool, GivesBackWhatIsNotAcknowledgedAfterAKill) {
  ScratchFolder scratch;
  auto spool = Open(scratch / "spool");
  for (uint64_t i = 1; i <= 4; ++i) ASSERT_TRUE(Append(spool.get(), Batch(kOne, i)).ok());
  ASSERT_TRUE(Append(spool.get(), Batch(kTwo, 1)).ok());
  ASSERT_TRUE(Append(spool.get(), Batch(kTwo, 2, true)).ok());
  spool->Acknowledge(kOne, 2);
  EXPECT_THAT(Describe(*spool), ElementsAre("job 1.1: 3 to 4", "job 2.5: 1 to 2 and the end"));
  const auto after = Open(CopyOf(scratch / "spool", "killed"));
  EXPECT_THAT(Describe(*after), ElementsAre("job 1.1: 3 to 4", "job 2.5: 1 to 2 and the end"));
  EXPECT_THAT(after->damage(), IsEmpty());
  ExpectIntact(*after);
  EXPECT_TRUE(absl::IsNotFound(after->Read(kOne, 2).status()));
  EXPECT_TRUE(absl::IsNotFound(after->Read(kOne, 5).status()));
}

TEST(Spool, ADroppedAttemptStaysDropped) {
  ScratchFolder scratch;
  auto spool = Open(scratch / "spool");
  ASSERT_TRUE(Append(spool.get(), Batch(kOne, 1)).ok());
  ASSERT_TRUE(Append(spool.get(), Batch(kTwo, 1)).ok());
  spool->Drop(kOne);
  EXPECT_THAT(Describe(*Open(CopyOf(scratch / "spool", "killed"))), ElementsAre("job 2.5: 1 to 1"));
}

TEST(Spool, GoesOnAfterRestartsAndAcknowledgementsInAnyMix) {
  // A model of what must be held, against the real one, through random operations and kills.
  ScratchFolder scratch;
  Random random(7, 0);
  std::map<AttemptRef, std::pair<uint64_t, uint64_t>> model;  // first held, last appended
  std::string directory = scratch / "spool";
  Spool::Options small;
  small.segment_bytes = 2000;
  auto spool = Open(directory, small);
  for (int step = 0; step < 600; ++step) {
    const AttemptRef attempt{1 + random.Below(4), 1};
    auto& [first, last] = model.try_emplace(attempt, 1, 0).first->second;
    const uint64_t action = random.Below(20);
    if (action < 12) {
      ASSERT_TRUE(Append(spool.get(), Batch(attempt, ++last)).ok());
    } else if (action < 18 && first <= last) {
      first += random.Below(last - first + 2);
      spool->Acknowledge(attempt, first - 1);
    } else if (action == 19) {
      const std::string copy = CopyOf(directory, absl::StrCat(step));
      spool = Open(copy, small);  // the old one cleans up its own folder
      directory = copy;
      ASSERT_THAT(spool->damage(), IsEmpty());
    }
    std::vector<std::string> expected;
    for (const auto& [ref, range] : model) {
      if (range.first <= range.second) {
        expected.push_back(absl::StrCat(Name(ref), ": ", range.first, " to ", range.second));
      }
    }
    ASSERT_EQ(Describe(*spool), expected) << "step " << step;
  }
  ExpectIntact(*spool);
}

TEST(Spool, ATornTailCostsOnlyWhatWasTorn) {
  ScratchFolder scratch;
  auto spool = Open(scratch / "spool");
  std::vector<uint64_t> ends;  // of the file after each batch
  for (uint64_t i = 1; i <= 5; ++i) {
    ASSERT_TRUE(Append(spool.get(), Batch(kOne, i)).ok());
    ends.push_back(spool->disk_bytes());
  }
  const std::string whole = *ReadFile(Files(scratch / "spool").front());
  ASSERT_EQ(whole.size(), ends.back());
  for (size_t size = 0; size <= whole.size(); ++size) {
    for (const bool zeros : {false, true}) {  // some file systems leave zeros behind the last sync
      const std::string directory = scratch / "torn";
      std::filesystem::remove_all(directory);
      std::filesystem::create_directory(directory);
      std::ofstream(directory + "/00000001.spool", std::ios::binary)
          << whole.substr(0, size) << std::string(zeros ? 100 : 0, '\0');
      Spool::Options options;
      options.directory = directory;
      const auto torn = Spool::Open(options);
      if (size > 0 && size < 8) continue;  // refused or empty: no batch was ever synced
      ASSERT_TRUE(torn.ok()) << torn.status().message();
      uint64_t kept = 0;
      while (kept < ends.size() && ends[kept] <= size) ++kept;
      const auto held = (*torn)->held();
      ASSERT_EQ(held.empty() ? 0 : held[0].last, kept) << "cut at " << size;
      ExpectIntact(**torn);
      if (size % 16 > 0) continue;
      // And it can be written to again.
      ASSERT_TRUE(Append(torn->get(), Batch(kOne, kept + 1)).ok());
      ASSERT_EQ((*torn)->held()[0].last, kept + 1);
    }
  }
}

TEST(Spool, ADamagedByteNeverChangesAResultNorLeavesAGap) {
  ScratchFolder scratch;
  auto spool = Open(scratch / "spool");
  for (uint64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(Append(spool.get(), Batch(kOne, i)).ok());
    ASSERT_TRUE(Append(spool.get(), Batch(kTwo, i)).ok());
  }
  const std::string whole = *ReadFile(Files(scratch / "spool").front());
  int damaged = 0;
  for (size_t at = 8; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    const std::string directory = scratch / "damaged";
    std::filesystem::remove_all(directory);
    std::filesystem::create_directory(directory);
    std::ofstream(directory + "/00000001.spool", std::ios::binary) << bytes;
    const auto after = Open(directory);
    damaged += after->damage().empty() ? 0 : 1;
    for (const Spool::Held& held : after->held()) EXPECT_EQ(held.first, 1u) << "byte " << at;
    ExpectIntact(*after);
  }
  EXPECT_EQ(damaged, static_cast<int>(whole.size()) - 8);  // not one goes unnoticed
}

TEST(Spool, ASpoolOfAnotherVersionIsRefusedNotEaten) {
  ScratchFolder scratch;
  const std::string path = scratch / "00000001.spool";
  std::ofstream(path) << "EBSPOOL9 of the future";
  Spool::Options options;
  options.directory = scratch.path();
  EXPECT_THAT(std::string(Spool::Open(options).status().message()), HasSubstr("version"));
  ASSERT_TRUE(ReadFile(path).ok());
  EXPECT_EQ(*ReadFile(path), "EBSPOOL9 of the future");
}

TEST(Spool, WhatWasAppendedSurvivesAKillOfTheProcess) {
  ScratchFolder scratch;
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    auto spool = Open(scratch / "spool");
    for (uint64_t i = 1;; ++i) {
      if (!Append(spool.get(), Batch(kOne, i)).ok()) _exit(1);
      (void)!write(pipe_ends[1], &i, sizeof i);
    }
  }
  uint64_t told = 0;
  while (told < 50) {
    ASSERT_EQ(read(pipe_ends[0], &told, sizeof told), static_cast<ssize_t>(sizeof told));
  }
  kill(child, SIGKILL);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  close(pipe_ends[1]);
  uint64_t next = 0;
  while (read(pipe_ends[0], &next, sizeof next) == static_cast<ssize_t>(sizeof next)) told = next;
  close(pipe_ends[0]);
  const auto spool = Open(scratch / "spool");
  ASSERT_EQ(spool->held().size(), 1u);
  EXPECT_EQ(spool->held()[0].first, 1u);
  EXPECT_GE(spool->held()[0].last, told);
  ExpectIntact(*spool);
}

TEST(Spool, AFullSpoolRefusesWholeAppendsAndTakesThemOnceThereIsRoom) {
  ScratchFolder scratch;
  Spool::Options options;
  options.segment_bytes = 500;
  options.limit_bytes = 1500;
  auto spool = Open(scratch / "spool", options);
  uint64_t last = 0;
  absl::Status status;
  while ((status = Append(spool.get(), Batch(kOne, last + 1))).ok()) ++last;
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_GT(last, 3u);
  EXPECT_LE(spool->disk_bytes(), 1500u);
  const v1::ResultBatch one = Batch(kOne, last + 1);
  const v1::ResultBatch other = Batch(kTwo, 1);
  const v1::ResultBatch* const both[] = {&one, &other};
  EXPECT_TRUE(absl::IsResourceExhausted(spool->Append(both)));
  EXPECT_THAT(Describe(*spool), ElementsAre(absl::StrCat("job 1.1: 1 to ", last)));
  spool->Acknowledge(kOne, last);
  EXPECT_TRUE(spool->Append(both).ok());
  EXPECT_THAT(Describe(*spool), ElementsAre(absl::StrCat("job 1.1: ", last + 1, " to ", last + 1),
                                            "job 2.5: 1 to 1"));
}

TEST(Spool, SegmentsGoAsTheirBatchesAreAcknowledged) {
  ScratchFolder scratch;
  Spool::Options options;
  options.segment_bytes = 500;
  auto spool = Open(scratch / "spool", options);
  for (uint64_t i = 1; i <= 100; ++i) ASSERT_TRUE(Append(spool.get(), Batch(kOne, i)).ok());
  const size_t before = Files(scratch / "spool").size();
  EXPECT_GT(before, 10u);
  spool->Acknowledge(kOne, 50);
  EXPECT_LT(Files(scratch / "spool").size(), before * 2 / 3);
  EXPECT_THAT(Describe(*Open(CopyOf(scratch / "spool", "killed"))),
              ElementsAre("job 1.1: 51 to 100"));
  spool->Acknowledge(kOne, 100);
  EXPECT_EQ(Files(scratch / "spool").size(), 1u);
  spool.reset();
  EXPECT_THAT(Files(scratch / "spool"), IsEmpty());
}

}  // namespace
}  // namespace entrobench
