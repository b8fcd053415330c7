// A large database in seconds, as a long-used coordinator would have left it:
//
//   entrobench-make-database --data-dir DIR [--trials 1000] [--seeds 3] [--samples 1000000]
//                            [--adaptation]
//
// One finished sweep on the suite `arith`: `trials` cells (methods times parameters times seeds)
// that hold `samples` samples without texts, by plain inserts through the store's own code: through
// the protocol it would take minutes. Open it with `entrobench up --data-dir DIR`;
// bench/dashboard_bench.mjs measures the page's API on it.
//
// With --adaptation the suite is one of corrupted pictures, whose trials have curves and say things
// of themselves: what the pages show of such trials can be tried without a network to run.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "common/random.h"
#include "common/series.h"
#include "common/value.h"
#include "coordinator/store/blocking.h"
#include "coordinator/store/sample_rows.h"
#include "coordinator/store/sqlite.h"
#include "coordinator/store/store.h"

namespace entrobench {
namespace {

constexpr uint64_t kSamplesPerJob = 100;

// What is made: methods on a suite and a model.
struct Recipe {
  std::vector<std::string> methods;
  std::string suite;
  std::string family;
  std::string title;
  std::string model;
  v1::ModelInfo::Kind kind;
  bool adaptation;
};

Recipe MakeRecipe(bool adaptation) {
  if (adaptation) {
    return {{"source", "bn-adapt", "tent", "eata", "sar", "deyo"},
            "pictures-c",
            "adaptation",
            "Corrupted pictures",
            "small-cnn",
            v1::ModelInfo::KIND_TORCH,
            true};
  }
  return {{"top-h", "min-p", "top-p", "eta", "temperature", "mirostat"},
          "arith",
          "reasoning",
          "Arithmetic in words",
          "tiny-reasoner",
          v1::ModelInfo::KIND_GGUF,
          false};
}

constexpr const char* kCorruptions[] = {
    "gaussian_noise", "shot_noise", "impulse_noise", "defocus_blur", "glass_blur",
    "motion_blur",    "zoom_blur",  "snow",          "frost",        "fog",
    "brightness",     "contrast",   "elastic",       "pixelate",     "jpeg"};

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "entrobench-make-database: %s\n", std::string(status.message()).c_str());
  std::exit(1);
}

// What a worker would have told.
v1::Hello MakeHello(const Recipe& recipe) {
  v1::Hello hello;
  hello.set_worker_id("made");
  hello.set_name("made");
  hello.mutable_inventory()->set_host("nowhere");
  v1::SuiteInfo* suite = hello.mutable_catalog()->add_suites();
  suite->set_id(recipe.suite);
  suite->set_version("1");
  suite->set_family(recipe.family);
  suite->set_ordered(recipe.adaptation);
  suite->set_title(recipe.title);
  suite->set_samples(1000);
  suite->set_digest(std::string(64, 'b'));
  suite->set_primary_metric("accuracy");
  const auto report = [suite](const char* name, const char* meaning, bool column) {
    v1::MetricInfo* metric = suite->add_metrics();
    metric->set_name(name);
    metric->set_meaning(meaning);
    metric->set_column(column);
  };
  if (recipe.adaptation) {
    report("mean corruption error", "error averaged over the corruptions", true);
    report("gain over source", "error of the unadapted network less this one's", true);
    report("ECE", "expected calibration error of the predictions", false);
    report("collapsed at", "pictures seen when one class took most of a window", false);
  }
  for (const std::string& id : recipe.methods) {
    v1::MethodInfo* method = hello.mutable_catalog()->add_methods();
    method->set_id(id);
    method->set_version("1");
    method->set_family(recipe.family);
    method->set_title(id);
    for (const char* name : {"strength", "temperature"}) {
      v1::Parameter* parameter = method->add_parameters();
      parameter->set_name(name);
      parameter->set_type(v1::Parameter::TYPE_REAL);
      *parameter->mutable_default_value() = RealValue(1);
    }
  }
  return hello;
}

v1::Trial MakeTrial(const Recipe& recipe, uint64_t cell, uint64_t seed, uint64_t samples) {
  v1::Trial trial;
  const uint64_t method = cell % recipe.methods.size();
  const uint64_t grid = cell / recipe.methods.size();
  trial.mutable_method()->set_id(recipe.methods[method]);
  trial.mutable_method()->set_version("1");
  auto& params = *trial.mutable_method()->mutable_params();
  // The adaptation methods stay at their defaults.
  params["strength"] = RealValue(recipe.adaptation ? 1 : static_cast<double>(grid / 10) / 20);
  params["temperature"] = RealValue(recipe.adaptation ? 1 : static_cast<double>(grid % 10 + 1) / 5);
  trial.mutable_model()->set_name(recipe.model);
  trial.mutable_model()->set_kind(recipe.kind);
  trial.mutable_model()->set_digest(std::string(64, 'a'));
  trial.mutable_suite()->set_id(recipe.suite);
  trial.mutable_suite()->set_version("1");
  trial.mutable_suite()->set_family(recipe.family);
  trial.mutable_suite()->set_ordered(recipe.adaptation);
  trial.mutable_suite()->set_digest(std::string(64, 'b'));
  trial.mutable_suite()->set_samples(samples);
  trial.set_seed(seed);
  trial.set_samples(samples);
  return trial;
}

// What a trial on pictures says of itself, and one curve. `cell` 2 (tent) collapses.
void AddPoints(uint64_t cell, const v1::Trial& trial, Connection* db) {
  const auto put = [&](const std::string& series, uint64_t step, double value) {
    Check(db->Prepare("INSERT INTO points (trial_id, series, step, value) VALUES (?, ?, ?, ?)")
              .Bind(trial.id(), series, step, value)
              .Run());
  };
  const double skill = 0.06 * static_cast<double>(cell % 6);
  double sum = 0;
  for (size_t i = 0; i < std::size(kCorruptions); ++i) {
    const double error = 0.4 + 0.2 * std::sin(static_cast<double>(i)) - 0.5 * skill;
    put(SummarySeries(absl::StrCat(kGroupErrorPrefix, kCorruptions[i])), 0, error);
    sum += error;
  }
  put(SummarySeries("mean corruption error"), 0, sum / std::size(kCorruptions));
  put(SummarySeries("gain over source"), 0, skill / 2);
  put(SummarySeries("ECE"), 0, 0.05 + skill / 10);
  if (cell % 6 == 2) put(SummarySeries(kCollapsedAt), 0, 1280);
  for (uint64_t step = 64; step <= 6400; step += 64)
    put("online error", step, 0.3 - skill / 2 + 10 / static_cast<double>(step + 64));
}

// Cells differ in skill and cost, problems in difficulty, so that the pages have something to show.
v1::SampleResult MakeSample(const Recipe& recipe, uint64_t cell, uint64_t id, Random& random) {
  const double skill = 0.35 + 0.3 * std::sin(static_cast<double>(cell) * 0.7);
  const double ease = 0.5 + 0.4 * std::cos(static_cast<double>(id) * 1.3);
  const bool right = random.Uniform() < 0.5 * (skill + ease);
  v1::SampleResult sample;
  sample.set_sample_id(id);
  sample.set_score(right ? 1 : 0);
  sample.set_answer(absl::StrCat(random.Below(1000)));
  sample.set_confidence(right ? 0.4 + 0.6 * random.Uniform() : 0.8 * random.Uniform());
  sample.set_mean_entropy((right ? 0.05 : 0.1) * (0.5 + random.Uniform()));
  sample.set_mean_logprob(-random.Uniform());
  sample.set_branches(1);
  sample.set_seconds(0.004);
  if (recipe.adaptation) return sample;
  sample.set_prompt_tokens(60);
  sample.set_generated_tokens(static_cast<uint32_t>(40 + cell % 7 * 30 + random.Below(40)));
  sample.set_seconds(0.001 * static_cast<double>(sample.generated_tokens()));
  sample.set_group(absl::StrCat(id % 6 + 1, id % 6 == 0 ? " step" : " steps"));
  return sample;
}

void Make(const Recipe& recipe, const std::string& folder, uint64_t trials, uint64_t seeds,
          uint64_t samples) {
  Store::Options options;
  options.data_dir = folder;
  CreatedSweep sweep;
  {
    auto store = Store::Open(options);
    Check(store.status());
    Check(
        WaitFor<absl::Status>([&](auto done) { (*store)->RecordHello(MakeHello(recipe), done); }));
    NewSweep wanted;
    wanted.name = "a large one";
    wanted.yaml = "# made by entrobench-make-database\n";
    wanted.fresh = true;
    for (uint64_t i = 0; i < trials; ++i)
      wanted.trials.push_back(MakeTrial(recipe, i / seeds, i % seeds + 1, samples / trials));
    wanted.cut_jobs = [](const v1::Trial& trial, const std::vector<uint64_t>&) {
      std::vector<SampleRange> slices;
      const uint64_t size = trial.suite().ordered() ? trial.samples() : kSamplesPerJob;
      for (uint64_t begin = 0; begin < trial.samples(); begin += size)
        slices.push_back({begin, std::min(begin + size, trial.samples())});
      return slices;
    };
    auto created = WaitFor<absl::StatusOr<CreatedSweep>>(
        [&](auto done) { (*store)->CreateSweep(std::move(wanted), done); });
    Check(created.status());
    sweep = *std::move(created);
    std::vector<LeaseRecord> leases;
    for (const JobRecord& job : sweep.jobs)
      leases.push_back({job.job_id, 1, {"made", "made", "nowhere", "none"}});
    Check(
        WaitFor<absl::Status>([&](auto done) { (*store)->RecordLeases(std::move(leases), done); }));
  }
  auto db = Connection::Open(folder + "/entrobench.db", Connection::Mode::kReadWrite);
  Check(db.status());
  Check((*db)->Execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; BEGIN"));
  Random random(3, 4);
  int64_t payload_id = 1;
  EncodedSample encoded;
  for (const JobRecord& job : sweep.jobs) {
    const uint64_t cell = (job.trial_id - sweep.trials.front().trial().id()) / seeds;
    for (uint64_t id = job.samples.begin; id < job.samples.end; ++id) {
      encoded.sample = MakeSample(recipe, cell, id, random);
      Check(InsertSample(**db, {job.trial_id, job.job_id, 1, 1}, encoded, &payload_id).status());
    }
  }
  for (size_t i = 0; recipe.adaptation && i < sweep.trials.size(); ++i)
    AddPoints(i / seeds, sweep.trials[i].trial(), db->get());
  Check((*db)->Execute(
      "UPDATE trials SET state = 2, jobs_done = jobs, (recorded, score_sum, score_square_sum, "
      "correct, generated_tokens, prompt_tokens, entropy_sum, confidence_sum, confidence_count, "
      "seconds_sum) = (SELECT COUNT(*), TOTAL(score), TOTAL(score * score), SUM(score >= 1), "
      "CAST(TOTAL(generated_tokens) AS INTEGER), CAST(TOTAL(prompt_tokens) AS INTEGER), "
      "TOTAL(mean_entropy), TOTAL(confidence), COUNT(confidence), TOTAL(seconds) "
      "FROM samples WHERE samples.trial_id = trials.trial_id)"));
  Check((*db)->Execute(
      "UPDATE jobs SET state = 2; "
      "UPDATE sweeps SET state = 2, finished_ms = created_ms + 1000, trials_running = 0; "
      "UPDATE attempts SET outcome = 1, ended_ms = leased_ms + 1000; COMMIT; PRAGMA "
      "wal_checkpoint(TRUNCATE)"));
}

}  // namespace
}  // namespace entrobench

int main(int argc, char** argv) {
  CLI::App app("Makes a database with many trials and samples, to try the dashboard on.",
               "entrobench-make-database");
  std::string folder;
  uint64_t trials = 1000, seeds = 3, samples = 1'000'000;
  app.add_option("--data-dir", folder, "A folder without a database")->required();
  app.add_option("--trials", trials)->capture_default_str()->check(CLI::Range(1, 1'000'000));
  app.add_option("--seeds", seeds, "Trials of one cell")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--samples", samples, "In all")->capture_default_str();
  bool adaptation = false;
  app.add_flag("--adaptation", adaptation, "On a suite of corrupted pictures");
  CLI11_PARSE(app, argc, argv);
  entrobench::Make(entrobench::MakeRecipe(adaptation), folder, trials, seeds, samples);
  std::printf("%s: %lu trials, %lu samples\n", folder.c_str(), trials, samples / trials * trials);
  return 0;
}
