// An evaluator that behaves as its attempt's method says: well, or badly in one exact way. It
// shares no code with the real one but the frames.
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/frame.h"
#include "entrobench/v1/evaluator.pb.h"

namespace entrobench {
namespace {

constexpr int kIn = 3;
constexpr int kOut = 4;

void Send(const v1::FromEvaluator& message) { (void)WriteFrame(kOut, message); }

[[noreturn]] void HangForEver() {
  for (;;) pause();
}

void SendSample(uint64_t id, size_t padding) {
  v1::FromEvaluator message;
  message.mutable_sample()->set_sample_id(id);
  message.mutable_sample()->set_score(1);
  message.mutable_sample()->set_answer(absl::StrCat("answer ", id));
  if (padding > 0)
    message.mutable_sample()->mutable_payload()->set_prompt(std::string(padding, 'x'));
  Send(message);
}

void SendEnd(v1::AttemptEnd::Outcome outcome, const std::string& error) {
  v1::FromEvaluator message;
  message.mutable_end()->set_outcome(outcome);
  message.mutable_end()->set_error(error);
  Send(message);
}

std::string OpenDescriptors() {
  std::set<int> open;
  DIR* const folder = opendir("/proc/self/fd");
  for (const dirent* entry = readdir(folder); entry != nullptr; entry = readdir(folder)) {
    if (entry->d_name[0] != '.') open.insert(std::atoi(entry->d_name));
  }
  open.erase(dirfd(folder));
  closedir(folder);
  return absl::StrJoin(open, ",");
}

void Run(const v1::RunAttempt& run) {
  const v1::StartAttempt& start = run.start();
  const std::string& method = start.trial().method().id();
  const auto text = [&](const std::string& name) {
    const auto found = start.trial().method().params().find(name);
    return found != start.trial().method().params().end() ? found->second.text() : std::string();
  };
  const std::set<uint64_t> skip(start.skip().begin(), start.skip().end());
  const size_t padding = method == "flood" ? 8192 : 0;
  const uint64_t middle = (start.begin() + start.end()) / 2;

  if (method == "count") printf("llama_model_load: loaded %s\n", run.model_path().c_str());
  if (method == "exit") _exit(3);
  if (method == "garbage") {
    for (int i = 0; i < 64; ++i) (void)!write(kOut, "\xde\xad\xbe\xef garbage ", 13);
    HangForEver();
  }
  if (method == "close") {
    close(kOut);
    HangForEver();
  }
  if (method == "patient") {
    v1::ToEvaluator message;
    (void)ReadFrame(kIn, &message);
    SendEnd(v1::AttemptEnd::OUTCOME_CANCELLED, "cancelled");
    return;
  }
  if (method == "eat") {
    for (int i = 0; i < 64; ++i) {
      volatile char* const block = static_cast<char*>(malloc(16 << 20));
      for (size_t at = 0; at < (16u << 20); at += 4096) block[at] = 1;
      SendSample(static_cast<uint64_t>(i), 0);
      usleep(20'000);  // time enough to be caught on the way
    }
    HangForEver();
  }
  if (method == "describe") {
    SendEnd(v1::AttemptEnd::OUTCOME_FAILED,
            absl::StrCat("descriptors ", OpenDescriptors(), "; threads ", run.threads(), "; model ",
                         run.model_path(), "; data ", run.data_path(), "; group leader ",
                         getpgrp() == getpid(), "; companions ",
                         absl::StrJoin(run.companion_paths(), ","), "; cache ", run.cache_dir()));
    return;
  }
  for (uint64_t id = start.begin(); id < start.end(); ++id) {
    if (method == "gate" && id == middle) {
      const int gate = open(text("gate").c_str(), O_RDONLY);  // until somebody opens it to write
      close(gate);
    }
    if (id == middle && method == "hang") HangForEver();
    if (id == middle && method == "segv") {
      fprintf(stderr, "ggml_new_object: not enough space\nabout to fall over \xff\n");
      signal(SIGSEGV, SIG_DFL);
      raise(SIGSEGV);
    }
    if (id == middle && method == "half") {
      (void)!write(kOut, "\x40\x00\x00\x00half", 8);
      _exit(0);
    }
    if (skip.count(id) == 0) SendSample(id, padding);
  }
  if (method == "refuse") {
    SendEnd(v1::AttemptEnd::OUTCOME_REFUSED, "line 3 of the data is no JSON");
    return;
  }
  SendEnd(v1::AttemptEnd::OUTCOME_DONE, "");
}

int Main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  signal(SIGPIPE, SIG_IGN);
  setvbuf(stdout, nullptr, _IONBF, 0);
  if (mode == "dies") {
    fprintf(stderr, "error while loading shared libraries: libtorch.so\n");
    return 127;
  }
  if (mode == "mute") HangForEver();
  v1::FromEvaluator hello;
  v1::Catalog* catalog = hello.mutable_hello()->mutable_catalog();
  catalog->set_build("fake");
  catalog->add_methods()->set_id("count");
  catalog->add_suites()->set_id("numbers");
  hello.mutable_hello()->set_blas("FakeBLAS");
  Send(hello);
  for (;;) {
    v1::ToEvaluator message;
    if (!ReadFrame(kIn, &message).ok()) return 0;
    if (message.has_run()) {
      Run(message.run());
    } else if (message.has_inspect()) {
      const v1::InspectRequest& request = message.inspect().request();
      if (request.suite() == "segv") raise(SIGSEGV);
      v1::FromEvaluator reply;
      reply.mutable_inspect_reply()->set_request_id(request.request_id());
      reply.mutable_inspect_reply()->mutable_suite()->set_id(request.suite());
      reply.mutable_inspect_reply()->mutable_suite()->set_data_format(
          message.inspect().data_path());
      reply.mutable_inspect_reply()->mutable_suite()->set_definition(message.inspect().cache_dir());
      Send(reply);
    }
  }
}

}  // namespace
}  // namespace entrobench

int main(int argc, char** argv) { return entrobench::Main(argc, argv); }
