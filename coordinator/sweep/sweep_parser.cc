#include "coordinator/sweep/sweep_parser.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/nearest.h"
#include "common/value.h"
#include "coordinator/sweep/cell.h"
#include "coordinator/sweep/model_fit.h"
#include "coordinator/sweep/yaml_reader.h"

namespace entrobench {
namespace {

constexpr int64_t kMaxInteger = std::numeric_limits<int64_t>::max();
constexpr uint64_t kSmallModelBytes = 64ull << 20;

using Params = std::map<std::string, v1::Value>;

// A method as one entry of the sweep names it, with every combination of its parameters.
struct MethodGrid {
  const v1::MethodInfo* method = nullptr;
  YAML::Mark mark;
  std::vector<Params> combinations;
};

std::string NameOf(const v1::MethodInfo& info) { return info.id(); }
std::string NameOf(const v1::SuiteInfo& info) { return info.id(); }
std::string NameOf(const v1::ModelInfo& info) { return info.name(); }

template <typename Info>
std::vector<std::string> NamesOf(const std::vector<Info>& infos) {
  std::vector<std::string> names;
  for (const Info& info : infos) names.push_back(NameOf(info));
  return names;
}

template <typename Info>
const Info* Find(const std::vector<Info>& infos, const std::string& name) {
  const auto found = std::find_if(infos.begin(), infos.end(),
                                  [&](const Info& info) { return NameOf(info) == name; });
  return found == infos.end() ? nullptr : &*found;
}

class Parser {
 public:
  Parser(const SweepCatalog& catalog, absl::string_view file_name)
      : catalog_(catalog), findings_(file_name) {}

  absl::StatusOr<SweepPlan> Parse(absl::string_view yaml) {
    const YAML::Node document = LoadYaml(yaml, kMaxSweepBytes, &findings_);
    if (!document.IsDefined()) return findings_.ToStatus();
    const YamlMap sweep(
        document, "a sweep",
        {"name", "suite", "suites", "model", "models", "seed", "seeds", "limit", "methods",
         "method", "deterministic", "keep", "options", "resources", "weight", "priority"},
        &findings_);
    if (!sweep.valid()) return findings_.ToStatus();
    ReadHead(sweep);
    ReadSuites(sweep);
    ReadModels(sweep);
    ReadSeeds(sweep);
    ReadMethods(sweep);
    ReadResources(sweep);
    const std::vector<Params> options = ReadOptions(sweep);
    if (findings_.empty()) Expand(sweep, options);
    const absl::Status status = findings_.ToStatus();
    if (!status.ok()) return status;
    plan_.warnings = findings_.Warnings();
    return std::move(plan_);
  }

 private:
  void ReadHead(const YamlMap& sweep) {
    const std::optional<std::string> name = ReadText(sweep.Get("name"), "name", &findings_);
    plan_.name = name.value_or("");
    if (!sweep.Get("name").IsDefined()) plan_.name = "unnamed";
    plan_.weight = ReadReal(sweep.Get("weight"), "weight", 1e-3, 1e3, &findings_).value_or(1.0);
    plan_.priority = static_cast<int>(
        ReadInteger(sweep.Get("priority"), "priority", -1000, 1000, &findings_).value_or(0));
    deterministic_ =
        ReadBoolean(sweep.Get("deterministic"), "deterministic", &findings_).value_or(false);
    limit_ = ReadInteger(sweep.Get("limit"), "limit", 1, kMaxInteger, &findings_);
    const YAML::Node keep = sweep.Get("keep");
    if (const auto word = ReadText(keep, "keep", &findings_); word.has_value()) {
      if (*word == "all") {
        keep_ = v1::KEEP_ALL;
      } else if (*word == "text") {
        keep_ = v1::KEEP_TEXT;
      } else if (*word == "numbers") {
        keep_ = v1::KEEP_NUMBERS;
      } else {
        findings_.Error(keep.Mark(),
                        absl::StrCat("`keep` must be all, text or numbers, but is ", Shown(keep)));
      }
    }
  }

  // The value under `one` or under `many`: either may hold a scalar or a list.
  YAML::Node OneOrMany(const YamlMap& sweep, const char* one, const char* many, bool required) {
    const YAML::Node first = sweep.Get(one), second = sweep.Get(many);
    if (first.IsDefined() && second.IsDefined()) {
      findings_.Error(second.Mark(),
                      absl::StrCat("both `", one, "` and `", many, "` stand here; keep one"));
    }
    if (!first.IsDefined() && !second.IsDefined() && required) {
      findings_.Error(sweep.mark(), absl::StrCat("`", one, "` is missing"));
    }
    return first.IsDefined() ? first : second;
  }

  void ReadSuites(const YamlMap& sweep) {
    const YAML::Node node = OneOrMany(sweep, "suite", "suites", /*required=*/true);
    for (const YAML::Node& element : ReadList(node, "suite", &findings_)) {
      const auto name = ReadText(element, "suite", &findings_);
      if (!name.has_value()) continue;
      const v1::SuiteInfo* suite = Find(catalog_.suites, *name);
      if (suite == nullptr) {
        findings_.Error(element.Mark(), absl::StrCat("unknown suite ", Shown(element),
                                                     Suggestion(*name, NamesOf(catalog_.suites))));
      } else if (suite->samples() == 0) {
        findings_.Error(
            element.Mark(),
            absl::StrCat("suite '", *name, "' has no data yet; add it with: entrobench data add ",
                         *name, " PATH", suite->data_format().empty() ? "" : " (",
                         suite->data_format(), suite->data_format().empty() ? "" : ")"));
      } else if (std::find(suites_.begin(), suites_.end(), suite) != suites_.end()) {
        findings_.Error(element.Mark(), absl::StrCat("suite '", *name, "' stands twice"));
      } else {
        suites_.push_back(suite);
      }
    }
  }

  bool NeedsModel() const {
    return std::any_of(suites_.begin(), suites_.end(),
                       [](const auto* suite) { return suite->needs_model(); });
  }

  void ReadModels(const YamlMap& sweep) {
    const YAML::Node node = OneOrMany(sweep, "model", "models", NeedsModel());
    if (node.IsDefined() && !suites_.empty() && !NeedsModel()) {
      findings_.Warning(node.Mark(), "none of the suites needs a model; it is not used");
    }
    for (const YAML::Node& element : ReadList(node, "model", &findings_)) {
      const auto name = ReadText(element, "model", &findings_);
      if (!name.has_value()) continue;
      const v1::ModelInfo* model = Find(catalog_.models, *name);
      if (model == nullptr) {
        findings_.Error(element.Mark(),
                        absl::StrCat("unknown model ", Shown(element),
                                     Suggestion(*name, NamesOf(catalog_.models)),
                                     " (add your own with: entrobench models add NAME PATH)"));
      } else if (std::find(models_.begin(), models_.end(), model) != models_.end()) {
        findings_.Error(element.Mark(), absl::StrCat("model '", *name, "' stands twice"));
      } else if (deterministic_ && model->kind() == v1::ModelInfo::KIND_ENDPOINT) {
        findings_.Error(element.Mark(),
                        absl::StrCat("model '", *name,
                                     "' is an endpoint, which cannot be deterministic; remove "
                                     "`deterministic: true` or choose a GGUF model"));
      } else {
        models_.push_back(model);
      }
    }
  }

  void ReadSeeds(const YamlMap& sweep) {
    const YAML::Node node = OneOrMany(sweep, "seeds", "seed", /*required=*/false);
    if (!node.IsDefined()) {
      seeds_ = {1};
      return;
    }
    std::set<int64_t> seen;
    for (const YAML::Node& element : ReadList(node, "seeds", &findings_)) {
      const auto seed = ReadInteger(element, "seeds", 0, kMaxInteger, &findings_);
      if (!seed.has_value()) continue;
      if (!seen.insert(*seed).second) {
        findings_.Error(element.Mark(), absl::StrCat("seed ", *seed, " stands twice"));
        continue;
      }
      seeds_.push_back(static_cast<uint64_t>(*seed));
    }
  }

  // A value for a declared parameter; notes a wrong type, a value out of range, an unknown choice.
  std::optional<v1::Value> ReadValue(const YAML::Node& node, const v1::Parameter& parameter) {
    switch (parameter.type()) {
      case v1::Parameter::TYPE_INTEGER: {
        // An open end is infinite.
        const int64_t low = parameter.minimum() <= -9e18
                                ? std::numeric_limits<int64_t>::min()
                                : static_cast<int64_t>(parameter.minimum());
        const int64_t high =
            parameter.maximum() >= 9e18 ? kMaxInteger : static_cast<int64_t>(parameter.maximum());
        const auto value = ReadInteger(node, parameter.name(), low, high, &findings_);
        return value.has_value() ? std::optional(IntegerValue(*value)) : std::nullopt;
      }
      case v1::Parameter::TYPE_REAL: {
        const auto value =
            ReadReal(node, parameter.name(), parameter.minimum(), parameter.maximum(), &findings_);
        return value.has_value() ? std::optional(RealValue(*value)) : std::nullopt;
      }
      case v1::Parameter::TYPE_BOOLEAN: {
        const auto value = ReadBoolean(node, parameter.name(), &findings_);
        return value.has_value() ? std::optional(BooleanValue(*value)) : std::nullopt;
      }
      default: {
        const auto value = ReadText(node, parameter.name(), &findings_);
        if (!value.has_value()) return std::nullopt;
        const std::vector<std::string> choices(parameter.choices().begin(),
                                               parameter.choices().end());
        if (!choices.empty() &&
            std::find(choices.begin(), choices.end(), *value) == choices.end()) {
          const std::string nearest = NearestName(*value, choices);
          findings_.Error(
              node.Mark(),
              absl::StrCat("`", parameter.name(), "` must be ", absl::StrJoin(choices, " or "),
                           ", but is ", Shown(node),
                           nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?")));
          return std::nullopt;
        }
        if (parameter.type() == v1::Parameter::TYPE_MODELS &&
            !CheckCompanions(node.Mark(), parameter.name(), TextValue(*value)))
          return std::nullopt;
        return TextValue(*value);
      }
    }
  }

  // Whether the names in a value of TYPE_MODELS can run beside a trial's model; notes what cannot.
  bool CheckCompanions(const YAML::Mark& mark, const std::string& parameter,
                       const v1::Value& value) {
    bool good = true;
    for (const std::string& name : ModelNames(value)) {
      const v1::ModelInfo* model = Find(catalog_.models, name);
      if (model != nullptr && model->kind() == v1::ModelInfo::KIND_GGUF) continue;
      good = false;
      if (model == nullptr) {
        findings_.Error(mark, absl::StrCat("`", parameter, "` names the unknown model '", name, "'",
                                           Suggestion(name, NamesOf(catalog_.models))));
      } else {
        findings_.Error(mark, absl::StrCat("`", parameter, "` names model '", name,
                                           "', which is no GGUF file: only those can run beside "
                                           "another model"));
      }
    }
    return good;
  }

  // The product of the lists in `node` over `declared` parameters; what is not named has its
  // default.
  std::vector<Params> ReadGrid(const YAML::Node& node, const std::string& what,
                               const std::vector<v1::Parameter>& declared) {
    Params defaults;
    std::vector<std::string> names;
    for (const v1::Parameter& parameter : declared) {
      defaults[parameter.name()] = parameter.default_value();
      names.push_back(parameter.name());
    }
    std::vector<Params> combinations = {defaults};
    const YamlMap map(node, what, names, &findings_);
    for (const v1::Parameter& parameter : declared) {
      const YAML::Node values_node = map.Get(parameter.name());
      if (!values_node.IsDefined()) continue;
      std::vector<v1::Value> values;
      std::set<std::string> seen;
      for (const YAML::Node& element : ReadList(values_node, parameter.name(), &findings_)) {
        const std::optional<v1::Value> value = ReadValue(element, parameter);
        if (!value.has_value()) continue;
        if (seen.insert(CanonicalValue(*value)).second) {
          values.push_back(*value);
        } else {
          findings_.Error(element.Mark(),
                          absl::StrCat("`", parameter.name(), "` has ", Shown(element), " twice"));
        }
      }
      if (values.empty()) continue;
      if (combinations.size() * values.size() > kMaxSweepTrials) {
        findings_.Error(values_node.Mark(),
                        absl::StrCat("more than ", kMaxSweepTrials, " combinations of ", what));
        continue;
      }
      std::vector<Params> product;
      for (const Params& combination : combinations) {
        for (const v1::Value& value : values) {
          product.push_back(combination);
          product.back()[parameter.name()] = value;
        }
      }
      combinations = std::move(product);
    }
    return combinations;
  }

  void ReadMethods(const YamlMap& sweep) {
    const YAML::Node node = OneOrMany(sweep, "methods", "method", /*required=*/true);
    size_t combinations = 0;
    for (const YAML::Node& element : ReadList(node, "methods", &findings_)) {
      YAML::Node name_node(element);
      YAML::Node params_node(YAML::NodeType::Undefined);
      if (element.IsMap()) {
        const YamlMap map(element, "a method", {"name", "params"}, &findings_);
        name_node.reset(map.Get("name"));
        params_node.reset(map.Get("params"));
        if (!name_node.IsDefined()) {
          findings_.Error(element.Mark(), "`name` of the method is missing");
          continue;
        }
      }
      const auto name = ReadText(name_node, "name", &findings_);
      if (!name.has_value()) continue;
      const v1::MethodInfo* method = Find(catalog_.methods, *name);
      if (method == nullptr) {
        findings_.Error(name_node.Mark(),
                        absl::StrCat("unknown method ", Shown(name_node),
                                     Suggestion(*name, NamesOf(catalog_.methods))));
        continue;
      }
      MethodGrid grid;
      grid.method = method;
      grid.mark = name_node.Mark();
      grid.combinations = ReadGrid(params_node, absl::StrCat("the parameters of ", *name),
                                   {method->parameters().begin(), method->parameters().end()});
      CheckFit(grid);
      combinations += grid.combinations.size();
      if (combinations > kMaxSweepTrials) {
        findings_.Error(grid.mark, absl::StrCat("the methods make more than ", kMaxSweepTrials,
                                                " trials: split the sweep"));
        return;
      }
      methods_.push_back(std::move(grid));
    }
  }

  // A method fits the suites of its family and the models that give what it needs.
  void CheckFit(const MethodGrid& grid) {
    for (const v1::SuiteInfo* suite : suites_) {
      if (suite->family() == grid.method->family()) continue;
      findings_.Error(grid.mark, absl::StrCat("method '", grid.method->id(), "' is of the family ",
                                              grid.method->family(), ", but suite '", suite->id(),
                                              "' of the family ", suite->family()));
    }
    if (!NeedsModel()) return;
    std::set<std::string> noted;
    const auto note = [&](const std::string& error) {
      if (noted.insert(error).second) findings_.Error(grid.mark, error);
    };
    for (const Params& params : grid.combinations) {
      for (const v1::ModelInfo* model : models_) {
        const ModelFit fit = FitModel(*grid.method, params, *model);
        if (!fit.lacks.empty()) {
          note(absl::StrCat("method '", grid.method->id(), "' needs ",
                            absl::StrJoin(fit.lacks, ", "), ", which model '", model->name(),
                            "' does not give", OtherKind(*grid.method, *model)));
        }
        if (model->kind() != v1::ModelInfo::KIND_GGUF && HasCompanions(*grid.method, params)) {
          note(absl::StrCat("method '", grid.method->id(),
                            "' runs several models in one process, which model '", model->name(),
                            "' cannot join: it is no GGUF file"));
        }
      }
    }
    for (const v1::Parameter& parameter : grid.method->parameters()) {
      if (parameter.type() == v1::Parameter::TYPE_MODELS &&
          std::any_of(
              grid.combinations.begin(), grid.combinations.end(), [&](const Params& params) {
                return params.at(parameter.name()).text() == parameter.default_value().text();
              })) {
        CheckCompanions(grid.mark, parameter.name(), parameter.default_value());
      }
    }
  }

  // Where language models and image classifiers were mixed up, a word about it.
  static absl::string_view OtherKind(const v1::MethodInfo& method, const v1::ModelInfo& model) {
    const auto& needs = method.needs();
    const bool classifies = model.kind() == v1::ModelInfo::KIND_TORCH;
    if (classifies ==
        (std::find(needs.begin(), needs.end(), v1::CAPABILITY_CLASSIFY) != needs.end()))
      return "";
    return classifies ? ": it is an image classifier"
                      : ": it is a language model, and the method adapts image classifiers";
  }

  static bool HasCompanions(const v1::MethodInfo& method, const Params& params) {
    const auto& parameters = method.parameters();
    return std::any_of(parameters.begin(), parameters.end(), [&](const v1::Parameter& parameter) {
      return parameter.type() == v1::Parameter::TYPE_MODELS &&
             !ModelNames(params.at(parameter.name())).empty();
    });
  }

  // The models that the trial's method uses beside the trial's own.
  void AddCompanions(const v1::MethodInfo& method, const Params& params, v1::Trial* trial) const {
    for (const v1::Parameter& parameter : method.parameters()) {
      if (parameter.type() != v1::Parameter::TYPE_MODELS) continue;
      for (const std::string& name : ModelNames(params.at(parameter.name()))) {
        v1::CompanionModel* companion = trial->add_companions();
        companion->set_parameter(parameter.name());
        *companion->mutable_model() = ConfigOf(*Find(catalog_.models, name));
      }
    }
  }

  // One set of options for each suite. An option that only some of the suites have counts for
  // those.
  std::vector<Params> ReadOptions(const YamlMap& sweep) {
    const YAML::Node node = sweep.Get("options");
    std::map<std::string, v1::Parameter> declared;
    for (const v1::SuiteInfo* suite : suites_) {
      for (const v1::Parameter& option : suite->options())
        declared.try_emplace(option.name(), option);
    }
    std::vector<std::string> names;
    for (const auto& [name, option] : declared) names.push_back(name);
    const YamlMap map(node, "`options`", names, &findings_);
    std::vector<Params> all;
    std::set<std::pair<int, int>> noted;  // a value that is wrong for several suites is noted once
    for (const v1::SuiteInfo* suite : suites_) {
      Params options;
      for (const v1::Parameter& option : suite->options()) {
        const YAML::Node value_node = map.Get(option.name());
        options[option.name()] = option.default_value();
        if (!value_node.IsDefined()) continue;
        if (noted.count({value_node.Mark().line, value_node.Mark().column}) > 0) continue;
        const auto value = ReadValue(value_node, option);
        if (value.has_value()) {
          options[option.name()] = *value;
        } else {
          noted.insert({value_node.Mark().line, value_node.Mark().column});
        }
      }
      all.push_back(std::move(options));
    }
    return all;
  }

  void ReadResources(const YamlMap& sweep) {
    const YAML::Node node = sweep.Get("resources");
    const YamlMap map(node, "`resources`", {"cores", "memory", "gpus", "gpu_memory", "labels"},
                      &findings_);
    cores_ = ReadInteger(map.Get("cores"), "cores", 0, 4096, &findings_);
    memory_ = ReadBytes(map.Get("memory"), "memory", &findings_);
    resources_.set_gpus(
        static_cast<uint32_t>(ReadInteger(map.Get("gpus"), "gpus", 0, 64, &findings_).value_or(0)));
    resources_.set_gpu_memory_bytes(
        ReadBytes(map.Get("gpu_memory"), "gpu_memory", &findings_).value_or(0));
    for (const YAML::Node& element : ReadList(map.Get("labels"), "labels", &findings_)) {
      if (const auto label = ReadText(element, "labels", &findings_); label.has_value()) {
        resources_.add_labels(*label);
        plan_.labels.push_back(*label);
      }
    }
  }

  // A small model is fastest on one core, several jobs beside each other; a large one wants the
  // whole machine. Beside its parameters a language model takes memory for the keys and values of
  // many sequences; an adapted network for the pictures, a second copy of itself, gradients, and
  // what every layer gave to a batch.
  v1::Resources ResourcesFor(const v1::Trial& trial) const {
    v1::Resources resources = resources_;
    uint64_t size = trial.model().size_bytes();
    for (const v1::CompanionModel& companion : trial.companions())
      size += companion.model().size_bytes();
    const bool small = size <= kSmallModelBytes;
    resources.set_cores(static_cast<uint32_t>(cores_.value_or(small ? 1 : 0)));
    const uint64_t base =
        trial.model().kind() == v1::ModelInfo::KIND_TORCH ? 2ull << 30 : 1ull << 30;
    resources.set_memory_bytes(memory_.value_or(2 * size + (small ? base : 4 * base)));
    return resources;
  }

  static v1::ModelConfig ConfigOf(const v1::ModelInfo& info) {
    v1::ModelConfig config;
    config.set_name(info.name());
    config.set_kind(info.kind());
    config.set_digest(info.digest());
    config.set_size_bytes(info.size_bytes());
    config.set_endpoint_url(info.endpoint_url());
    config.set_endpoint_model(info.endpoint_model());
    config.set_api_key_env(info.api_key_env());
    return config;
  }

  static v1::SuiteConfig ConfigOf(const v1::SuiteInfo& info, const Params& options) {
    v1::SuiteConfig config;
    config.set_id(info.id());
    config.set_version(info.version());
    config.set_family(info.family());
    config.set_digest(info.digest());
    config.set_samples(info.samples());
    config.set_ordered(info.ordered());
    if (info.has_data()) *config.mutable_data() = info.data();
    config.set_definition(info.definition());
    for (const auto& [name, value] : options) (*config.mutable_options())[name] = value;
    return config;
  }

  // Every cell once: suites, models, methods, parameters, seeds, in this order.
  void Expand(const YamlMap& sweep, const std::vector<Params>& options) {
    size_t combinations = 0;
    for (const MethodGrid& grid : methods_) combinations += grid.combinations.size();
    size_t pairs = 0;  // of suite and model
    for (const v1::SuiteInfo* suite : suites_) pairs += suite->needs_model() ? models_.size() : 1;
    const size_t total = pairs * combinations * seeds_.size();
    if (total > kMaxSweepTrials) {
      findings_.Error(sweep.mark(), absl::StrCat("this makes ", total, " trials; at most ",
                                                 kMaxSweepTrials, " fit one sweep: split it"));
      return;
    }
    std::set<std::string> cells;
    for (size_t s = 0; s < suites_.size(); ++s) {
      const v1::SuiteInfo& suite = *suites_[s];
      std::vector<const v1::ModelInfo*> models = models_;
      if (!suite.needs_model()) models = {nullptr};
      for (const v1::ModelInfo* model : models) {
        for (const MethodGrid& grid : methods_) {
          for (const Params& params : grid.combinations) {
            for (const uint64_t seed : seeds_) {
              v1::Trial trial;
              trial.mutable_method()->set_id(grid.method->id());
              trial.mutable_method()->set_version(grid.method->version());
              for (const auto& [name, value] : params)
                (*trial.mutable_method()->mutable_params())[name] = value;
              if (model != nullptr) {
                *trial.mutable_model() = ConfigOf(*model);
                trial.set_approximation(FitModel(*grid.method, params, *model).approximation);
              }
              AddCompanions(*grid.method, params, &trial);
              *trial.mutable_suite() = ConfigOf(suite, options[s]);
              trial.set_seed(seed);
              trial.set_deterministic(deterministic_);
              trial.set_samples(
                  limit_.has_value()
                      ? std::min<uint64_t>(suite.samples(), static_cast<uint64_t>(*limit_))
                      : suite.samples());
              trial.set_cell(CellDigest(trial));
              trial.set_keep(keep_);
              *trial.mutable_resources() = ResourcesFor(trial);
              const std::string cell = absl::StrCat(CellText(trial), trial.model().name());
              if (!cells.insert(cell).second) {
                findings_.Warning(
                    grid.mark,
                    absl::StrCat("method '", grid.method->id(),
                                 "' stands twice with the same parameters; it runs once"));
                continue;
              }
              plan_.trials.push_back(std::move(trial));
            }
          }
        }
      }
    }
  }

  const SweepCatalog& catalog_;
  Findings findings_;
  SweepPlan plan_;
  bool deterministic_ = false;
  std::optional<int64_t> limit_;
  v1::Keep keep_ = v1::KEEP_ALL;
  std::vector<const v1::SuiteInfo*> suites_;
  std::vector<const v1::ModelInfo*> models_;
  std::vector<uint64_t> seeds_;
  std::vector<MethodGrid> methods_;
  std::optional<int64_t> cores_;
  std::optional<uint64_t> memory_;
  v1::Resources resources_;
};

}  // namespace

absl::StatusOr<SweepPlan> ParseSweep(absl::string_view yaml, absl::string_view file_name,
                                     const SweepCatalog& catalog) {
  return Parser(catalog, file_name).Parse(yaml);
}

}  // namespace entrobench
