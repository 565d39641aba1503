// similarity: {examples: known-hard.jsonl, at_least: 0.88, tier: large, encoder: {deployment: embedder}}. The nearest
// of labelled example prompts says where a request goes, if it is near enough:
//
//   prompt -> encoder -> vector -> the example with the highest cosine -> its tier and class, or the router's tier
//
// No vector in time, or nothing near enough, is no opinion. Where the encoder is a model in the gateway, or the
// examples are many, the search runs on a thread of its own.
#include "routing/similarity.hpp"

#include "base/sha256.hpp"
#include "base/shared_by_key.hpp"
#include "base/unit_vector.hpp"
#include "features/word_vector.hpp"
#include "options/nearest.hpp"
#include "options/type_of.hpp"
#include "routing/example_search.hpp"
#include "routing/prompt_cache.hpp"
#include "routing/routers.hpp"
#include "routing/rules.hpp"
#include "similarity/vector_file.hpp"
#include "text/fence.hpp"

#include <algorithm>
#include <cstdio>

namespace triage {

void describe(options::Describer& v, SimilarityRouterSpec& s) {
  v.field({.name = "examples",
           .text = "file of example prompts, JSON Lines; relative to the folder of this file",
           .required = true,
           .check = check_filled},
          s.examples);
  v.field({.name = "at_least",
           .text = "cosine from which the nearest example counts; `triage similarity fit` chooses it",
           .most = 1},
          s.at_least);
  v.field({.name = "tier", .text = "the tier of examples that name none", .shown_default = "none"}, s.tier);
  v.field({.name = "encoder", .text = "what turns prompts into vectors"}, s.encoder);
  v.field({.name = "sees_max",
           .text = "how much of the last user turn is encoded; of more, the beginning and the end",
           .least = 64,
           .most = 1'048'576},
          s.sees_max);
}

std::string encoded_part(const SimilarityRouterSpec& spec, std::string_view text) {
  return shortened(text, spec.sees_max.bytes);
}

std::string vectors_beside(const std::string& file) {
  return file + ".vectors";
}

namespace routing {
namespace {

using Clock = std::chrono::steady_clock;
using options::in_quotes;
using similarity::Example;
using similarity::Nearest;
using similarity::VectorFile;

class Similarity final : public Router {
 public:
  explicit Similarity(const SimilarityRouterSpec& spec)
      : spec_(spec),
        set_(spec.loaded),
        encoder_(make_encoder(spec.encoder)),
        search_(std::make_shared<ExampleSearch>(set_, encoder_)),
        cache_(spec.encoder.cache, std::nullopt) {
    set_->nearest.prepare();
  }

  [[nodiscard]] std::string_view kind() const noexcept override { return "similarity"; }

  [[nodiscard]] std::optional<Question> question(const RoutingInput& input) const override {
    std::string seen = seen_of(input);
    if (seen.empty() || cache_.find(prompt_key(seen), Clock::now())) return std::nullopt;
    auto question = encoder_->question(seen);
    if (question && std::holds_alternative<EmbeddingQuestion>(*question)) return question;
    if (!question && set_->nearest.is_quick()) return std::nullopt;
    ScoreQuestion out{search_, {}, spec_.encoder.timeout};
    out.input.text = std::move(seen);
    return out;
  }

  [[nodiscard]] std::optional<Question> follow_up(const RoutingInput& /*input*/,
                                                  const QuestionResult& result) const override {
    if (set_->nearest.is_quick() || !std::holds_alternative<Embedding>(result)) return std::nullopt;
    ScoreQuestion out{search_, {}, spec_.encoder.timeout};
    out.input.features = encoder_->vector_in(result);
    if (out.input.features.size() != set_->nearest.dimensions() || !normalise(out.input.features)) return std::nullopt;
    return out;
  }

  [[nodiscard]] Opinion pick(const RoutingInput& input) const override {
    const std::string seen = seen_of(input);
    if (seen.empty()) return because("the last user turn has no text to compare");
    if (const auto known = cache_.find(prompt_key(seen), Clock::now())) return opinion_on(*known);
    std::vector<float> vector = encoder_->encode(seen);
    return vector.empty() ? because(whose() + " was not asked") : judge(seen, std::move(vector));
  }

  [[nodiscard]] Opinion answered(const RoutingInput& input, const QuestionResult& result) const override {
    const std::string seen = seen_of(input);
    if (const auto* const scores = std::get_if<Scores>(&result)) {
      const auto nearest = ExampleSearch::nearest_in(*scores);
      return nearest ? keep(seen, *nearest) : because(whose() + " gives no vector to compare");
    }
    std::vector<float> vector = encoder_->vector_in(result);
    if (vector.empty()) return because("no vector from " + whose() + ", or no nearest example, in time");
    return judge(seen, std::move(vector));
  }

 private:
  [[nodiscard]] Opinion judge(std::string_view seen, std::vector<float> vector) const {
    if (vector.size() != set_->nearest.dimensions())
      return because(whose() + " gives vectors of " + std::to_string(vector.size()) + " numbers, the examples have " +
                     std::to_string(set_->nearest.dimensions()));
    if (!normalise(vector)) return because(whose() + " gives a vector without a direction");
    const auto nearest = set_->nearest.find(vector);
    if (!nearest) return because("there are no examples");
    return keep(seen, *nearest);
  }

  [[nodiscard]] Opinion keep(std::string_view seen, const Nearest& nearest) const {
    cache_.keep(prompt_key(seen), nearest, Clock::now());
    return opinion_on(nearest);
  }

  static Opinion because(std::string reason) {
    Opinion out;
    out.reason = std::move(reason);
    return out;
  }
  [[nodiscard]] std::string whose() const { return "'" + std::string(encoder_->name()) + "'"; }
  [[nodiscard]] std::string seen_of(const RoutingInput& input) const {
    return encoded_part(spec_, input.view().text());
  }

  [[nodiscard]] Opinion opinion_on(const Nearest& nearest) const {
    const Example& example = set_->examples[nearest.row];
    const bool near = nearest.score >= spec_.at_least;
    std::string which = "line " + std::to_string(example.line);
    if (!example.label.empty()) which += " (" + example.label + ")";
    char figures[64];
    std::snprintf(figures, sizeof figures, near ? ", cosine %.3f of at least %.4g" : ", cosine %.3f, below %.4g",
                  nearest.score, spec_.at_least);
    Opinion out = because("nearest to " + which + figures);
    out.score = std::clamp(nearest.score, 0.0, 1.0);
    if (!near) return out;
    out.tier = example.tier.empty() ? std::string_view(spec_.tier) : std::string_view(example.tier);
    out.task_class = example.task_class;
    return out;
  }

  const SimilarityRouterSpec& spec_;
  std::shared_ptr<const ExampleSet> set_;
  std::shared_ptr<const Encoder> encoder_;
  std::shared_ptr<const ExampleSearch> search_;
  mutable PromptCache<Nearest> cache_;
};

// Reads the examples and their vectors into the options.
class ExampleLoader {
 public:
  ExampleLoader(const Loading& loading, SimilarityRouterSpec& spec) : loading_(loading), spec_(spec) {}

  void load() {
    const options::Path path = loading_.at / "examples";
    std::string reason;
    const auto part = loading_.files.read(path, spec_.examples, similarity::file_bytes_max, reason);
    if (!part) {
      loading_.in.error(
          path, to_string(path) + ": cannot read '" + loading_.files.place_of(path, spec_.examples) + "': " + reason,
          "it is relative to the folder of this file");
      return;
    }
    // Those of the configuration in force are used again if nothing that they were made of has changed.
    static SharedByKey<ExampleSet> known;
    if (loading_.files.derived() == options::DerivedFiles::required && !spec_.encoder.is_words())
      vectors_ = loading_.files.read(path, vectors_beside(spec_.examples), similarity::file_bytes_max, reason);
    const std::string key = content_key(*part);
    if (auto set = known.find(key)) {
      if (all_fit(*part, set->examples, {})) spec_.loaded = std::move(set);
      return;
    }
    std::vector<similarity::Problem> problems;
    auto examples = similarity::read_examples(part->view(), problems);
    if (!all_fit(*part, examples, std::move(problems))) return;
    add_vectors(path, *part, std::move(examples));
    if (spec_.loaded != nullptr) spec_.loaded = known.keep(key, spec_.loaded);
  }

 private:
  // What examples and their vectors are made of.
  [[nodiscard]] std::string content_key(const options::PartFiles::Part& part) const {
    const std::string vectors = vectors_ ? hex(sha256(vectors_->view())) : std::string();
    return part.name + '\n' + hex(sha256(part.view())) + ' ' + vectors + ' ' + std::to_string(spec_.sees_max.bytes) +
           (loading_.files.derived() == options::DerivedFiles::to_be_made ? " to be made " : " ") +
           vectors_of(spec_.encoder, loading_.in.spec());
  }

  // Reports `problems` and what is wrong with the examples on this route. False: there is something.
  bool all_fit(const options::PartFiles::Part& part, const std::vector<Example>& examples,
               std::vector<similarity::Problem> problems) const {
    for (const Example& example : examples) check(example, problems);
    for (similarity::Problem& each : problems)
      loading_.files.error(part, each.line, std::move(each.message), std::move(each.fix));
    if (problems.empty() && examples.empty())
      loading_.files.error(part, 1, "there are no examples", R"(add a line such as {"prompt": "..."})");
    return problems.empty() && !examples.empty();
  }

  void check(const Example& example, std::vector<similarity::Problem>& problems) const {
    if (problems.size() >= similarity::problems_max) return;
    const auto own = options::firsts_of(loading_.route.tiers);
    const auto refuse = [&](std::string message, std::string fix) {
      problems.push_back({example.line, std::move(message), std::move(fix)});
    };
    if (!example.tier.empty() && !own.empty() && !options::contains(own, example.tier))
      refuse("'tier': the route has no tier " + in_quotes(example.tier),
             options::suggest(example.tier, own, "its tiers", ""));
    if (!example.task_class.empty() && !from_word<TaskClass>(example.task_class))
      refuse("'class': unknown class " + in_quotes(example.task_class),
             options::suggest(example.task_class, {words<TaskClass>.begin(), words<TaskClass>.end()}, "classes", ""));
    if (spec_.tier.empty() && example.tier.empty() && example.task_class.empty())
      refuse("it names neither a tier nor a class, and " + to_string(loading_.at) + " has no 'tier' either",
             "add \"tier\" to the line, or 'tier' to the router");
  }

  void add_vectors(const options::Path& path, const options::PartFiles::Part& part, std::vector<Example> examples) {
    if (loading_.files.derived() == options::DerivedFiles::to_be_made) {
      spec_.loaded = std::make_shared<const ExampleSet>(
          ExampleSet{part.name, std::move(examples), similarity::NearestExamples({}, 1)});
      return;
    }
    std::size_t dimensions = 0;
    for (const Example& each : examples) dimensions = std::max(dimensions, each.vector.size());
    std::vector<float> numbers;
    std::size_t missing = 0;
    std::optional<VectorFile> file;
    for (Example& each : examples) {
      if (each.vector.empty() && spec_.encoder.is_words()) {
        each.vector = word_vector_of(each);
        if (each.vector.empty())
          return loading_.files.error(part, each.line, "its prompt has no word to compare", "remove the line");
      }
      if (each.vector.empty()) {
        if (!file) file = read_vectors();
        if (!file) return;
        const auto found = file->find(similarity::key_of(encoded_part(spec_, each.text)));
        each.vector.assign(found.begin(), found.end());
      }
      if (dimensions == 0) dimensions = each.vector.size();
      if (each.vector.empty()) {
        ++missing;
      } else if (each.vector.size() != dimensions) {
        return loading_.files.error(part, each.line,
                                    "its vector has " + std::to_string(each.vector.size()) + " numbers, others have " +
                                        std::to_string(dimensions),
                                    "take all vectors from one encoder");
      }
      numbers.insert(numbers.end(), each.vector.begin(), each.vector.end());
      each.vector = {};
    }
    if (missing > 0) return report_missing(path, missing, examples.size());
    spec_.loaded = std::make_shared<const ExampleSet>(
        ExampleSet{part.name, std::move(examples), similarity::NearestExamples(std::move(numbers), dimensions)});
  }

  // Empty if the example has no word to compare.
  [[nodiscard]] std::vector<float> word_vector_of(const Example& example) const {
    std::vector<float> out = features::word_vector(encoded_part(spec_, example.text));
    if (!normalise(out)) out.clear();
    return out;
  }

  // An empty one if the file is not there; nullopt: it is broken, which is reported.
  std::optional<VectorFile> read_vectors() const {
    const std::string encoder = vectors_of(spec_.encoder, loading_.in.spec());
    if (!vectors_) return VectorFile(encoder);
    auto file = VectorFile::read(vectors_->view());
    if (!file) {
      loading_.files.error(*vectors_, 1, file.error().message, "delete it and run " + command());
      return std::nullopt;
    }
    return file->encoder() == encoder ? std::move(*file) : VectorFile(encoder);
  }

  void report_missing(const options::Path& path, std::size_t missing, std::size_t all) const {
    const std::string encoder = vectors_of(spec_.encoder, loading_.in.spec());
    if (encoder.empty()) return;
    loading_.in.error(path,
                      to_string(path) + ": " + std::to_string(missing) + " of " + std::to_string(all) +
                          " examples have no vector of " + in_quotes(encoder),
                      "run " + command());
  }
  [[nodiscard]] std::string command() const {
    return "'triage similarity embed --config FILE --route " + loading_.route.name + "'";
  }

  const Loading& loading_;
  SimilarityRouterSpec& spec_;
  std::optional<options::PartFiles::Part> vectors_;  // the file beside the examples
};

void check(const options::Checking& in, const RouteSpec& route, const options::Path& at, const std::any& options) {
  const auto& spec = options::options_as<SimilarityRouterSpec>(options);
  const bool has_vectors = spec.loaded != nullptr && spec.loaded->nearest.size() > 0;
  check_encoder(in, at / "encoder", spec.encoder, has_vectors ? spec.loaded->nearest.dimensions() : 0);
  if (!spec.tier.empty()) in.own_tier(route, spec.tier, at / "tier");
  if (!in.written(at / "at_least") && in.intact_inside(at))
    in.warning(at, to_string(at) + " has no 'at_least': 0.88 means something else with each encoder",
               "choose it for this one: 'triage similarity fit'");
}

}  // namespace

extern const RouterKind similarity_router{
    .is = options::kind_of<SimilarityRouterSpec>(
        "similarity",
        "the nearest of labelled example prompts names the tier; without one near enough, or without a "
        "vector in time, the next router is asked"),
    .load =
        [](const Loading& loading, std::any& options) {
          ExampleLoader(loading, options::options_in<SimilarityRouterSpec>(options)).load();
        },
    .check = check,
    .make = [](const std::any& options, const Surroundings&) -> std::unique_ptr<Router> {
      return std::make_unique<Similarity>(options::options_as<SimilarityRouterSpec>(options));
    },
};

}  // namespace routing
}  // namespace triage
