#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/store/reader.h"
#include "coordinator/store/sqlite.h"
#include "coordinator/store/sweep_rows.h"

namespace entrobench {
namespace {

// Every row's first column as a message.
template <typename Message>
absl::Status ReadMessages(Connection& db, absl::string_view sql, std::vector<Message>* messages) {
  Statement rows = db.Prepare(sql);
  while (rows.Next()) {
    const absl::string_view bytes = rows.Text(0);
    if (!messages->emplace_back().ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return absl::DataLossError(absl::StrCat("a damaged message in the database: ", sql));
    }
  }
  return rows.status();
}

}  // namespace

absl::StatusOr<Catalogue> Reader::LoadCatalogue() {
  Catalogue all;
  EB_RETURN_IF_ERROR(
      ReadMessages(*db_, "SELECT info FROM methods ORDER BY method_id, version", &all.methods));
  EB_RETURN_IF_ERROR(
      ReadMessages(*db_, "SELECT info FROM suites ORDER BY suite_id, version", &all.suites));
  EB_RETURN_IF_ERROR(
      ReadMessages(*db_, "SELECT info FROM registered_suites ORDER BY suite_id", &all.registered));
  EB_RETURN_IF_ERROR(ReadMessages(*db_, "SELECT info FROM models ORDER BY name", &all.models));
  return all;
}

absl::StatusOr<std::vector<v1::WorkerStatus>> Reader::ListWorkers() {
  std::vector<v1::WorkerStatus> workers;
  Statement rows = db_->Prepare(
      "SELECT hello, last_seen_ms, jobs_done, methods FROM workers ORDER BY name, worker_id");
  while (rows.Next()) {
    v1::Hello hello;
    const absl::string_view bytes = rows.Text(0);
    if (!hello.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return absl::DataLossError("a worker's description in the database is damaged");
    }
    v1::WorkerStatus& worker = workers.emplace_back();
    worker.set_worker_id(hello.worker_id());
    worker.set_name(hello.name());
    *worker.mutable_inventory() = hello.inventory();
    worker.set_build(hello.build());
    worker.set_last_seen(FormatTime(rows.Int(1)));
    worker.set_jobs_done(rows.UInt(2));
    worker.set_methods(rows.UInt(3));
  }
  EB_RETURN_IF_ERROR(rows.status());
  return workers;
}

absl::StatusOr<ArtifactRecord> Reader::GetArtifact(absl::string_view digest) {
  Statement row = db_->Prepare("SELECT size_bytes, file_name FROM artifacts WHERE digest = ?");
  if (!row.Bind(digest).Next()) {
    if (!row.status().ok()) return row.status();
    return absl::NotFoundError(absl::StrCat("no file with digest ", digest));
  }
  return ArtifactRecord{std::string(digest), row.UInt(0), row.String(1)};
}

}  // namespace entrobench
