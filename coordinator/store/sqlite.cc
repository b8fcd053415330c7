#include "coordinator/store/sqlite.h"

#include "absl/strings/str_cat.h"

namespace entrobench {
namespace {

constexpr int kBusyTimeoutMilliseconds = 10'000;

absl::StatusCode CodeOf(int extended) {
  if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY) {
    return absl::StatusCode::kAlreadyExists;
  }
  switch (extended & 0xff) {
    case SQLITE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
      return absl::StatusCode::kUnavailable;
    case SQLITE_CONSTRAINT:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return absl::StatusCode::kFailedPrecondition;
    case SQLITE_TOOBIG:
      return absl::StatusCode::kInvalidArgument;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status ErrorOf(sqlite3* db, absl::string_view doing) {
  const int extended = sqlite3_extended_errcode(db);
  return absl::Status(CodeOf(extended), absl::StrCat("SQLite: ", sqlite3_errmsg(db), " (code ",
                                                     extended, ") in: ", doing.substr(0, 160)));
}

}  // namespace

bool Statement::Next() {
  if (!status_.ok()) return false;
  const int result = sqlite3_step(stmt_);
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) status_ = ErrorOf(db_, sqlite3_sql(stmt_));
  sqlite3_reset(stmt_);
  return false;
}

absl::string_view Statement::Text(int column) const {
  const void* bytes = sqlite3_column_blob(stmt_, column);
  return absl::string_view(static_cast<const char*>(bytes),
                           static_cast<size_t>(sqlite3_column_bytes(stmt_, column)));
}

void Statement::BindNull(int index) {
  if (stmt_ != nullptr) sqlite3_bind_null(stmt_, index);
}

void Statement::BindInt(int index, int64_t value) {
  if (stmt_ != nullptr) sqlite3_bind_int64(stmt_, index, value);
}

void Statement::BindReal(int index, double value) {
  if (stmt_ != nullptr) sqlite3_bind_double(stmt_, index, value);
}

void Statement::BindText(int index, absl::string_view value) {
  if (stmt_ == nullptr) return;
  // A null pointer would bind NULL instead of the empty text.
  sqlite3_bind_text64(stmt_, index, value.empty() ? "" : value.data(), value.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
}

void Statement::BindBlob(int index, absl::string_view value) {
  if (stmt_ == nullptr) return;
  sqlite3_bind_blob64(stmt_, index, value.empty() ? "" : value.data(), value.size(), SQLITE_STATIC);
}

void Statement::Reset() {
  if (stmt_ != nullptr) sqlite3_reset(stmt_);
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& path, Mode mode) {
  sqlite3* db = nullptr;
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
      (mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int result = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  if (result != SQLITE_OK) {
    const absl::Status error = db != nullptr
                                   ? ErrorOf(db, absl::StrCat("open ", path))
                                   : absl::ResourceExhaustedError("SQLite: out of memory");
    sqlite3_close_v2(db);
    return error;
  }
  sqlite3_busy_timeout(db, kBusyTimeoutMilliseconds);
  std::unique_ptr<Connection> connection(new Connection(db));
  if (const absl::Status status = connection->Execute("PRAGMA foreign_keys = ON"); !status.ok()) {
    return status;
  }
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, prepared] : prepared_) sqlite3_finalize(prepared.stmt);
  sqlite3_close_v2(db_);
}

absl::Status Connection::Execute(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return ErrorOf(db_, sql);
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Connection::QueryInt(absl::string_view sql) {
  Statement statement = Prepare(sql);
  if (!statement.Next()) {
    if (!statement.status().ok()) return statement.status();
    return absl::NotFoundError(absl::StrCat("no row: ", sql));
  }
  return statement.Int(0);
}

Statement Connection::Prepare(absl::string_view sql) {
  if (const auto it = prepared_.find(sql); it != prepared_.end()) {
    if (!it->second.lent) return Statement(db_, &it->second, absl::OkStatus());
    return Statement(db_, nullptr, absl::InternalError(absl::StrCat("used twice at once: ", sql)));
  }
  sqlite3_stmt* stmt = nullptr;
  if (sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &stmt, nullptr) != SQLITE_OK) {
    return Statement(db_, nullptr, ErrorOf(db_, sql));
  }
  PreparedText& prepared = prepared_[std::string(sql)];
  prepared.stmt = stmt;
  return Statement(db_, &prepared, absl::OkStatus());
}

}  // namespace entrobench
