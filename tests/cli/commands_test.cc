// Every command against a fake coordinator: what it prints, asks and returns.
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/cli.h"
#include "cli/text_width.h"
#include "common/archive.h"
#include "common/value.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "tests/cli/fake_coordinator.h"
#include "tests/common/zip_file.h"

namespace entrobench::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

v1::SweepStatus Sweep(uint64_t id, const std::string& name, v1::State state, uint64_t done,
                      uint64_t samples) {
  v1::SweepStatus status;
  status.set_id(id);
  status.set_name(name);
  status.set_state(state);
  status.set_created_at("2026-01-02T03:00:00Z");
  if (state != v1::STATE_RUNNING) status.set_finished_at("2026-01-02T03:02:03Z");
  status.set_samples(samples);
  status.set_samples_done(done);
  status.set_trials(20);
  status.set_trials_done(20 * done / samples);
  status.set_jobs(40);
  status.set_jobs_done(40 * done / samples);
  status.set_workers(1);
  return status;
}

v1::MethodConfig TopH() {
  v1::MethodConfig method;
  method.set_id("top-h");
  method.set_version("1");
  (*method.mutable_params())["alpha"] = RealValue(0.4);
  (*method.mutable_params())["temperature"] = RealValue(1);
  return method;
}

v1::TrialStatus Trial(uint64_t id, const v1::MethodConfig& method, uint64_t seed) {
  v1::TrialStatus trial;
  trial.mutable_trial()->set_id(id);
  trial.mutable_trial()->set_sweep_id(12);
  *trial.mutable_trial()->mutable_method() = method;
  trial.mutable_trial()->mutable_suite()->set_id("arith");
  trial.mutable_trial()->mutable_model()->set_name("tiny-reasoner");
  trial.mutable_trial()->set_seed(seed);
  trial.mutable_trial()->set_samples(200);
  trial.set_state(v1::STATE_DONE);
  trial.mutable_totals()->set_samples(200);
  trial.mutable_totals()->set_score_sum(143);
  return trial;
}

v1::Leaderboard Board() {
  v1::Leaderboard board;
  board.set_suite("arith");
  board.set_primary_metric("accuracy");
  const auto add = [&](const v1::MethodConfig& method, uint32_t group, double score, double low,
                       double high) {
    v1::LeaderboardRow* row = board.add_rows();
    *row->mutable_method() = method;
    row->set_model("tiny-reasoner");
    row->set_model_digest(std::string(64, 'a'));
    row->set_suite("arith");
    row->add_seeds(1);
    row->add_seeds(2);
    row->add_trial_ids(group);
    row->set_samples(400);
    row->set_samples_wanted(400);
    row->set_problems(200);
    row->set_score(score);
    row->mutable_score_interval()->set_low(low);
    row->mutable_score_interval()->set_high(high);
    row->set_interval_kind("cluster bootstrap");
    row->set_tokens_per_problem(96.25);
    row->set_entropy_per_token(0.4125);
    row->set_seconds_per_problem(0.03125);
    row->set_group(group);
  };
  v1::MethodConfig vote;
  vote.set_id("self-consistency");
  (*vote.mutable_params())["samples"] = IntegerValue(8);
  v1::MethodConfig greedy;
  greedy.set_id("greedy");
  add(vote, 1, 0.75, 0.6875, 0.8125);
  add(TopH(), 1, 0.715, 0.65, 0.78);
  add(greedy, 2, 0.5, 0.4375, 0.5625);
  return board;
}

v1::SampleResult Sample(uint64_t id, double score, const std::string& answer) {
  v1::SampleResult sample;
  sample.set_sample_id(id);
  sample.set_score(score);
  sample.set_answer(answer);
  sample.set_mean_entropy(0.25);
  sample.set_generated_tokens(1200);
  sample.set_branches(1);
  sample.set_seconds(0.5);
  return sample;
}

template <class Message>
Message Parse(const std::string& json) {
  Message message;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
  EXPECT_TRUE(status.ok()) << json;
  return message;
}

// ---- Help and usage

TEST_F(CliTest, EveryCommandHasHelpWithAnExampleOfItself) {
  std::ostringstream out, err;
  std::istringstream in;
  Context context{out, err, in,          {}, {}, [](const std::string&) { return std::string(); },
                  {},  {},  *interrupt_, "", "", ""};
  const std::vector<std::string> names = CommandNames(context);
  EXPECT_GE(names.size(), 20u);
  for (const std::string& name : names) {
    const Result result = Run(absl::StrCat(name, " --help"));
    EXPECT_EQ(result.code, 0) << name;
    EXPECT_THAT(result.out, HasSubstr(absl::StrCat("Examples:\n  entrobench ", name))) << name;
    EXPECT_THAT(result.err, IsEmpty()) << name;
    for (const absl::string_view line : absl::StrSplit(result.out, '\n'))
      EXPECT_LE(DisplayWidth(line), 120) << line;
  }
}

TEST_F(CliTest, HelpListsCommandsAndExitCodes) {
  const Result result = Run("--help");
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("leaderboard"));
  EXPECT_THAT(result.out, HasSubstr("Exit codes:\n  0    it went well"));
}

TEST_F(CliTest, VersionIsPrinted) {
  const Result result = Run("--version");
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, StartsWith("entrobench 0."));
}

TEST_F(CliTest, AMistypedCommandGetsTheNearestName) {
  const Result result = Run("sumbit sweep.yaml");
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(
      result.err,
      "entrobench: there is no command 'sumbit'; did you mean 'submit'?\nSee: entrobench --help\n");
  EXPECT_THAT(result.out, IsEmpty());
}

TEST_F(CliTest, AMistypedSubcommandGetsTheNearestName) {
  const Result result = Run("models ad mine x.gguf");
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err,
            "entrobench: there is no command 'models ad'; did you mean 'add'?\nSee: entrobench "
            "models --help\n");
}

TEST_F(CliTest, AMistypedOptionGetsTheNearestName) {
  const Result result = Run("submit sweep.yaml --dryrun");
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err,
            "entrobench: `entrobench submit` has no option --dryrun; did you mean --dry-run?\nSee: "
            "entrobench submit --help\n");
}

TEST_F(CliTest, MissingAndWrongArgumentsAreUsageErrors) {
  for (const char* arguments :
       {"", "submit", "leaderboard", "leaderboard --suite arith --format xml",
        "samples t1 --sample x", "up --port 70000", "data", "cancel s1 s2"}) {
    const Result result = Run(arguments);
    EXPECT_EQ(result.code, 2) << arguments;
    EXPECT_THAT(result.err, HasSubstr("--help")) << arguments;
    EXPECT_THAT(result.out, IsEmpty()) << arguments;
  }
}

// ---- Errors of the connection and of the coordinator

TEST_F(CliTest, WithoutACoordinatorItSaysHowToStartOne) {
  // Port 1 of loopback: nothing listens there.
  const Result result = Run("status --address 127.0.0.1:1");
  EXPECT_EQ(result.code, 5);
  EXPECT_EQ(result.err,
            "entrobench: No coordinator is running at 127.0.0.1:1 (from --address). Start one here "
            "with: entrobench up\n");
}

TEST_F(CliTest, AHostThatDoesNotExistIsNoCoordinatorEither) {
  const Result result = Run("status --address no-such-host.invalid:7741");
  EXPECT_EQ(result.code, 5);
  EXPECT_THAT(result.err, HasSubstr("No coordinator is running at no-such-host.invalid:7741"));
}

TEST_F(CliTest, ErrorsOfTheCoordinatorAreSentencesWithTheirOwnExitCodes) {
  const std::vector<std::pair<grpc::Status, std::pair<int, std::string>>> cases = {
      {{grpc::StatusCode::INVALID_ARGUMENT, "bad"}, {2, "entrobench: bad\n"}},
      {{grpc::StatusCode::NOT_FOUND, "gone"}, {4, "entrobench: gone\n"}},
      {{grpc::StatusCode::UNAVAILABLE, "cannot store results now"},
       {5, "entrobench: cannot store results now\n"}},
      {{grpc::StatusCode::INTERNAL, "boom"},
       {6, "entrobench: The coordinator met an error of its own: boom\n"}},
      {{grpc::StatusCode::RESOURCE_EXHAUSTED, "the disk is full"},
       {6, "entrobench: the disk is full\n"}},
  };
  for (const auto& [failure, expected] : cases) {
    fake_.failure = failure;
    const Result result = Run("status");
    EXPECT_EQ(result.code, expected.first);
    EXPECT_EQ(result.err, expected.second);
    EXPECT_THAT(result.out, IsEmpty());
  }
}

TEST_F(CliTest, AnotherProgramAtTheAddressIsSaidToBeOne) {
  fake_.failure = {grpc::StatusCode::UNIMPLEMENTED, ""};
  const Result result = Run("status");
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("an older coordinator, or another program"));
}

// ---- Where the coordinator is

TEST_F(CliTest, TheAddressComesFromTheDataFolderOfARunningCoordinator) {
  environment_.erase("ENTROBENCH_ADDRESS");
  environment_["ENTROBENCH_DATA_DIR"] = Path("");
  Write("coordinator.address", absl::StrCat(fake_.address(), "\n"));
  EXPECT_EQ(Run("status").code, 0);
}

TEST_F(CliTest, TheDataDirOptionComesBeforeTheVariable) {
  environment_["ENTROBENCH_ADDRESS"] = "127.0.0.1:1";
  Write("coordinator.address", absl::StrCat(fake_.address(), "\n"));
  EXPECT_EQ(Run({"status", "--data-dir", Path("")}).code, 0);
  EXPECT_EQ(Run({"--data-dir", Path(""), "status"}).code, 0);
  EXPECT_EQ(Run("status").code, 5);
}

TEST_F(CliTest, AStaleAddressFileIsNamed) {
  environment_ = {{"HOME", "/nowhere"}, {"ENTROBENCH_DATA_DIR", Path("")}};
  Write("coordinator.address", "127.0.0.1:1\n");
  const Result result = Run("status");
  EXPECT_EQ(result.code, 5);
  EXPECT_THAT(result.err, HasSubstr(absl::StrCat("(from ", Path("coordinator.address"), ")")));
}

// ---- submit

TEST_F(CliTest, SubmitSendsTheFileAndPrintsTheId) {
  *fake_.submit_reply.mutable_sweep() = Sweep(12, "x", v1::STATE_RUNNING, 400, 4000);
  fake_.submit_reply.mutable_sweep()->set_samples_reused(400);
  fake_.submit_reply.add_warnings("sweep.yaml:3:1: limit 900 is more than the suite has");
  const std::string file = Write("sweep.yaml", "name: x\n");
  const Result result = Run({"submit", file});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out,
            "Submitted s12: 20 trials, 4,000 samples, 400 of them reused from earlier sweeps.\n"
            "  entrobench watch s12    shows its progress\n");
  EXPECT_EQ(result.err, "warning: sweep.yaml:3:1: limit 900 is more than the suite has\n");
  EXPECT_EQ(fake_.submitted.yaml(), "name: x\n");
  EXPECT_EQ(fake_.submitted.file_name(), file);
  EXPECT_FALSE(fake_.submitted.fresh());
  EXPECT_FALSE(fake_.submitted.dry_run());
}

TEST_F(CliTest, SubmitReadsStandardInput) {
  input_ = "name: y\n";
  *fake_.submit_reply.mutable_sweep() = Sweep(13, "y", v1::STATE_RUNNING, 0, 10);
  const Result result = Run("submit - --fresh --json");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(fake_.submitted.yaml(), "name: y\n");
  EXPECT_TRUE(fake_.submitted.fresh());
  EXPECT_EQ(Parse<v1::SubmitSweepReply>(result.out).sweep().id(), 13u);
}

TEST_F(CliTest, SubmitDryRunOnlyChecks) {
  *fake_.submit_reply.mutable_sweep() = Sweep(0, "x", v1::STATE_RUNNING, 0, 4000);
  const std::string file = Write("sweep.yaml", "name: x\n");
  const Result result = Run({"submit", file, "--dry-run"});
  EXPECT_EQ(result.code, 0);
  EXPECT_TRUE(fake_.submitted.dry_run());
  EXPECT_EQ(result.out,
            absl::StrCat(
                file, " is good: 20 trials, 4,000 samples. Nothing was submitted (--dry-run).\n"));
}

TEST_F(CliTest, SubmitPrintsEveryErrorOfABadSweep) {
  std::string errors = "sweep.yaml:5:11: unknown method 'topp'; did you mean 'top-p'?";
  for (int line = 6; line < 400; ++line)
    absl::StrAppend(&errors, "\nsweep.yaml:", line,
                    ":3: unknown key 'sedes'; did you mean 'seeds'?");
  fake_.submit_status = {grpc::StatusCode::INVALID_ARGUMENT,
                         errors};  // more than gRPC's usual 8 kB of metadata
  const Result result = Run({"submit", Write("sweep.yaml", "x")});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, absl::StrCat("entrobench: nothing was submitted:\n", errors, "\n"));
  EXPECT_THAT(result.out, IsEmpty());
}

TEST_F(CliTest, SubmitOfAMissingFileAsksNobody) {
  const Result result = Run("submit /nowhere/sweep.yaml --address 127.0.0.1:1");
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("cannot open /nowhere/sweep.yaml"));
}

TEST_F(CliTest, SubmitOfAFileThatIsNoTextAsksNobody) {
  const Result result =
      Run({"submit", Write("sweep.yaml", "a: 1\nb: \xff\n"), "--address", "127.0.0.1:1"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("sweep.yaml:2: not UTF-8; is it a sweep's YAML?"));
}

TEST_F(CliTest, SubmitWaitEndsInTheLeaderboards) {
  *fake_.submit_reply.mutable_sweep() = Sweep(12, "x", v1::STATE_RUNNING, 0, 4000);
  fake_.watches = {{{Sweep(12, "x", v1::STATE_RUNNING, 1000, 4000),
                     Sweep(12, "x", v1::STATE_DONE, 4000, 4000)}}};
  *fake_.sweep[12].add_trials() = Trial(1, TopH(), 1);
  *fake_.sweep[12].add_trials() = Trial(2, TopH(), 2);
  fake_.leaderboards["arith"] = Board();
  const Result result = Run({"submit", Write("sweep.yaml", "x"), "--wait"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out,
              HasSubstr("s12 'x' is done: 4,000 samples in 2 min 3 s.\n\narith - tiny-reasoner"));
  EXPECT_THAT(result.out, HasSubstr("self-consistency samples=8"));
  EXPECT_EQ(fake_.leaderboard_request.sweep_id(), 12u);
  EXPECT_THAT(result.err, StartsWith("s12  25%  1,000/4,000 samples"));
}

TEST_F(CliTest, SubmitWaitOfAFailedSweepIsCodeOne) {
  *fake_.submit_reply.mutable_sweep() = Sweep(12, "x", v1::STATE_RUNNING, 0, 100);
  v1::SweepStatus failed = Sweep(12, "x", v1::STATE_FAILED, 60, 100);
  failed.set_jobs_failed(2);
  fake_.watches = {{{failed}}};
  fake_.sweep[12];
  const Result result = Run({"submit", Write("sweep.yaml", "x"), "--wait"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.out,
              HasSubstr("s12 'x' has failed: 60 of 100 samples in 2 min 3 s, 2 failed jobs.\n"));
  EXPECT_THAT(result.err, HasSubstr("Why jobs failed: entrobench status s12\n"));
}

TEST_F(CliTest, InterruptingAWaitLeavesTheSweepRunning) {
  *fake_.submit_reply.mutable_sweep() = Sweep(12, "x", v1::STATE_RUNNING, 0, 4000);
  fake_.watches = {
      {{Sweep(12, "x", v1::STATE_RUNNING, 1000, 4000)}, grpc::Status::OK, /*stay_open=*/true}};
  fake_.after_first_status = [this] { interrupt_->Fire(); };
  const Result result = Run({"submit", Write("sweep.yaml", "x"), "--wait"});
  EXPECT_EQ(result.code, 130);
  EXPECT_THAT(result.err, HasSubstr("s12 goes on without this command.\n"
                                    "  entrobench watch s12    shows its progress again\n"
                                    "  entrobench cancel s12   ends it\n"));
}

// ---- status, watch, cancel, retry, trials

TEST_F(CliTest, StatusListsAllSweeps) {
  *fake_.sweeps.add_sweeps() =
      Sweep(12, "entropy samplers on arith", v1::STATE_RUNNING, 1480, 4000);
  *fake_.sweeps.add_sweeps() = Sweep(9, "temperature ladder", v1::STATE_DONE, 500, 500);
  const Result result = Run("status");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out,
            "sweep  name                       state    trials      samples        submitted\n"
            "-----  -------------------------  -------  ------  -----------  ----  ---------\n"
            "s12    entropy samplers on arith  running    7/20  1,480/4,000   37%  4 min ago\n"
            "s9     temperature ladder         done      20/20      500/500  100%  4 min ago\n");
}

TEST_F(CliTest, StatusWithoutSweepsSaysWhatToDo) {
  EXPECT_EQ(Run("status").out, "No sweeps yet. Submit one with: entrobench submit SWEEP.yaml\n");
}

TEST_F(CliTest, StatusShowsOneSweepWithItsFailures) {
  v1::GetSweepReply& reply = fake_.sweep[12];
  *reply.mutable_status() = Sweep(12, "entropy samplers", v1::STATE_FAILED, 3900, 4000);
  reply.mutable_status()->set_jobs_failed(1);
  reply.mutable_status()->set_samples_reused(100);
  v1::FailedJob* job = reply.add_failures();
  job->set_trial_id(7);
  job->set_begin(100);
  job->set_end(200);
  job->add_errors("local-1: the evaluator was killed: it took more than 2.0 GB");
  const Result result = Run("status s12");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out,
            "s12 entropy samplers  failed\n"
            "  samples    3,900 of 4,000 (97%), 100 reused\n"
            "  trials     19 of 20 done\n"
            "  jobs       39 of 40 done, 1 failed\n"
            "  submitted  4 min ago\n"
            "  finished   2 min ago\n"
            "\n"
            "Failed jobs\n"
            "  t7, samples 100 to 199\n"
            "    local-1: the evaluator was killed: it took more than 2.0 GB\n"
            "  entrobench retry s12   runs them again\n"
            "\n"
            "  entrobench trials s12   lists its trials\n");
}

TEST_F(CliTest, StatusFindsASweepByItsUniqueName) {
  *fake_.sweeps.add_sweeps() = Sweep(12, "ladder", v1::STATE_DONE, 1, 1);
  *fake_.sweeps.add_sweeps() = Sweep(9, "twice", v1::STATE_DONE, 1, 1);
  *fake_.sweeps.add_sweeps() = Sweep(8, "twice", v1::STATE_DONE, 1, 1);
  *fake_.sweep[12].mutable_status() = Sweep(12, "ladder", v1::STATE_DONE, 1, 1);
  EXPECT_THAT(Run("status ladder").out, StartsWith("s12 ladder"));
  const Result twice = Run("status twice");
  EXPECT_EQ(twice.code, 2);
  EXPECT_THAT(twice.err,
              HasSubstr("several sweeps are called 'twice': s9, s8; name one by its id"));
  const Result typo = Run("status laddr");
  EXPECT_EQ(typo.code, 4);
  EXPECT_THAT(typo.err, HasSubstr("no sweep is called 'laddr'; did you mean 'ladder'?"));
  EXPECT_EQ(Run("status s77").code, 4);
}

TEST_F(CliTest, StatusJsonIsTheMessage) {
  *fake_.sweeps.add_sweeps() = Sweep(12, "a", v1::STATE_DONE, 500, 500);
  EXPECT_EQ(Parse<v1::ListSweepsReply>(Run("status --json").out).sweeps(0).samples(), 500u);
  *fake_.sweep[12].mutable_status() = Sweep(12, "a", v1::STATE_DONE, 500, 500);
  EXPECT_EQ(Parse<v1::GetSweepReply>(Run("status 12 --json").out).status().name(), "a");
}

TEST_F(CliTest, WatchEndsWithTheSweep) {
  fake_.watches = {
      {{Sweep(12, "x", v1::STATE_RUNNING, 10, 40), Sweep(12, "x", v1::STATE_DONE, 40, 40)}}};
  const Result result = Run("watch s12");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "s12 'x' is done: 40 samples in 2 min 3 s.\n");
  EXPECT_EQ(result.err, "s12  25%  10/40 samples  0 jobs on 1 worker\n");
}

TEST_F(CliTest, WatchTakesUpALostConnection) {
  const grpc::Status broken(grpc::StatusCode::UNAVAILABLE, "Socket closed");
  fake_.watches = {{{Sweep(12, "x", v1::STATE_RUNNING, 10, 40)}, broken},
                   {{}, broken},
                   {{}, broken},
                   {{Sweep(12, "x", v1::STATE_DONE, 40, 40)}}};
  const Result result = Run("watch s12");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(fake_.watch_calls, 4u);
  EXPECT_THAT(waits_,
              ElementsAre(absl::Milliseconds(250), absl::Milliseconds(500), absl::Seconds(1)));
  EXPECT_EQ(result.err,
            absl::StrCat("s12  25%  10/40 samples  0 jobs on 1 worker\n"
                         "Lost the connection to the coordinator at ",
                         fake_.address(),
                         "; trying again. Nothing is lost by that.\nConnected again.\n"));
  EXPECT_EQ(result.out, "s12 'x' is done: 40 samples in 2 min 3 s.\n");
}

TEST_F(CliTest, WatchDoesNotWaitForACoordinatorThatWasNeverThere) {
  EXPECT_EQ(Run("watch s12 --address 127.0.0.1:1").code, 5);
  EXPECT_THAT(waits_, IsEmpty());
}

TEST_F(CliTest, WatchShowsWhyNothingMoves) {
  v1::SweepStatus stuck = Sweep(12, "x", v1::STATE_RUNNING, 10, 40);
  stuck.set_note("no worker is connected");
  fake_.watches = {{{stuck, Sweep(12, "x", v1::STATE_CANCELLED, 10, 40)}}};
  const Result result = Run("watch s12");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("no worker is connected"));
  EXPECT_EQ(result.out, "s12 'x' was cancelled: 10 of 40 samples in 2 min 3 s.\n");
}

TEST_F(CliTest, WatchRedrawsInPlaceOnATerminal) {
  err_terminal_.interactive = true;
  err_terminal_.width = 60;
  fake_.watches = {
      {{Sweep(12, "x", v1::STATE_RUNNING, 10, 40), Sweep(12, "x", v1::STATE_DONE, 40, 40)}}};
  EXPECT_EQ(Run("watch s12").err,
            "\rs12  25% ###..........  10/40 samples  0 jobs on 1 worker\x1b[K\r\x1b[K");
}

TEST_F(CliTest, CancelAndRetrySayWhatHappens) {
  fake_.cancel_reply = Sweep(12, "x", v1::STATE_CANCELLED, 10, 40);
  EXPECT_EQ(Run("cancel s12").out,
            "s12 'x' was cancelled: 10 of 40 samples in 2 min 3 s. What it recorded stays.\n");
  fake_.cancel_reply = Sweep(12, "x", v1::STATE_DONE, 40, 40);
  EXPECT_EQ(Run("cancel s12").out, "s12 had already ended: done.\n");
  fake_.retry_reply = Sweep(12, "x", v1::STATE_RUNNING, 10, 40);
  EXPECT_EQ(Run("retry s12").out,
            "s12 runs again: 30 samples to go.\n  entrobench watch s12   shows its progress\n");
  fake_.retry_reply = Sweep(12, "x", v1::STATE_DONE, 40, 40);
  EXPECT_EQ(Run("retry s12").out, "s12 has nothing to run again: it is done.\n");
}

TEST_F(CliTest, TrialsListsTheCellsOfASweep) {
  v1::MethodConfig greedy;
  greedy.set_id("greedy");
  *fake_.sweep[12].add_trials() = Trial(345, TopH(), 1);
  *fake_.sweep[12].add_trials() = Trial(346, greedy, 1);
  fake_.sweep[12].mutable_trials(1)->clear_totals();
  fake_.sweep[12].mutable_trials(1)->set_state(v1::STATE_RUNNING);
  out_terminal_.width = 80;
  fake_.sweep[12].mutable_status()->set_name("samplers");
  EXPECT_EQ(Run("trials s12").out,
            "s12 - samplers - arith - tiny-reasoner\n"
            "trial  method                            seed  state    samples  score %\n"
            "-----  --------------------------------  ----  -------  -------  -------\n"
            "t345   top-h alpha=0.4, temperature=1.0     1  done     200/200     71.5\n"
            "t346   greedy                               1  running    0/200        -\n");
  fake_.sweep[12].mutable_trials(1)->mutable_trial()->mutable_suite()->set_id("contest");
  fake_.sweep[12].mutable_trials(1)->mutable_totals()->set_errors(2);
  EXPECT_EQ(Run("trials s12").out,
            "s12 - samplers - tiny-reasoner\n"
            "trial  method                   suite    seed  state    samples  score %  errors\n"
            "-----  -----------------------  -------  ----  -------  -------  -------  ------\n"
            "t345   top-h alpha=0.4,         arith       1  done     200/200     71.5       0\n"
            "       temperature=1.0\n"
            "t346   greedy                   contest     1  running    0/200        -       2\n");
}

TEST_F(CliTest, TrialsShowsOneWithItsMetrics) {
  v1::TrialDetail& detail = fake_.trial_details[345];
  v1::MethodConfig tent;
  tent.set_id("tent");
  *detail.mutable_status() = Trial(345, tent, 1);
  detail.mutable_status()->mutable_trial()->mutable_suite()->set_id("fashion-mnist-c");
  detail.set_sweep_name("adaptation");
  (*detail.mutable_metrics())["gain over source"] = 0.0625;
  (*detail.mutable_metrics())["forward passes"] = 2560;
  (*detail.mutable_metrics())["error/fog"] = 0.125;
  (*detail.mutable_metrics())["error/jpeg"] = 0.5;
  (*detail.mutable_metrics())["collapsed at"] = 1280;
  v1::SuiteInfo* suite = fake_.suites.add_suites();
  suite->set_id("fashion-mnist-c");
  v1::MetricInfo* info = suite->add_metrics();
  info->set_name("gain over source");
  info->set_meaning("error of the unadapted network less this one's");
  out_terminal_.width = 80;
  EXPECT_EQ(Run("trials t345").out,
            "t345 tent - fashion-mnist-c - tiny-reasoner - seed 1  done\n"
            "  sweep         s12 adaptation\n"
            "  score         71.5 %\n"
            "  samples       200\n"
            "  This run collapsed after 1,280 images.\n"
            "\n"
            "metric             value\n"
            "----------------  ------  ----------------------------------------------\n"
            "gain over source  0.0625  error of the unadapted network less this one's\n"
            "forward passes     2,560\n"
            "\n"
            "group  error %\n"
            "-----  -------\n"
            "fog       12.5\n"
            "jpeg      50.0\n"
            "\n"
            "  entrobench samples t345   lists what it answered\n");
  EXPECT_EQ(Parse<v1::TrialDetail>(Run("trials t345 --json").out).sweep_name(), "adaptation");
  EXPECT_EQ(Run("trials t346").code, 4);
}

// ---- leaderboard

TEST_F(CliTest, LeaderboardShowsGroupsAndIntervals) {
  fake_.leaderboards["arith"] = Board();
  out_terminal_.width = 100;
  out_terminal_.unicode = true;
  const Result result = Run("leaderboard --suite arith --model tiny-reasoner --sweep s12");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(fake_.leaderboard_request.model(), "tiny-reasoner");
  EXPECT_EQ(fake_.leaderboard_request.sweep_id(), 12u);
  EXPECT_EQ(result.out, R"(arith · tiny-reasoner · 200 problems · 2 seeds
#  method                            accuracy %  95% interval  samples  tokens   nats      s
─  ────────────────────────────────  ──────────  ────────────  ───────  ──────  ─────  ─────
1  self-consistency samples=8              75.0     68.8–81.2      400    96.2  0.412  0.031
1  top-h alpha=0.4, temperature=1.0        71.5     65.0–78.0      400    96.2  0.412  0.031
2  greedy                                  50.0     43.8–56.2      400    96.2  0.412  0.031
The data cannot tell methods of the same # apart; tokens, s: for each problem; nats: mean entropy a
token; interval: cluster bootstrap.
)");
}

TEST_F(CliTest, LeaderboardFitsEightyColumns) {
  fake_.leaderboards["arith"] = Board();
  fake_.leaderboards["arith"].set_note(
      "A score near zero says nothing about methods: the model does not solve these problems.");
  fake_.leaderboards["arith"].mutable_rows(1)->set_samples(120);
  fake_.leaderboards["arith"].mutable_rows(1)->set_errors(3);
  out_terminal_.width = 80;
  const Result result = Run("leaderboard --suite arith");
  for (const absl::string_view line : absl::StrSplit(result.out, '\n'))
    EXPECT_LE(DisplayWidth(line), 80) << line;
  EXPECT_THAT(result.out, HasSubstr("120/400"));
  EXPECT_THAT(result.out, HasSubstr("errors"));
  EXPECT_THAT(result.out, HasSubstr("Note: A score near zero"));
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
}

TEST_F(CliTest, LeaderboardNamesModelsWhereTheyDiffer) {
  fake_.leaderboards["arith"] = Board();
  fake_.leaderboards["arith"].mutable_rows(2)->set_model("tiny-reasoner-mini");
  EXPECT_THAT(Run("leaderboard --suite arith").out, HasSubstr("model"));
}

TEST_F(CliTest, LeaderboardPrintsCsvMarkdownAndJson) {
  fake_.leaderboards["arith"] = Board();
  const std::string csv = Run("leaderboard --suite arith --format csv").out;
  const std::vector<std::string> lines = absl::StrSplit(csv, '\n');
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_THAT(lines[0], StartsWith("group,method,version,params,model,"));
  EXPECT_THAT(lines[2], StartsWith("1,top-h,1,\"alpha=0.4, temperature=1.0\",tiny-reasoner,aaaa"));
  EXPECT_THAT(
      lines[2],
      HasSubstr(",400,400,0,accuracy,0.715,0.65,0.78,cluster bootstrap,96.25,0.4125,0.03125"));
  EXPECT_THAT(Run("leaderboard --suite arith --format markdown").out,
              HasSubstr("|   2 | greedy                           |       50.0 |    43.8–56.2 |"));
  EXPECT_EQ(
      Parse<v1::Leaderboard>(Run("leaderboard --suite arith --format json").out).rows(1).score(),
      0.715);
  EXPECT_EQ(Parse<v1::Leaderboard>(Run("leaderboard --suite arith --json").out).rows_size(), 3);
}

TEST_F(CliTest, LeaderboardShowsWhatTheSuiteReports) {
  v1::Leaderboard& board = fake_.leaderboards["arith"];
  board = Board();
  const auto describe = [&](const char* name, bool column, const char* meaning) {
    v1::MetricInfo* metric = board.add_metrics();
    metric->set_name(name);
    metric->set_column(column);
    metric->set_meaning(meaning);
  };
  describe("mCE", true, "mean error over the corruptions.");
  describe("ECE", false, "");
  describe("nobody has it", true, "");
  describe("collapsed at", true, "");
  for (v1::LeaderboardRow& row : *board.mutable_rows()) {
    row.clear_tokens_per_problem();
    (*row.mutable_metrics())["ECE"] = 0.125;
    (*row.mutable_metrics())["error/fog"] = 0.25;
  }
  (*board.mutable_rows(0)->mutable_metrics())["mCE"] = 0.1875;
  (*board.mutable_rows(1)->mutable_metrics())["collapsed at"] = 1280;
  (*board.mutable_rows(1)->mutable_metrics())["error/jpeg"] = 0.5;
  out_terminal_.width = 100;
  EXPECT_EQ(Run("leaderboard --suite arith").out, R"(arith - tiny-reasoner - 200 problems - 2 seeds
#  method                                    accuracy %  95% interval  samples     mCE   nats      s
-  ----------------------------------------  ----------  ------------  -------  ------  -----  -----
1  self-consistency samples=8                      75.0     68.8-81.2      400  0.1875  0.412  0.031
1  top-h alpha=0.4, temperature=1.0                71.5     65.0-78.0      400          0.412  0.031
   (collapsed after 1,280 images)
2  greedy                                          50.0     43.8-56.2      400          0.412  0.031
The data cannot tell methods of the same # apart; s: for each problem; nats: mean entropy of an
answer; mCE: mean error over the corruptions; interval: cluster bootstrap.
)");
  const std::string markdown = Run("leaderboard --suite arith --format markdown").out;
  EXPECT_THAT(markdown, HasSubstr("(collapsed after 1,280 images)"));
  EXPECT_THAT(markdown, HasSubstr("#### Error in each group, %\n\n| method "));
  EXPECT_THAT(markdown, HasSubstr("| 25.0 | 50.0 |"));
  const std::vector<std::string> csv =
      absl::StrSplit(Run("leaderboard --suite arith --format csv").out, '\n');
  EXPECT_THAT(csv[0], EndsWith(",risk_at_80,ECE,collapsed at,error/fog,error/jpeg,mCE"));
  EXPECT_THAT(csv[1], EndsWith(",0.125,,0.25,,0.1875"));
  EXPECT_THAT(csv[2], EndsWith(",0.125,1280.0,0.25,0.5,"));
}

TEST_F(CliTest, LeaderboardLeavesOutParametersThatSayNothing) {
  fake_.leaderboards["arith"] = Board();
  v1::MethodInfo* info = fake_.methods.add_methods();
  info->set_id("top-h");
  info->set_version("1");
  for (const char* name : {"alpha", "temperature"}) info->add_parameters()->set_name(name);
  *info->mutable_parameters(0)->mutable_default_value() = RealValue(0.3);
  *info->mutable_parameters(1)->mutable_default_value() = RealValue(1);
  const std::string board = Run("leaderboard --suite arith").out;
  EXPECT_THAT(board, HasSubstr("1  top-h alpha=0.4           "));
  EXPECT_THAT(board, HasSubstr("parameters at their defaults are left out"));
  // Of another version the defaults are not known.
  info->set_version("2");
  EXPECT_THAT(Run("leaderboard --suite arith").out, HasSubstr("top-h alpha=0.4, temperature=1.0"));
  // A parameter that differs between two rows tells them apart, also where one of them has the
  // default.
  info->set_version("1");
  v1::LeaderboardRow* hotter = fake_.leaderboards["arith"].add_rows();
  *hotter->mutable_method() = TopH();
  (*hotter->mutable_method()->mutable_params())["temperature"] = RealValue(2);
  const std::string both = Run("leaderboard --suite arith").out;
  EXPECT_THAT(both, HasSubstr("top-h alpha=0.4, temperature=1.0"));
  EXPECT_THAT(both, HasSubstr("top-h alpha=0.4, temperature=2.0"));
}

TEST_F(CliTest, LeaderboardOfAnUnknownSuiteIsNotFound) {
  EXPECT_EQ(Run("leaderboard --suite nothing").code, 4);
}

// A mistyped name must not look like a sweep without results.
TEST_F(CliTest, LeaderboardOfAnUnknownSweepOrModelIsNotFound) {
  fake_.leaderboards["arith"].set_suite("arith");
  fake_.models.add_models()->set_name("tiny-reasoner");
  EXPECT_EQ(Run("leaderboard --suite arith --model tiny-reasoner").code, 0);
  const Result model = Run("leaderboard --suite arith --model tiny-reasonr");
  EXPECT_EQ(model.code, 4);
  EXPECT_THAT(model.err, HasSubstr("did you mean 'tiny-reasoner'?"));
  const Result sweep = Run("leaderboard --suite arith --sweep s77");
  EXPECT_EQ(sweep.code, 4);
  EXPECT_THAT(sweep.err, HasSubstr("no sweep 77"));
}

// ---- lists

TEST_F(CliTest, AListMayAlsoBeAskedForByItsWord) {
  fake_.models.add_models()->set_name("tiny-reasoner");
  fake_.workers.add_workers()->set_name("local-1");
  fake_.methods.add_methods()->set_id("top-h");
  for (const std::string what : {"models", "workers", "methods", "suites"}) {
    const Result listed = Run(what + " list");
    EXPECT_EQ(listed.code, 0) << listed.err;
    EXPECT_EQ(listed.out, Run(what).out);
    EXPECT_EQ(Run(what + " list --json").out, Run(what + " --json").out);
  }
}

// ---- samples

TEST_F(CliTest, SamplesListsWhatWasAnswered) {
  fake_.trial = Trial(345, TopH(), 2);
  fake_.samples = {Sample(0, 1, "42"), Sample(1, 0, "7"), Sample(2, 0.5, "half")};
  EXPECT_EQ(Run("samples t345").out,
            "t345  top-h alpha=0.4, temperature=1.0  on arith, seed 2\n"
            "sample        answer   nats  tokens      s\n"
            "------  ----  ------  -----  ------  -----\n"
            "     0  ok    42      0.250   1,200  0.500\n"
            "     1  x     7       0.250   1,200  0.500\n"
            "     2  0.50  half    0.250   1,200  0.500\n"
            "  entrobench samples t345 --sample 0   shows what the model said\n");
}

TEST_F(CliTest, SamplesPagesThroughLongTrials) {
  fake_.trial = Trial(345, TopH(), 2);
  for (uint64_t id = 0; id < 1203; ++id) fake_.samples.push_back(Sample(id, 0, "1"));
  EXPECT_EQ(Parse<v1::ListSamplesReply>(Run("samples 345 --limit 0 --json").out).samples_size(),
            1203);
  EXPECT_EQ(fake_.list_samples_requests.size(), 3u);
  const Result some = Run("samples t345 --limit 2 --after 10");
  EXPECT_THAT(some.out, HasSubstr("    11  x"));
  EXPECT_THAT(some.out, HasSubstr("    12  x"));
  EXPECT_THAT(some.out, Not(HasSubstr("    13  x")));
  EXPECT_THAT(some.out, HasSubstr("More: --after 12, or --limit 0 for all.\n"));
}

TEST_F(CliTest, SamplesAsksForWrongOnesOnly) {
  fake_.trial = Trial(345, TopH(), 2);
  fake_.samples = {Sample(0, 1, "42")};
  EXPECT_THAT(Run("samples t345 --wrong").out, HasSubstr("No wrong samples.\n"));
  EXPECT_TRUE(fake_.list_samples_requests.back().wrong_only());
}

TEST_F(CliTest, SamplesShowsOne) {
  *fake_.sample[17].mutable_sample() = Sample(17, 1, "42");
  *fake_.sample[17].mutable_trial() = Trial(345, TopH(), 2);
  EXPECT_THAT(Run("samples t345 --sample 17").out, StartsWith("Sample 17 of t345  ok right\n"));
  EXPECT_EQ(Parse<v1::GetSampleReply>(Run("samples t345 --sample 17 --json").out).sample().answer(),
            "42");
  EXPECT_EQ(Run("samples t345 --sample 9").code, 4);
  EXPECT_EQ(Run("samples t345 --sample 17 --wrong").code, 2);
  EXPECT_THAT(Run("samples s12").err, HasSubstr("'s12' is not a trial, such as t345"));
}

// ---- export

v1::ExportRow Row() {
  v1::ExportRow row;
  *row.mutable_trial() = Trial(345, TopH(), 2).trial();
  *row.mutable_sample() = Sample(17, 1, "a \"quoted\", answer");
  (*row.mutable_sample()->mutable_metrics())["votes"] = 5;
  row.mutable_sample()->mutable_payload()->set_question("How many?");
  row.mutable_sample()->mutable_payload()->add_branches()->set_text("42");
  row.mutable_provenance()->set_worker("local-1");
  return row;
}

TEST_F(CliTest, ExportWritesOneJsonObjectALine) {
  fake_.export_rows = {Row(), Row()};
  const Result result = Run("export s12 --payload");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(fake_.export_request.sweep_id(), 12u);
  EXPECT_TRUE(fake_.export_request.with_payload());
  const std::vector<std::string> lines = absl::StrSplit(result.out, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(Parse<v1::ExportRow>(lines[1]).sample().sample_id(), 17u);
}

TEST_F(CliTest, ExportCsvHasAsManyFieldsAsItsHeader) {
  fake_.export_rows = {Row()};
  const std::vector<std::string> lines =
      absl::StrSplit(Run("export s12 --format csv").out, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], StartsWith("sweep,trial,method,version,params,"));
  EXPECT_THAT(
      lines[1],
      StartsWith(
          "12,345,top-h,1,\"alpha=0.4, temperature=1.0\",tiny-reasoner,,arith,,,2,false,17,1.0,"
          "\"a \"\"quoted\"\", answer\","));
  EXPECT_THAT(lines[1], HasSubstr(",votes=5.0,local-1,"));
  // Commas outside quotes: the row has two quoted commas more.
  const auto commas = [](const std::string& line) {
    return std::count(line.begin(), line.end(), ',');
  };
  EXPECT_EQ(commas(lines[1]), commas(lines[0]) + 2);
}

TEST_F(CliTest, ExportToAFileIsWholeOrNotThere) {
  fake_.export_rows = {Row()};
  *fake_.sweep[12].mutable_status() = Sweep(12, "x", v1::STATE_DONE, 1, 1);
  const Result result = Run({"export", "s12", "--output", Path("x.jsonl")});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr(absl::StrCat("Wrote 1 sample to ", Path("x.jsonl"), ".\n")));
  EXPECT_EQ(Parse<v1::ExportRow>(Read("x.jsonl")).trial().id(), 345u);
  fake_.failure = {grpc::StatusCode::UNAVAILABLE, "Socket closed"};
  EXPECT_EQ(Run({"export", "12", "--output", Path("y.jsonl")}).code, 5);
  EXPECT_FALSE(std::ifstream(Path("y.jsonl")).good());
  EXPECT_FALSE(std::ifstream(Path("y.jsonl.part")).good());
}

// ---- methods, suites, models, workers

v1::MethodInfo TopHInfo() {
  v1::MethodInfo info;
  info.set_id("top-h");
  info.set_version("1");
  info.set_family("reasoning");
  info.set_title("Top-H");
  info.set_summary(
      "Keeps the largest set of tokens whose entropy stays below alpha times that of all.");
  info.set_equation("\\max |S| : H(q_S) \\le \\alpha H(p)");
  info.mutable_paper()->set_title("Top-H Decoding");
  info.mutable_paper()->set_authors("Potraghloo et al.");
  info.mutable_paper()->set_year(2025);
  info.mutable_paper()->set_url("https://arxiv.org/abs/2509.02510");
  info.add_needs(v1::CAPABILITY_STEP);
  info.add_needs(v1::CAPABILITY_FULL_LOGITS);
  info.set_cost("one sample");
  v1::Parameter* alpha = info.add_parameters();
  alpha->set_name("alpha");
  alpha->set_type(v1::Parameter::TYPE_REAL);
  *alpha->mutable_default_value() = RealValue(0.4);
  alpha->set_minimum(0);
  alpha->set_maximum(1);
  alpha->set_meaning("share of the entropy that is kept");
  return info;
}

TEST_F(CliTest, MethodsListsAndShows) {
  *fake_.methods.add_methods() = TopHInfo();
  EXPECT_THAT(Run("methods").out, HasSubstr("top-h   reasoning  entropy  Keeps the largest set"));
  EXPECT_EQ(Run("methods show top-h").out,
            "top-h  Top-H\n"
            "  summary       Keeps the largest set of tokens whose entropy stays below alpha times "
            "that of all.\n"
            "  equation      \\max |S| : H(q_S) \\le \\alpha H(p)\n"
            "  family        reasoning\n"
            "  kind          entropy method\n"
            "  version       1\n"
            "  needs         step, full logits\n"
            "  cost          one sample\n"
            "  paper         Potraghloo et al.: Top-H Decoding (2025)\n"
            "                https://arxiv.org/abs/2509.02510\n"
            "\n"
            "Parameters\n"
            "name   type  default  range   meaning\n"
            "-----  ----  -------  ------  ---------------------------------\n"
            "alpha  real  0.4      0 to 1  share of the entropy that is kept\n");
  EXPECT_EQ(Parse<v1::MethodInfo>(Run("methods show top-h --json").out).parameters_size(), 1);
  const Result typo = Run("methods show toph");
  EXPECT_EQ(typo.code, 4);
  EXPECT_EQ(typo.err, "entrobench: no method is called 'toph'; did you mean 'top-h'?\n");
}

TEST_F(CliTest, SuitesSayWhichNeedData) {
  v1::SuiteInfo* arith = fake_.suites.add_suites();
  arith->set_id("arith");
  arith->set_samples(2000);
  v1::SuiteInfo* gsm8k = fake_.suites.add_suites();
  gsm8k->set_id("gsm8k");
  gsm8k->set_needs_data(true);
  gsm8k->set_data_format("JSON lines with question and answer");
  const Result list = Run("suites");
  EXPECT_THAT(list.out, HasSubstr("2,000"));
  EXPECT_THAT(list.out, HasSubstr("needs data"));
  EXPECT_THAT(list.out, HasSubstr("entrobench data add gsm8k PATH"));
  EXPECT_THAT(Run("suites show gsm8k").out,
              HasSubstr("missing; add it with: entrobench data add gsm8k PATH"));
  EXPECT_EQ(Run("suites show gsm8").err,
            "entrobench: no suite is called 'gsm8'; did you mean 'gsm8k'?\n");
}

TEST_F(CliTest, ModelsListsAndShows) {
  EXPECT_THAT(Run("models").out, StartsWith("No models yet."));
  v1::ModelInfo* model = fake_.models.add_models();
  model->set_name("tiny-reasoner");
  model->set_kind(v1::ModelInfo::KIND_GGUF);
  model->set_digest(std::string(64, 'a'));
  model->set_size_bytes(8'200'000);
  model->set_builtin(true);
  model->add_capabilities(v1::CAPABILITY_FULL_LOGITS);
  EXPECT_EQ(Run("models").out,
            "model          kind    size  digest        what it is\n"
            "-------------  ----  ------  ------------  ----------\n"
            "tiny-reasoner  gguf  8.2 MB  aaaaaaaaaaaa\n");
  EXPECT_THAT(Run("models show tiny-reasoner").out, HasSubstr("gives         full logits"));
}

TEST_F(CliTest, ModelsAddUploadsByPieces) {
  const std::string contents = absl::StrCat("GGUF", std::string(2'500'000, 'x'));
  const Result result = Run({"models", "add", "mine", Write("mine.gguf", contents)});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("Added model mine: gguf, 2.5 MB, "));
  EXPECT_EQ(fake_.uploaded, contents);
  EXPECT_EQ(fake_.uploaded_name, "mine.gguf");
  EXPECT_EQ(fake_.upload_pieces, 3u);
  EXPECT_EQ(fake_.added_model.model().kind(), v1::ModelInfo::KIND_GGUF);
  EXPECT_THAT(result.err, IsEmpty());  // no progress worth telling in no time
}

TEST_F(CliTest, AnUploadShowsABarOnATerminal) {
  err_terminal_.interactive = true;
  err_terminal_.width = 80;
  const Result result =
      Run({"models", "add", "mine",
           Write("mine.gguf", absl::StrCat("GGUF", std::string(2'500'000, 'x')))});
  EXPECT_THAT(result.err, HasSubstr("\rmine.gguf  41% "));
  EXPECT_THAT(result.err, HasSubstr("1.0 MB of 2.5 MB"));
}

TEST_F(CliTest, ModelsAddTellsAFileByItsContent) {
  WriteTorchScript(Path("net.pt"));
  const Result network = Run({"models", "add", "net", Path("net.pt")});
  EXPECT_EQ(network.code, 0) << network.err;
  EXPECT_THAT(network.out, StartsWith("Added model net: torch, "));
  EXPECT_EQ(fake_.added_model.model().kind(), v1::ModelInfo::KIND_TORCH);

  // Nobody is asked about what is no model.
  const auto refused = [&](const std::string& path) {
    const Result result = Run({"models", "add", "mine", path, "--address", "127.0.0.1:1"});
    EXPECT_EQ(result.code, 2);
    return result.err;
  };
  EXPECT_THAT(
      refused(Write("mine.gguf", "%PDF-1.7")),
      AllOf(HasSubstr("mine.gguf: this file is neither a GGUF file"), HasSubstr("TorchScript")));
  WriteTorchCheckpoint(Path("checkpoint.pt"));
  EXPECT_THAT(refused(Path("checkpoint.pt")), HasSubstr("torch.jit.script(model).save("));
  EXPECT_THAT(refused(Path("nothing.pt")), HasSubstr("there is no file"));
}

TEST_F(CliTest, ModelsAddTakesAnEndpoint) {
  const Result result =
      Run("models add gpt --endpoint https://api.example.com/v1 --model gpt-5 --api-key-env "
          "EXAMPLE_KEY --no-logprobs");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "Added model gpt: gpt-5 at https://api.example.com/v1.\n");
  EXPECT_THAT(result.err, HasSubstr("read from EXAMPLE_KEY"));
  const v1::ModelInfo& added = fake_.added_model.model();
  EXPECT_EQ(added.kind(), v1::ModelInfo::KIND_ENDPOINT);
  EXPECT_EQ(added.endpoint_model(), "gpt-5");
  EXPECT_EQ(added.api_key_env(), "EXAMPLE_KEY");
  EXPECT_THAT(added.capabilities(), ElementsAre(v1::CAPABILITY_GENERATE));
  *fake_.models.add_models() = added;
  EXPECT_THAT(Run("models").out, HasSubstr("gpt-5 at https://api.example.com/v1"));
  EXPECT_THAT(Run("models show gpt").out, HasSubstr("from EXAMPLE_KEY on the workers' hosts"));

  EXPECT_EQ(Run("models add gpt").code, 2);
  EXPECT_EQ(Run({"models", "add", "gpt", Write("x.gguf", "GGUF"), "--endpoint", "http://h"}).code,
            2);
  EXPECT_EQ(Run("models add gpt x.gguf --model m").code, 2) << "--model belongs to --endpoint";
}

TEST_F(CliTest, AnUploadThatArrivesOtherwiseIsNoticed) {
  fake_.wrong_digest = std::string(64, '0');
  const Result result = Run({"models", "add", "mine", Write("mine.gguf", "GGUF....")});
  EXPECT_EQ(result.code, 6);
  EXPECT_THAT(result.err, HasSubstr("stored other bytes than were sent"));
}

TEST_F(CliTest, DataAddUploadsAndRegisters) {
  fake_.add_data_reply.mutable_suite()->set_id("gsm8k");
  fake_.add_data_reply.mutable_suite()->set_samples(1319);
  const std::string file = Write("test.jsonl", "{}\n");
  const Result result = Run({"data", "add", "gsm8k", file});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, StartsWith("Suite gsm8k has its data: 1,319 samples, 3 B, "));
  EXPECT_EQ(fake_.added_data.suite(), "gsm8k");
  EXPECT_EQ(fake_.added_data.file_name(), file);
  EXPECT_EQ(fake_.added_data.definition(), "");
}

TEST_F(CliTest, DataAddPacksAFolder) {
  const std::string folder = Path("cifar-10-c");
  std::filesystem::create_directory(folder);
  Write("cifar-10-c/labels.npy", "labels");
  Write("cifar-10-c/fog.npy", "pictures");
  std::filesystem::create_directory(Path("tmp"));
  environment_["TMPDIR"] = Path("tmp");
  const Result result = Run({"data", "add", "cifar-10-c", folder + "/"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(fake_.uploaded_name, "cifar-10-c.tar");
  EXPECT_EQ(fake_.added_data.file_name(), folder + "/");
  const std::string archive = Write("received.tar", fake_.uploaded);
  EXPECT_THAT(*ListArchive(archive, 10), ElementsAre("fog.npy", "labels.npy"));
  EXPECT_TRUE(std::filesystem::is_empty(Path("tmp")));

  std::filesystem::create_directory(Path("empty"));
  const Result empty = Run({"data", "add", "cifar-10-c", Path("empty")});
  EXPECT_EQ(empty.code, 2);
  EXPECT_THAT(empty.err, HasSubstr("there is no file in"));
  EXPECT_TRUE(std::filesystem::is_empty(Path("tmp")));
}

TEST_F(CliTest, DataAddForAnUnknownSuiteSendsNothing) {
  fake_.suites.add_suites()->set_id("cifar-10-c");
  const Result result = Run({"data", "add", "cifar10-c", Write("x.tar", "bytes")});
  EXPECT_EQ(result.code, 4);
  EXPECT_EQ(result.err,
            "entrobench: no suite is called 'cifar10-c'; did you mean 'cifar-10-c'? (your own "
            "questions need --definition SUITE.yaml too)\n");
  EXPECT_EQ(fake_.upload_pieces, 0u);
}

TEST_F(CliTest, DataAddSendsTheDefinitionOfAUsersOwnSuite) {
  const Result result = Run({"data", "add", "mine", Write("q.jsonl", "{}\n"), "--definition",
                             Write("suite.yaml", "question: q\n")});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(fake_.added_data.definition(), "question: q\n");
}

TEST_F(CliTest, DataAddPrintsEveryErrorInPlace) {
  fake_.add_data_status = {grpc::StatusCode::INVALID_ARGUMENT,
                           "q.jsonl:17: no field 'question'\nq.jsonl:19: not JSON"};
  const Result result = Run({"data", "add", "gsm8k", Write("q.jsonl", "{}\n")});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err.substr(result.err.find("entrobench:")),
            "entrobench: the data was not added:\nq.jsonl:17: no field 'question'\nq.jsonl:19: not "
            "JSON\n");
}

TEST_F(CliTest, DataAddOfAMissingFileSaysSo) {
  const Result result = Run("data add gsm8k /nowhere/test.jsonl");
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, "entrobench: there is no file /nowhere/test.jsonl\n");
}

TEST_F(CliTest, WorkersListsShowsAndDrains) {
  EXPECT_THAT(Run("workers").out,
              HasSubstr(absl::StrCat("entrobench-worker --coordinator ", fake_.address())));
  v1::WorkerStatus* worker = fake_.workers.add_workers();
  worker->set_name("local-1");
  worker->set_connected(true);
  worker->set_running_jobs(2);
  worker->set_jobs_done(1234);
  worker->set_last_seen("2026-01-02T03:04:03Z");
  worker->mutable_inventory()->set_host("box");
  worker->mutable_inventory()->set_cores(2);
  worker->mutable_inventory()->set_memory_bytes(8'000'000'000);
  EXPECT_EQ(Run("workers").out,
            "worker   state  host  cores  memory  GPUs  running  jobs done  heard\n"
            "-------  -----  ----  -----  ------  ----  -------  ---------  -------\n"
            "local-1  busy   box       2  8.0 GB     0        2      1,234  2 s ago\n");
  EXPECT_THAT(Run("workers show local-1").out, HasSubstr("2 running, 1,234 done"));
  EXPECT_EQ(Run("workers drain local-1").out,
            "local-1 finishes what it runs and takes nothing new.\n");
  EXPECT_EQ(fake_.drained.name(), "local-1");
}

}  // namespace
}  // namespace entrobench::cli
