#include "coordinator/store/sqlite.h"

#include <limits>

#include "gmock/gmock.h"
#include "tests/coordinator/store/store_fixture.h"

namespace entrobench {
namespace {

using testing::HasSubstr;

class SqliteTest : public testing::Test {
 protected:
  SqliteTest() {
    auto db = Connection::Open(folder_.path() + "/test.db", Connection::Mode::kReadWrite);
    EXPECT_TRUE(db.ok());
    db_ = *std::move(db);
    EXPECT_TRUE(
        db_->Execute("CREATE TABLE t (i INTEGER UNIQUE, r REAL, s TEXT, b BLOB) STRICT").ok());
  }
  TemporaryFolder folder_;
  std::unique_ptr<Connection> db_;
};

TEST_F(SqliteTest, GivesBackWhatWasBound) {
  const std::string text("a\0b", 3);
  const auto big = std::numeric_limits<uint64_t>::max();
  ASSERT_TRUE(db_->Prepare("INSERT INTO t VALUES (?, ?, ?, ?)")
                  .Bind(big, 0.1, text, Blob{text})
                  .Run()
                  .ok());
  Statement row = db_->Prepare("SELECT i, r, s, b FROM t");
  ASSERT_TRUE(row.Next());
  EXPECT_EQ(row.UInt(0), big);
  EXPECT_EQ(row.Real(1), 0.1);
  EXPECT_EQ(row.Text(2), text);
  EXPECT_EQ(row.Text(3), text);
  EXPECT_FALSE(row.Next());
  EXPECT_TRUE(row.status().ok());
}

TEST_F(SqliteTest, TellsEmptyTextFromNull) {
  ASSERT_TRUE(
      db_->Prepare("INSERT INTO t VALUES (?, ?, ?, ?)")
          .Bind(std::optional<int64_t>(), std::optional<double>(2), absl::string_view(), Blob{})
          .Run()
          .ok());
  Statement row = db_->Prepare("SELECT i, r, s, b FROM t");
  ASSERT_TRUE(row.Next());
  EXPECT_TRUE(row.IsNull(0));
  EXPECT_EQ(row.Real(1), 2);
  EXPECT_FALSE(row.IsNull(2));
  EXPECT_FALSE(row.IsNull(3));
  EXPECT_EQ(row.Text(2), "");
}

TEST_F(SqliteTest, SaysWhatACallerCanDo) {
  EXPECT_EQ(db_->Prepare("SELECT nonsense FROM t").Run().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(db_->Prepare("SELECT nonsense FROM t").Run().message(),
              HasSubstr("no such column: nonsense"));
  ASSERT_TRUE(db_->Execute("INSERT INTO t (i) VALUES (1)").ok());
  EXPECT_EQ(db_->Execute("INSERT INTO t (i) VALUES (1)").code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(db_->Execute("INSERT INTO t (i) VALUES ('one')").code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(
      Connection::Open(folder_.path() + "/none.db", Connection::Mode::kReadOnly).status().code(),
      absl::StatusCode::kUnavailable);
}

TEST_F(SqliteTest, LendsAStatementOnceAtATime) {
  ASSERT_TRUE(db_->Execute("INSERT INTO t (i) VALUES (1), (2)").ok());
  {
    Statement outer = db_->Prepare("SELECT i FROM t ORDER BY i");
    ASSERT_TRUE(outer.Next());
    EXPECT_EQ(db_->Prepare("SELECT i FROM t ORDER BY i").Run().code(), absl::StatusCode::kInternal);
    ASSERT_TRUE(outer.Next());  // undisturbed
    EXPECT_EQ(outer.Int(0), 2);
  }
  EXPECT_TRUE(db_->Prepare("SELECT i FROM t ORDER BY i").Run().ok());
}

TEST_F(SqliteTest, ReadOnlyConnectionsCannotWrite) {
  auto reader = Connection::Open(folder_.path() + "/test.db", Connection::Mode::kReadOnly);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->Execute("INSERT INTO t (i) VALUES (1)").code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace entrobench
