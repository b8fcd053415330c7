#include "coordinator/store/schema.h"

#include "gmock/gmock.h"
#include "tests/coordinator/store/store_fixture.h"

namespace entrobench {
namespace {

using testing::HasSubstr;

class SchemaTest : public testing::Test {
 protected:
  std::unique_ptr<Connection> Open() {
    auto db = Connection::Open(folder_.path() + "/entrobench.db", Connection::Mode::kReadWrite);
    EXPECT_TRUE(db.ok()) << db.status();
    return *std::move(db);
  }
  TemporaryFolder folder_;
};

TEST_F(SchemaTest, MigratesAnEmptyFileOnce) {
  const auto db = Open();
  EXPECT_EQ(*db->QueryInt("PRAGMA user_version"), 0);
  ASSERT_TRUE(MigrateSchema(db.get()).ok());
  EXPECT_EQ(*db->QueryInt("PRAGMA user_version"), SchemaVersion());
  ASSERT_TRUE(db->Execute("INSERT INTO sweeps (name, yaml, weight, priority, state, created_ms, "
                          "trials_running) VALUES ('a', '', 1, 0, 1, 0, 0)")
                  .ok());
  ASSERT_TRUE(MigrateSchema(db.get()).ok());
  EXPECT_EQ(*db->QueryInt("SELECT COUNT(*) FROM sweeps"), 1);
}

TEST_F(SchemaTest, RefusesADatabaseFromTheFutureAndLeavesItAlone) {
  ASSERT_TRUE(Open()->Execute("PRAGMA user_version = 4711").ok());
  Store::Options options;
  options.data_dir = folder_.path();
  const auto store = Store::Open(options);
  EXPECT_EQ(store.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(store.status().message(), HasSubstr("schema version 4711"));
  EXPECT_THAT(store.status().message(), HasSubstr("entrobench.db"));
  const auto db = Open();
  EXPECT_EQ(*db->QueryInt("PRAGMA user_version"), 4711);
  EXPECT_EQ(*db->QueryInt("SELECT COUNT(*) FROM sqlite_master"), 0);
}

TEST_F(SchemaTest, RefusesAFileThatIsNoDatabase) {
  FILE* file = fopen((folder_.path() + "/entrobench.db").c_str(), "w");
  for (int i = 0; i < 1000; ++i) fputs("this is no database\n", file);
  fclose(file);
  Store::Options options;
  options.data_dir = folder_.path();
  EXPECT_EQ(Store::Open(options).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(SchemaTest, EveryTableIsStrictAndForeignKeysHold) {
  const auto db = Open();
  ASSERT_TRUE(MigrateSchema(db.get()).ok());
  EXPECT_GT(*db->QueryInt("SELECT COUNT(*) FROM pragma_table_list WHERE schema = 'main' AND type = "
                          "'table' AND name NOT LIKE 'sqlite_%'"),
            10);
  EXPECT_EQ(*db->QueryInt("SELECT COUNT(*) FROM pragma_table_list WHERE schema = 'main' AND type = "
                          "'table' AND name NOT LIKE 'sqlite_%' AND NOT strict"),
            0);
  EXPECT_EQ(db->Execute("INSERT INTO jobs (trial_id, first_sample, end_sample, state) "
                        "VALUES (1, 0, 1, 1)")
                .code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace entrobench
