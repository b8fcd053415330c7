#include "worker/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace entrobench {
namespace {

constexpr absl::string_view kMagic = "EBSPOOL1";  // the first bytes of every segment
constexpr absl::string_view kSuffix = ".spool";
constexpr size_t kChecksumDigits = 16;                    // hex digits of the SHA-256 that are kept
constexpr size_t kHeaderBytes = 4 + kChecksumDigits / 2;  // of a record: size, checksum
constexpr size_t kPrefixBytes = 1 + 8;                    // of a payload: kind, acknowledged
constexpr char kBatch = 1;
constexpr char kAcknowledgement = 2;

void AppendLittleEndian(uint64_t value, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t ReadLittleEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

std::string Checksum(absl::string_view payload) {
  return absl::HexStringToBytes(Sha256Hex(payload).substr(0, kChecksumDigits));
}

void AppendRecord(char kind, uint64_t acknowledged, const google::protobuf::MessageLite& message,
                  std::string* out) {
  std::string payload(1, kind);
  AppendLittleEndian(acknowledged, 8, &payload);
  message.AppendToString(&payload);
  AppendLittleEndian(payload.size(), 4, out);
  out->append(Checksum(payload));
  out->append(payload);
}

struct Record {
  size_t size = 0;  // with its header
  bool intact = false;
  char kind = 0;
  uint64_t acknowledged = 0;
  absl::string_view message;
};

// The record at the front of `bytes`; nothing when there is no whole one.
std::optional<Record> ParseRecord(absl::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  const uint64_t size = ReadLittleEndian(bytes.substr(0, 4));
  // A tail of zeros is what a file system may leave after a power loss.
  if (size < kPrefixBytes || size > bytes.size() - kHeaderBytes) return std::nullopt;
  const absl::string_view payload = bytes.substr(kHeaderBytes, size);
  Record record;
  record.size = kHeaderBytes + size;
  record.intact = Checksum(payload) == bytes.substr(4, kHeaderBytes - 4);
  record.kind = payload[0];
  record.acknowledged = ReadLittleEndian(payload.substr(1, 8));
  record.message = payload.substr(kPrefixBytes);
  return record;
}

absl::Status WriteAt(int fd, uint64_t offset, absl::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == ENOSPC || errno == EDQUOT)) {
      return absl::ResourceExhaustedError(
          absl::StrCat("cannot write ", path, ": the disk is full"));
    }
    if (n < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return absl::OkStatus();
}

}  // namespace

struct Spool::Segment {
  uint64_t number = 0;
  std::string path;
  int fd = -1;
  uint64_t size = 0;  // bytes written
  uint64_t live = 0;  // batches in it that are not forgotten
  ~Segment() {
    if (fd >= 0) close(fd);
  }
};

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(Options options) {
  EB_RETURN_IF_ERROR(MakeDirectories(options.directory));
  std::unique_ptr<Spool> spool(new Spool(std::move(options)));
  EB_RETURN_IF_ERROR(spool->Recover());
  spool->recovered_ = true;
  return spool;
}

Spool::~Spool() {
  if (!recovered_) return;  // what could not be understood is not cleaned up either
  MutexLock lock(&mutex_);
  WriteNotes();
  current_ = nullptr;
  RemoveDeadSegments();
}

absl::Status Spool::Recover() {
  std::vector<uint64_t> numbers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(options_.directory, error)) {
    const std::string name = entry.path().filename().string();
    uint64_t number = 0;
    if (absl::EndsWith(name, kSuffix) &&
        absl::SimpleAtoi(name.substr(0, name.size() - kSuffix.size()), &number)) {
      numbers.push_back(number);
    }
  }
  if (error) {
    return absl::ErrnoToStatus(error.value(),
                               absl::StrCat("cannot list folder ", options_.directory));
  }
  std::sort(numbers.begin(), numbers.end());
  MutexLock lock(&mutex_);
  for (const uint64_t number : numbers) EB_RETURN_IF_ERROR(RecoverSegment(number));
  DropAttemptsWithGaps();
  RemoveDeadSegments();
  return absl::OkStatus();
}

absl::Status Spool::RecoverSegment(uint64_t number) {
  auto segment = std::make_shared<Segment>();
  segment->number = number;
  segment->path = absl::StrFormat("%s/%08d%s", options_.directory, number, kSuffix);
  EB_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(segment->path));
  segment->fd = open(segment->path.c_str(), O_RDONLY | O_CLOEXEC);
  if (segment->fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", segment->path));
  }
  segment->size = bytes.size();
  segments_[number] = segment;
  last_number_ = number;

  absl::string_view rest = bytes;
  if (rest.find_first_not_of('\0') == absl::string_view::npos) {
    return absl::OkStatus();  // the power went while it was created
  }
  if (rest.substr(0, kMagic.size()) != kMagic) {
    return absl::FailedPreconditionError(
        absl::StrCat(segment->path,
                     " was not written by this version of the spool: let the version "
                     "that wrote it send what it holds, or move the file away"));
  }
  rest.remove_prefix(kMagic.size());
  while (const auto record = ParseRecord(rest)) {
    const uint64_t offset = bytes.size() - rest.size();
    rest.remove_prefix(record->size);
    v1::ResultBatch batch;
    v1::BatchAck ack;
    const auto parse = [&record](google::protobuf::MessageLite* message) {
      return message->ParseFromArray(record->message.data(),
                                     static_cast<int>(record->message.size()));
    };
    if (record->intact && record->kind == kBatch && parse(&batch)) {
      Attempt& attempt = attempts_[RefOf(batch.attempt())];
      attempt.acknowledged = std::max(attempt.acknowledged, record->acknowledged);
      attempt.batches[batch.sequence()] =
          Place{segment, offset, static_cast<uint32_t>(record->size), batch.has_end()};
    } else if (record->intact && record->kind == kAcknowledgement && parse(&ack)) {
      const AttemptRef ref = RefOf(ack.attempt());
      if (ack.stale()) {
        attempts_.erase(ref);
      } else {
        Attempt& attempt = attempts_[ref];
        attempt.acknowledged = std::max(attempt.acknowledged, ack.sequence());
      }
    } else {
      damage_.push_back(
          absl::StrCat(segment->path, ": the record at byte ", offset, " is damaged; skipped"));
    }
  }
  if (!rest.empty()) {
    damage_.push_back(absl::StrCat(segment->path, ": the last ", rest.size(),
                                   " bytes are no whole record; ignored"));
  }
  return absl::OkStatus();
}

void Spool::DropAttemptsWithGaps() {
  for (auto it = attempts_.begin(); it != attempts_.end();) {
    Attempt& attempt = it->second;
    attempt.batches.erase(attempt.batches.begin(),
                          attempt.batches.upper_bound(attempt.acknowledged));
    uint64_t expected = attempt.acknowledged + 1;
    bool whole = true;
    for (const auto& [sequence, place] : attempt.batches) whole &= sequence == expected++;
    if (!whole) {
      damage_.push_back(absl::StrCat("batches of ", Name(it->first),
                                     " are missing: the rest of it is dropped and runs again"));
    }
    if (!whole || attempt.batches.empty()) {
      it = attempts_.erase(it);
      continue;
    }
    for (auto& [sequence, place] : attempt.batches) ++place.segment->live;
    ++it;
  }
}

absl::Status Spool::StartSegment() {
  auto segment = std::make_shared<Segment>();
  segment->number = last_number_ + 1;
  segment->path = absl::StrFormat("%s/%08d%s", options_.directory, segment->number, kSuffix);
  segment->fd = open(segment->path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (segment->fd < 0 && (errno == ENOSPC || errno == EDQUOT)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot create ", segment->path, ": the disk is full"));
  }
  if (segment->fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", segment->path));
  }
  absl::Status written = WriteAt(segment->fd, 0, kMagic, segment->path);
  if (written.ok()) written = SyncDirectory(options_.directory);
  if (!written.ok()) {
    unlink(segment->path.c_str());
    return written;
  }
  segment->size = kMagic.size();
  last_number_ = segment->number;
  segments_[segment->number] = segment;
  current_ = std::move(segment);
  RemoveDeadSegments();  // the one before may have waited for a successor
  return absl::OkStatus();
}

absl::Status Spool::Append(absl::Span<const v1::ResultBatch* const> batches) {
  MutexLock one_at_a_time(&append_mutex_);
  std::string bytes;
  std::vector<std::pair<size_t, size_t>> extents;  // offset in `bytes`, size
  std::shared_ptr<Segment> segment;
  uint64_t start = 0;
  {
    MutexLock lock(&mutex_);
    for (const v1::ResultBatch* batch : batches) {
      const auto found = attempts_.find(RefOf(batch->attempt()));
      const uint64_t acknowledged = found != attempts_.end()
                                        ? found->second.acknowledged
                                        : batch->sequence() - 1;  // nothing is held before it
      const size_t before = bytes.size();
      AppendRecord(kBatch, acknowledged, *batch, &bytes);
      extents.emplace_back(before, bytes.size() - before);
      // Later batches of this call must know that this one comes before them.
      if (found == attempts_.end()) {
        attempts_[RefOf(batch->attempt())].acknowledged = acknowledged;
      }
    }
    uint64_t used = 0;
    for (const auto& [number, each] : segments_) used += each->size;
    absl::Status status;
    if (used + bytes.size() > options_.limit_bytes) {
      status = absl::ResourceExhaustedError(absl::StrCat("the spool ", options_.directory,
                                                         " has reached its limit of ",
                                                         options_.limit_bytes, " bytes"));
    } else if (current_ == nullptr || current_->size >= options_.segment_bytes) {
      status = StartSegment();
    }
    if (!status.ok()) {
      for (const v1::ResultBatch* batch : batches) {
        const auto found = attempts_.find(RefOf(batch->attempt()));
        if (found != attempts_.end() && found->second.batches.empty()) attempts_.erase(found);
      }
      return status;
    }
    segment = current_;
    start = segment->size;
    appending_ = true;
  }
  absl::Status status = WriteAt(segment->fd, start, bytes, segment->path);
  if (status.ok() && fdatasync(segment->fd) != 0) {
    status = errno == ENOSPC || errno == EDQUOT
                 ? absl::ResourceExhaustedError(
                       absl::StrCat("cannot sync ", segment->path, ": the disk is full"))
                 : absl::ErrnoToStatus(errno, absl::StrCat("cannot sync ", segment->path));
  }
  MutexLock lock(&mutex_);
  appending_ = false;
  if (status.ok()) {
    segment->size = start + bytes.size();
  } else if (ftruncate(segment->fd, static_cast<off_t>(start)) != 0) {
    current_ = nullptr;  // what follows would stand behind garbage: go on in a new segment
  }
  for (size_t i = 0; i < batches.size(); ++i) {
    const auto found = attempts_.find(RefOf(batches[i]->attempt()));
    if (found == attempts_.end()) continue;  // dropped meanwhile
    Attempt& attempt = found->second;
    if (status.ok() && batches[i]->sequence() > attempt.acknowledged) {
      attempt.batches[batches[i]->sequence()] =
          Place{segment, start + extents[i].first, static_cast<uint32_t>(extents[i].second),
                batches[i]->has_end()};
      ++segment->live;
    }
  }
  for (const v1::ResultBatch* batch : batches) {
    const auto found = attempts_.find(RefOf(batch->attempt()));
    if (found != attempts_.end() && found->second.batches.empty()) attempts_.erase(found);
  }
  WriteNotes();
  RemoveDeadSegments();
  return status;
}

absl::StatusOr<v1::ResultBatch> Spool::Read(AttemptRef attempt, uint64_t sequence) const {
  Place place;
  {
    MutexLock lock(&mutex_);
    const auto found = attempts_.find(attempt);
    if (found == attempts_.end() || found->second.batches.count(sequence) == 0) {
      return absl::NotFoundError(
          absl::StrCat("no batch ", sequence, " of ", Name(attempt), " in the spool"));
    }
    place = found->second.batches.at(sequence);
  }
  std::string bytes(place.size, '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = pread(place.segment->fd, bytes.data() + done, bytes.size() - done,
                            static_cast<off_t>(place.offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  const auto record = ParseRecord(absl::string_view(bytes.data(), done));
  v1::ResultBatch batch;
  if (!record || !record->intact ||
      !batch.ParseFromArray(record->message.data(), static_cast<int>(record->message.size()))) {
    return absl::DataLossError(absl::StrCat("batch ", sequence, " of ", Name(attempt), " in ",
                                            place.segment->path, " cannot be read back"));
  }
  return batch;
}

void Spool::Acknowledge(AttemptRef attempt, uint64_t sequence) {
  MutexLock lock(&mutex_);
  Forget(attempt, sequence, /*dropped=*/false);
}

void Spool::Drop(AttemptRef attempt) {
  MutexLock lock(&mutex_);
  Forget(attempt, UINT64_MAX, /*dropped=*/true);
}

void Spool::Forget(AttemptRef ref, uint64_t sequence, bool dropped) {
  const auto found = attempts_.find(ref);
  if (found == attempts_.end()) return;
  Attempt& attempt = found->second;
  const auto end = attempt.batches.upper_bound(sequence);
  for (auto it = attempt.batches.begin(); it != end; ++it) --it->second.segment->live;
  attempt.batches.erase(attempt.batches.begin(), end);
  attempt.acknowledged = std::max(attempt.acknowledged, sequence);
  v1::BatchAck note;
  *note.mutable_attempt() = KeyOf(ref);
  note.set_sequence(dropped ? 0 : sequence);
  note.set_stale(dropped);
  AppendRecord(kAcknowledgement, 0, note, &notes_);
  // While Append is on its way it still needs to know what is acknowledged; it cleans up.
  if (dropped || (attempt.batches.empty() && !appending_)) attempts_.erase(found);
  if (appending_) return;
  WriteNotes();
  RemoveDeadSegments();
}

void Spool::WriteNotes() {
  if (notes_.empty()) return;
  if (segments_.empty()) {  // nothing is on disk that the notes could speak of
    notes_.clear();
    return;
  }
  // After a restart nothing has been appended yet; the old segments are only read. A note that
  // cannot be written now is tried again with the next one; at worst a batch is sent twice.
  if (current_ == nullptr && !StartSegment().ok()) return;
  if (!WriteAt(current_->fd, current_->size, notes_, current_->path).ok()) return;
  current_->size += notes_.size();
  notes_.clear();
}

void Spool::RemoveDeadSegments() {
  bool any_live = false;
  for (const auto& [number, segment] : segments_) any_live |= segment->live > 0;
  for (auto it = segments_.begin(); it != segments_.end();) {
    const Segment& segment = *it->second;
    const bool written_to = it->second == current_;
    const bool in_use = segment.live > 0 || (written_to && appending_);
    if (!in_use && !written_to) {
      unlink(segment.path.c_str());
      it = segments_.erase(it);
      continue;
    }
    const bool large = segment.size >= std::min(options_.segment_bytes, options_.limit_bytes) / 8;
    if (!in_use && !any_live && large &&
        ftruncate(segment.fd, static_cast<off_t>(kMagic.size())) == 0) {
      it->second->size = kMagic.size();  // an idle spool takes no room
    }
    ++it;
  }
}

std::vector<Spool::Held> Spool::held() const {
  MutexLock lock(&mutex_);
  std::vector<Held> result;
  for (const auto& [ref, attempt] : attempts_) {
    if (attempt.batches.empty()) continue;
    const auto& [last, place] = *attempt.batches.rbegin();
    result.push_back(Held{ref, attempt.batches.begin()->first, last, place.end});
  }
  return result;
}

uint64_t Spool::disk_bytes() const {
  MutexLock lock(&mutex_);
  uint64_t bytes = 0;
  for (const auto& [number, segment] : segments_) bytes += segment->size;
  return bytes;
}

}  // namespace entrobench
