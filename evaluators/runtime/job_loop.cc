#include "evaluators/runtime/job_loop.h"

#include <unistd.h>

#include <exception>
#include <new>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/build_info.h"
#include "common/frame.h"
#include "common/logging.h"
#include "common/nearest.h"
#include "evaluators/runtime/attempt_sink.h"

namespace entrobench {
namespace {

template <typename Info>
std::vector<std::string> Names(const std::map<std::string, Info>& infos) {
  std::vector<std::string> names;
  for (const auto& [name, info] : infos) names.push_back(name);
  return names;
}

v1::AttemptEnd EndOf(const absl::Status& status) {
  v1::AttemptEnd end;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      end.set_outcome(v1::AttemptEnd::OUTCOME_DONE);
      break;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
      end.set_outcome(v1::AttemptEnd::OUTCOME_REFUSED);
      break;
    case absl::StatusCode::kCancelled:
      end.set_outcome(v1::AttemptEnd::OUTCOME_CANCELLED);
      break;
    default:
      end.set_outcome(v1::AttemptEnd::OUTCOME_FAILED);
  }
  end.set_error(std::string(status.message()));
  return end;
}

// Families do not throw, but what they are built on may.
template <typename Function>
absl::Status WithoutExceptions(Function function) {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory");
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("exception: ", error.what()));
  }
}

}  // namespace

absl::StatusOr<v1::Catalog> MakeCatalog(const std::vector<Family*>& families) {
  v1::Catalog catalog;
  catalog.set_build(BuildId());
  for (const Family* family : families) family->Describe(&catalog);
  std::set<std::string> ids;
  for (const v1::MethodInfo& method : catalog.methods()) {
    if (!ids.insert(method.id()).second) {
      return absl::InternalError(absl::StrCat("two methods are called '", method.id(), "'"));
    }
  }
  ids.clear();
  for (const v1::SuiteInfo& suite : catalog.suites()) {
    if (!ids.insert(suite.id()).second) {
      return absl::InternalError(absl::StrCat("two suites are called '", suite.id(), "'"));
    }
  }
  return catalog;
}

JobLoop::JobLoop(std::vector<Family*> families, Options options)
    : families_(std::move(families)), options_(std::move(options)), writer_(options_.to_worker) {}

JobLoop::~JobLoop() = default;

absl::Status JobLoop::Run() {
  auto catalog = MakeCatalog(families_);
  if (!catalog.ok()) return catalog.status();
  catalog_ = *std::move(catalog);
  for (const v1::MethodInfo& method : catalog_.methods()) methods_[method.id()] = &method;
  for (const v1::SuiteInfo& suite : catalog_.suites()) suites_[suite.id()] = &suite;
  for (Family* family : families_) families_by_name_[family->name()] = family;

  v1::FromEvaluator hello;
  *hello.mutable_hello()->mutable_catalog() = catalog_;
  hello.mutable_hello()->set_blas(options_.blas);
  writer_.Write(hello);

  std::thread reader([this] { ReadMessages(); });
  for (;;) {
    Request request;
    {
      MutexLock lock(&mutex_);
      while (requests_.empty() && !closed_) wake_.Wait(&mutex_);
      if (closed_) break;
      request = std::move(requests_.front());
      requests_.pop_front();
    }
    if (request.message.has_run()) {
      current_ = request.cancel;
      HandleRun(request.message.run());
    } else if (request.message.has_inspect()) {
      HandleInspect(request.message.inspect());
    }
  }
  reader.join();
  return absl::OkStatus();
}

void JobLoop::ReadMessages() {
  for (;;) {
    Request request;
    const absl::Status status = ReadFrame(options_.from_worker, &request.message);
    if (!status.ok()) {
      if (!absl::IsOutOfRange(status)) EB_LOG(ERROR) << "from the worker: " << status.message();
      if (!options_.worker_gone) _exit(status.code() == absl::StatusCode::kOutOfRange ? 0 : 1);
      {
        MutexLock lock(&mutex_);
        closed_ = true;
        if (latest_ != nullptr) latest_->Cancel();
      }
      options_.worker_gone();
      wake_.NotifyOne();
      return;
    }
    {
      MutexLock lock(&mutex_);
      if (request.message.has_cancel()) {
        if (latest_ != nullptr) latest_->Cancel();
        continue;
      }
      if (request.message.has_run()) {
        request.cancel = std::make_shared<CancelToken>();
        latest_ = request.cancel;
      }
      requests_.push_back(std::move(request));
    }
    wake_.NotifyOne();
  }
}

void JobLoop::HandleRun(const v1::RunAttempt& run) {
  const v1::StartAttempt& start = run.start();
  AttemptSink sink(start, &writer_, current_.get());
  absl::Status status = WithoutExceptions([&]() -> absl::Status {
    if (start.end() > start.trial().samples() || start.begin() > start.end()) {
      return absl::InvalidArgumentError(absl::StrCat("samples ", start.begin(), " to ", start.end(),
                                                     " of ", start.trial().samples(),
                                                     " are no slice of this trial"));
    }
    const auto family = FamilyOf(start.trial());
    if (!family.ok()) return family.status();
    if (current_->cancelled()) return absl::CancelledError("cancelled before it began");
    return (*family)->Run(run, &sink, *current_);
  });
  v1::FromEvaluator message;
  *message.mutable_end() = EndOf(sink.Finish(std::move(status)));
  writer_.Write(message);
}

void JobLoop::HandleInspect(const v1::InspectData& inspect) {
  v1::FromEvaluator message;
  v1::InspectReply* reply = message.mutable_inspect_reply();
  const absl::Status status = WithoutExceptions([&]() -> absl::Status {
    const auto family = FamilyOf(inspect.request());
    if (!family.ok()) return family.status();
    (*family)->Inspect(inspect, reply);
    return absl::OkStatus();
  });
  if (!status.ok()) reply->add_errors(std::string(status.message()));
  reply->set_request_id(inspect.request().request_id());
  writer_.Write(message);
}

absl::StatusOr<Family*> JobLoop::FamilyOf(const v1::Trial& trial) const {
  const v1::MethodConfig& config = trial.method();
  const auto found = methods_.find(config.id());
  // Not the input's fault: another worker may have what this one lacks.
  if (found == methods_.end()) {
    return absl::NotFoundError(absl::StrCat("this evaluator (", catalog_.build(),
                                            ") has no method '", config.id(), "'",
                                            Suggestion(config.id(), Names(methods_))));
  }
  const v1::MethodInfo& method = *found->second;
  if (method.version() != config.version()) {
    return absl::NotFoundError(absl::StrCat("this evaluator (", catalog_.build(), ") has version ",
                                            method.version(), " of ", config.id(),
                                            ", the trial wants ", config.version()));
  }
  const auto suite = suites_.find(trial.suite().id());
  if (suite != suites_.end() && suite->second->family() != method.family()) {
    return absl::InvalidArgumentError(absl::StrCat("method ", config.id(), " (", method.family(),
                                                   ") cannot run on suite ", trial.suite().id(),
                                                   " (", suite->second->family(), ")"));
  }
  if (suite == suites_.end() && trial.suite().definition().empty()) {
    return absl::NotFoundError(absl::StrCat("this evaluator (", catalog_.build(),
                                            ") has no suite '", trial.suite().id(), "'",
                                            Suggestion(trial.suite().id(), Names(suites_))));
  }
  return families_by_name_.at(method.family());
}

absl::StatusOr<Family*> JobLoop::FamilyOf(const v1::InspectRequest& request) const {
  const auto suite = suites_.find(request.suite());
  if (suite != suites_.end() && request.definition().empty()) {
    return families_by_name_.at(suite->second->family());
  }
  if (!request.definition().empty()) {
    for (Family* family : families_) {
      if (family->ReadsDefinition(request.definition())) return family;
    }
    return absl::InvalidArgumentError(
        absl::StrCat("no family of suites reads the definition of '", request.suite(), "'"));
  }
  return absl::NotFoundError(absl::StrCat("no suite '", request.suite(), "'",
                                          Suggestion(request.suite(), Names(suites_))));
}

}  // namespace entrobench
