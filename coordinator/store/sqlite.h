// SQLite's C API with owners and statuses: a Connection, and Statements that are prepared once.
//
//   Statement rows = db.Prepare("SELECT name, weight FROM sweeps WHERE sweep_id = ?");
//   rows.Bind(id);
//   while (rows.Next()) Use(rows.Text(0), rows.Real(1));
//   EB_RETURN_IF_ERROR(rows.status());
//
// Not for two threads at once. Errors carry SQLite's message and the statement; the code says what
// a caller can do: ResourceExhausted (disk full), DataLoss (the file is damaged), Unavailable (the
// disk failed, or somebody else holds the file locked), AlreadyExists (a UNIQUE or PRIMARY KEY is
// taken), FailedPrecondition (another constraint), Internal (our own mistake).
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entrobench {

// Binds as a BLOB; a plain string binds as TEXT.
struct Blob {
  absl::string_view bytes;
};

// What a connection keeps of a text that it has prepared once.
struct PreparedText {
  sqlite3_stmt* stmt = nullptr;
  bool lent = false;
};

// A prepared statement on loan from its connection, which gets it back, reset, at the end.
class Statement {
 public:
  // `prepared` is null when there is none to lend: `status` says why.
  Statement(sqlite3* db, PreparedText* prepared, absl::Status status)
      : db_(db),
        prepared_(prepared),
        stmt_(prepared == nullptr ? nullptr : prepared->stmt),
        status_(std::move(status)) {
    if (prepared_ != nullptr) prepared_->lent = true;
  }
  ~Statement() {
    Reset();
    if (prepared_ != nullptr) prepared_->lent = false;
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Binds all parameters in order; once more to run the statement again. Text and blobs are not
  // copied: they must live until the statement has run. Unsigned numbers are stored as int64 of the
  // same bits; an empty optional is NULL.
  template <typename... Values>
  Statement& Bind(const Values&... values) {
    Reset();
    int index = 0;
    (BindOne(++index, values), ...);
    return *this;
  }

  // To the next row; false at the end or on an error.
  bool Next();

  // Runs a statement that gives no rows.
  absl::Status Run() {
    while (Next()) {
    }
    return status_;
  }

  const absl::Status& status() const { return status_; }

  // Columns of the current row, from 0. Text and blob views hold until the next call of Next.
  int64_t Int(int column) const { return sqlite3_column_int64(stmt_, column); }
  uint64_t UInt(int column) const { return static_cast<uint64_t>(Int(column)); }
  double Real(int column) const { return sqlite3_column_double(stmt_, column); }
  bool IsNull(int column) const { return sqlite3_column_type(stmt_, column) == SQLITE_NULL; }
  absl::string_view Text(int column) const;  // of a BLOB too
  std::string String(int column) const { return std::string(Text(column)); }

 private:
  template <typename Value>
  void BindOne(int index, const Value& value) {
    if constexpr (std::is_same_v<Value, Blob>) {
      BindBlob(index, value.bytes);
    } else if constexpr (std::is_same_v<Value, std::nullopt_t>) {
      BindNull(index);
    } else if constexpr (std::is_enum_v<Value> || std::is_integral_v<Value>) {
      BindInt(index, static_cast<int64_t>(value));
    } else if constexpr (std::is_floating_point_v<Value>) {
      BindReal(index, static_cast<double>(value));
    } else if constexpr (std::is_convertible_v<const Value&, absl::string_view>) {
      BindText(index, absl::string_view(value));
    } else {  // std::optional of one of the above
      if (value.has_value()) {
        BindOne(index, *value);
      } else {
        BindNull(index);
      }
    }
  }
  void BindNull(int index);
  void BindInt(int index, int64_t value);
  void BindReal(int index, double value);
  void BindText(int index, absl::string_view value);
  void BindBlob(int index, absl::string_view value);
  void Reset();

  sqlite3* const db_;
  PreparedText* const prepared_;
  sqlite3_stmt* const stmt_;
  absl::Status status_;
};

class Connection {
 public:
  enum class Mode { kReadWrite, kReadOnly };

  // kReadWrite makes the file when it is not there. Either way: foreign keys on, and waits up to
  // 10 seconds for a lock that somebody else (the sqlite3 shell) holds.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& path, Mode mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Any number of statements without parameters, rows ignored.
  absl::Status Execute(const std::string& sql);

  // The first value of the first row.
  absl::StatusOr<int64_t> QueryInt(absl::string_view sql);

  // Never fails itself: a statement that cannot be prepared, or whose text is still on loan
  // (Internal), says so when it is run.
  Statement Prepare(absl::string_view sql);

  // Rows that the last INSERT, UPDATE or DELETE changed.
  int64_t changes() const { return sqlite3_changes64(db_); }
  // Of all statements since the connection was opened.
  int64_t total_changes() const { return sqlite3_total_changes64(db_); }
  int64_t last_insert_id() const { return sqlite3_last_insert_rowid(db_); }
  // False when an error made SQLite roll the transaction back by itself.
  bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

 private:
  explicit Connection(sqlite3* db) : db_(db) {}
  sqlite3* const db_;
  absl::node_hash_map<std::string, PreparedText> prepared_;
};

}  // namespace entrobench
