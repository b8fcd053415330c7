#include "coordinator/services/entrobench_service.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/build_info.h"
#include "common/nearest.h"
#include "coordinator/services/answer.h"
#include "coordinator/services/catalogue.h"
#include "coordinator/services/change_watch.h"
#include "coordinator/services/export_stream.h"
#include "coordinator/services/models.h"
#include "coordinator/services/statistics.h"
#include "coordinator/services/sweep_watch.h"
#include "coordinator/services/trial_detail.h"
#include "coordinator/services/upload.h"
#include "coordinator/services/worker_fit.h"
#include "coordinator/sweep/job_cutter.h"
#include "coordinator/sweep/sweep_parser.h"

namespace entrobench {
namespace {

// What a sweep would be, without creating it.
v1::SweepStatus SizeOf(const SweepPlan& plan) {
  v1::SweepStatus status;
  status.set_name(plan.name);
  status.set_trials(plan.trials.size());
  for (const v1::Trial& trial : plan.trials) {
    status.set_samples(status.samples() + trial.samples());
    status.set_jobs(status.jobs() + CutJobs(trial, {}).size());
  }
  return status;
}

NewSweep NewSweepOf(SweepPlan&& plan, const v1::SubmitSweepRequest& request) {
  NewSweep sweep;
  sweep.name = std::move(plan.name);
  sweep.yaml = request.yaml();
  sweep.weight = plan.weight;
  sweep.priority = plan.priority;
  sweep.fresh = request.fresh();
  sweep.trials = std::move(plan.trials);
  sweep.cut_jobs = [](const v1::Trial& trial, const std::vector<uint64_t>& existing) {
    std::vector<SampleRange> ranges;
    for (const JobSlice& slice : CutJobs(trial, existing))
      ranges.push_back({slice.begin, slice.end});
    return ranges;
  };
  return sweep;
}

}  // namespace

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

EntrobenchServiceImpl::EntrobenchServiceImpl(Store* store, Dispatcher* dispatcher,
                                             Statistics* statistics, Artifacts* artifacts,
                                             Executor* files, Changes* changes,
                                             std::string web_address)
    : store_(store),
      dispatcher_(dispatcher),
      statistics_(statistics),
      artifacts_(artifacts),
      files_(files),
      changes_(changes),
      web_address_(std::move(web_address)),
      started_at_(absl::Now()) {}

ServerUnaryReactor* EntrobenchServiceImpl::GetServer(CallbackServerContext* context,
                                                     const v1::GetServerRequest*,
                                                     v1::Server* reply) {
  return AnswerFromStore(
      context, store_, reply, [this](Reader& reader) -> absl::StatusOr<v1::Server> {
        v1::Server server;
        server.set_version(kVersion);
        server.set_build(BuildId());
        server.set_data_dir(store_->data_dir());
        server.set_web_address(web_address_);
        server.set_started_at(
            absl::FormatTime(absl::RFC3339_sec, started_at_, absl::UTCTimeZone()));
        server.set_sweeps(reader.CountSweeps().value_or(0));
        server.set_samples(reader.CountSamples().value_or(0));
        server.set_workers(static_cast<uint64_t>(dispatcher_->connected_workers()));
        return server;
      });
}

// ---- Sweeps

ServerUnaryReactor* EntrobenchServiceImpl::SubmitSweep(CallbackServerContext* context,
                                                       const v1::SubmitSweepRequest* request,
                                                       v1::SubmitSweepReply* reply) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  store_->Read([this, reactor, request, reply](Reader& reader) {
    auto catalogue = reader.LoadCatalogue();
    if (!catalogue.ok()) {
      reactor->Finish(ToGrpc(catalogue.status()));
      return;
    }
    const SweepCatalog catalog = CurrentCatalog(*catalogue);
    if (catalog.methods.empty()) {
      reactor->Finish(
          ToGrpc(absl::FailedPreconditionError("no worker has ever connected to this coordinator, "
                                               "so it knows no methods yet; start one with: "
                                               "entrobench-worker --coordinator ADDRESS")));
      return;
    }
    auto parsed = ParseSweep(request->yaml(), request->file_name(), catalog);
    if (!parsed.ok()) {
      reactor->Finish(ToGrpc(parsed.status()));
      return;
    }
    auto plan = std::make_shared<SweepPlan>(*std::move(parsed));
    for (const std::string& warning : plan->warnings) reply->add_warnings(warning);
    dispatcher_->AddLiveState(
        reader.ListWorkers().value_or(std::vector<v1::WorkerStatus>()),
        [this, reactor, request, reply, plan](const std::vector<v1::WorkerStatus>& workers) {
          for (std::string& warning : FitWarnings(plan->trials, workers))
            reply->add_warnings(std::move(warning));
          if (request->dry_run()) {
            *reply->mutable_sweep() = SizeOf(*plan);
            reactor->Finish(grpc::Status::OK);
            return;
          }
          dispatcher_->Submit(NewSweepOf(std::move(*plan), *request),
                              [reactor, reply](absl::StatusOr<CreatedSweep> created) {
                                if (created.ok())
                                  *reply->mutable_sweep() = std::move(created->status);
                                reactor->Finish(ToGrpc(created.status()));
                              });
        });
  });
  return reactor;
}

ServerUnaryReactor* EntrobenchServiceImpl::ListSweeps(CallbackServerContext* context,
                                                      const v1::ListSweepsRequest*,
                                                      v1::ListSweepsReply* reply) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  store_->Read([this, reactor, reply](Reader& reader) {
    auto sweeps = reader.ListSweeps();
    if (!sweeps.ok()) {
      reactor->Finish(ToGrpc(sweeps.status()));
      return;
    }
    dispatcher_->AddLiveState(*std::move(sweeps),
                              [reactor, reply](std::vector<v1::SweepStatus> statuses) {
                                for (v1::SweepStatus& status : statuses)
                                  *reply->add_sweeps() = std::move(status);
                                reactor->Finish(grpc::Status::OK);
                              });
  });
  return reactor;
}

ServerUnaryReactor* EntrobenchServiceImpl::GetSweep(CallbackServerContext* context,
                                                    const v1::GetSweepRequest* request,
                                                    v1::GetSweepReply* reply) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  store_->Read([this, reactor, request, reply](Reader& reader) {
    auto sweep = reader.GetSweep(request->id());
    if (!sweep.ok()) {
      reactor->Finish(ToGrpc(sweep.status()));
      return;
    }
    *reply = *std::move(sweep);
    dispatcher_->AddLiveState(std::vector<v1::SweepStatus>{reply->status()},
                              [reactor, reply](std::vector<v1::SweepStatus> statuses) {
                                *reply->mutable_status() = std::move(statuses[0]);
                                reactor->Finish(grpc::Status::OK);
                              });
  });
  return reactor;
}

grpc::ServerWriteReactor<v1::SweepStatus>* EntrobenchServiceImpl::WatchSweep(
    CallbackServerContext*, const v1::GetSweepRequest* request) {
  return WatchSweepStatus(request->id(), store_, dispatcher_);
}

grpc::ServerWriteReactor<v1::Change>* EntrobenchServiceImpl::Watch(CallbackServerContext*,
                                                                   const v1::WatchRequest*) {
  return WatchChanges(changes_, dispatcher_);
}

ServerUnaryReactor* EntrobenchServiceImpl::CancelSweep(CallbackServerContext* context,
                                                       const v1::SweepRef* request,
                                                       v1::SweepStatus* reply) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  dispatcher_->Cancel(request->id(), [reactor, reply](absl::StatusOr<v1::SweepStatus> status) {
    Answer(reactor, reply, std::move(status));
  });
  return reactor;
}

ServerUnaryReactor* EntrobenchServiceImpl::RetrySweep(CallbackServerContext* context,
                                                      const v1::SweepRef* request,
                                                      v1::SweepStatus* reply) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  dispatcher_->Retry(request->id(), [reactor, reply](absl::StatusOr<v1::SweepStatus> status) {
    Answer(reactor, reply, std::move(status));
  });
  return reactor;
}

// ---- Results

ServerUnaryReactor* EntrobenchServiceImpl::GetLeaderboard(CallbackServerContext* context,
                                                          const v1::LeaderboardRequest* request,
                                                          v1::Leaderboard* reply) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto read = [this, reactor, request, reply] {
    store_->Read([=, this](Reader& reader) {
      auto current = ReadLeaderboard(*request, reader);
      if (current.ok()) {
        if (current->stale) statistics_->Refresh(request->suite());
        *reply = std::move(current->board);
      }
      reactor->Finish(ToGrpc(current.status()));
    });
  };
  if (request->wait_for_statistics()) {
    statistics_->RefreshThen(request->suite(), read);
  } else {
    read();
  }
  return reactor;
}

ServerUnaryReactor* EntrobenchServiceImpl::ListSamples(CallbackServerContext* context,
                                                       const v1::ListSamplesRequest* request,
                                                       v1::ListSamplesReply* reply) {
  return AnswerFromStore(context, store_, reply,
                         [request](Reader& reader) { return reader.ListSamples(*request); });
}

ServerUnaryReactor* EntrobenchServiceImpl::GetSample(CallbackServerContext* context,
                                                     const v1::GetSampleRequest* request,
                                                     v1::GetSampleReply* reply) {
  return AnswerFromStore(context, store_, reply, [request](Reader& reader) {
    return reader.GetSample(request->trial_id(), request->sample_id());
  });
}

ServerUnaryReactor* EntrobenchServiceImpl::GetTrial(CallbackServerContext* context,
                                                    const v1::GetTrialRequest* request,
                                                    v1::TrialDetail* reply) {
  return AnswerFromStore(context, store_, reply, [request](Reader& reader) {
    return ReadTrialDetail(request->id(), reader);
  });
}

ServerUnaryReactor* EntrobenchServiceImpl::ListPoints(CallbackServerContext* context,
                                                      const v1::ListPointsRequest* request,
                                                      v1::ListPointsReply* reply) {
  return AnswerFromStore(
      context, store_, reply, [request](Reader& reader) -> absl::StatusOr<v1::ListPointsReply> {
        if (const auto trial = reader.GetTrial(request->trial_id()); !trial.ok()) {
          return trial.status();
        }
        return reader.ListPoints(*request);
      });
}

grpc::ServerWriteReactor<v1::ExportRow>* EntrobenchServiceImpl::Export(
    CallbackServerContext*, const v1::ExportRequest* request) {
  return StreamExport(*request, store_);
}

// ---- The catalogue

ServerUnaryReactor* EntrobenchServiceImpl::ListMethods(CallbackServerContext* context,
                                                       const v1::ListMethodsRequest*,
                                                       v1::ListMethodsReply* reply) {
  return AnswerFromStore(context, store_, reply,
                         [](Reader& reader) -> absl::StatusOr<v1::ListMethodsReply> {
                           auto catalogue = reader.LoadCatalogue();
                           if (!catalogue.ok()) return catalogue.status();
                           v1::ListMethodsReply methods;
                           for (v1::MethodInfo& method : CurrentCatalog(*catalogue).methods)
                             *methods.add_methods() = std::move(method);
                           return methods;
                         });
}

ServerUnaryReactor* EntrobenchServiceImpl::ListSuites(CallbackServerContext* context,
                                                      const v1::ListSuitesRequest*,
                                                      v1::ListSuitesReply* reply) {
  return AnswerFromStore(context, store_, reply,
                         [](Reader& reader) -> absl::StatusOr<v1::ListSuitesReply> {
                           auto catalogue = reader.LoadCatalogue();
                           if (!catalogue.ok()) return catalogue.status();
                           v1::ListSuitesReply suites;
                           for (v1::SuiteInfo& suite : CurrentCatalog(*catalogue).suites)
                             *suites.add_suites() = std::move(suite);
                           return suites;
                         });
}

ServerUnaryReactor* EntrobenchServiceImpl::ListModels(CallbackServerContext* context,
                                                      const v1::ListModelsRequest*,
                                                      v1::ListModelsReply* reply) {
  return AnswerFromStore(context, store_, reply,
                         [](Reader& reader) -> absl::StatusOr<v1::ListModelsReply> {
                           auto catalogue = reader.LoadCatalogue();
                           if (!catalogue.ok()) return catalogue.status();
                           v1::ListModelsReply models;
                           for (v1::ModelInfo& model : catalogue->models)
                             *models.add_models() = std::move(model);
                           return models;
                         });
}

ServerUnaryReactor* EntrobenchServiceImpl::ListWorkers(CallbackServerContext* context,
                                                       const v1::ListWorkersRequest*,
                                                       v1::ListWorkersReply* reply) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  store_->Read([this, reactor, reply](Reader& reader) {
    auto workers = reader.ListWorkers();
    if (!workers.ok()) {
      reactor->Finish(ToGrpc(workers.status()));
      return;
    }
    dispatcher_->AddLiveState(*std::move(workers),
                              [reactor, reply](std::vector<v1::WorkerStatus> statuses) {
                                for (v1::WorkerStatus& status : statuses)
                                  *reply->add_workers() = std::move(status);
                                reactor->Finish(grpc::Status::OK);
                              });
  });
  return reactor;
}

ServerUnaryReactor* EntrobenchServiceImpl::DrainWorker(CallbackServerContext* context,
                                                       const v1::DrainWorkerRequest* request,
                                                       v1::DrainWorkerReply*) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  dispatcher_->Drain(request->name(),
                     [reactor](const absl::Status& status) { reactor->Finish(ToGrpc(status)); });
  return reactor;
}

// ---- Files

grpc::ServerReadReactor<v1::PutArtifactRequest>* EntrobenchServiceImpl::PutArtifact(
    CallbackServerContext*, v1::PutArtifactReply* reply) {
  return ReceiveUpload(reply, store_, artifacts_, files_);
}

ServerUnaryReactor* EntrobenchServiceImpl::AddData(CallbackServerContext* context,
                                                   const v1::AddDataRequest* request,
                                                   v1::AddDataReply* reply) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  store_->Read([this, reactor, request, reply](Reader& reader) {
    const auto fail = [reactor](const absl::Status& why) { reactor->Finish(ToGrpc(why)); };
    const auto artifact = reader.GetArtifact(request->digest());
    if (!artifact.ok()) return fail(artifact.status());
    if (const absl::Status name = CheckName("suite", request->suite()); !name.ok())
      return fail(name);
    auto catalogue = reader.LoadCatalogue();
    if (!catalogue.ok()) return fail(catalogue.status());
    std::vector<std::string> ids;
    const v1::SuiteInfo* described = nullptr;
    for (const v1::SuiteInfo& suite : catalogue->suites) {
      if (suite.needs_data()) ids.push_back(suite.id());
      if (suite.id() == request->suite()) described = &suite;
    }
    if (request->definition().empty() && described != nullptr && !described->needs_data()) {
      return fail(absl::FailedPreconditionError(
          absl::StrCat("suite '", request->suite(), "' has its own problems and takes no data")));
    }
    if (request->definition().empty() && described == nullptr) {
      return fail(absl::NotFoundError(absl::StrCat(
          "unknown suite '", request->suite(), "'", Suggestion(request->suite(), ids),
          " (your own questions need a definition too: entrobench data add NAME PATH --definition "
          "SUITE.yaml)")));
    }
    if (!request->definition().empty() && described != nullptr) {
      return fail(absl::AlreadyExistsError(absl::StrCat(
          "'", request->suite(), "' is a built-in suite; give your own another name")));
    }
    v1::InspectRequest inspect;
    inspect.set_suite(request->suite());
    inspect.set_definition(request->definition());
    inspect.set_digest(request->digest());
    inspect.set_file_name(request->file_name());
    v1::SuiteData data;
    data.set_digest(artifact->digest);
    data.set_size_bytes(artifact->size_bytes);
    data.set_file_name(request->file_name());
    const auto answer = [this, reactor, request, reply,
                         data](absl::StatusOr<v1::InspectReply> found) {
      if (!found.ok()) {
        reactor->Finish(ToGrpc(found.status()));
        return;
      }
      if (found->errors_size() > 0) {
        std::string errors;
        for (const std::string& error : found->errors())
          absl::StrAppend(&errors, errors.empty() ? "" : "\n", error);
        reactor->Finish(ToGrpc(absl::InvalidArgumentError(errors)));
        return;
      }
      v1::SuiteInfo* suite = reply->mutable_suite();
      *suite = std::move(*found->mutable_suite());
      suite->set_id(request->suite());
      suite->set_definition(request->definition());
      *suite->mutable_data() = data;
      store_->PutSuite(*suite, [this, reactor](const absl::Status& status) {
        changes_->TellCatalogue();
        reactor->Finish(ToGrpc(status));
      });
    };
    dispatcher_->Inspect(std::move(inspect), data.size_bytes(), answer);
  });
  return reactor;
}

ServerUnaryReactor* EntrobenchServiceImpl::AddModel(CallbackServerContext* context,
                                                    const v1::AddModelRequest* request,
                                                    v1::AddModelReply* reply) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  files_->Post([this, reactor, request, reply] {
    const auto fail = [reactor](const absl::Status& why) { reactor->Finish(ToGrpc(why)); };
    absl::StatusOr<v1::ModelInfo> model;
    if (request->model().kind() == v1::ModelInfo::KIND_ENDPOINT) {
      model = DescribeEndpoint(request->model());
    } else {
      const auto path = artifacts_->Path(request->model().digest());
      if (!path.ok()) return fail(path.status());
      model = DescribeModelFile(request->model().name(), *path, request->model().digest(),
                                request->model().kind());
    }
    if (!model.ok()) return fail(model.status());
    model->set_description(request->model().description());
    *reply->mutable_model() = *std::move(model);
    store_->Read([this, reactor, reply, fail](Reader& reader) {
      const auto catalogue = reader.LoadCatalogue();
      if (!catalogue.ok()) return fail(catalogue.status());
      const absl::Status free = CheckNotBuiltin(reply->model().name(), catalogue->models);
      if (!free.ok()) return fail(free);
      store_->PutModel(reply->model(), [this, reactor](const absl::Status& status) {
        changes_->TellCatalogue();
        reactor->Finish(ToGrpc(status));
      });
    });
  });
  return reactor;
}

}  // namespace entrobench
