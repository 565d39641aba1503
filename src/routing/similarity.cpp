// similarity: {examples: known-hard.jsonl, at_least: 0.88, tier: large, encoder: {deployment: embedder}}. The nearest
// of labelled example prompts says where a request goes, if it is near enough:
//
//   prompt -> encoder -> vector -> the example with the highest cosine -> its tier and class, or the router's tier
//
// No vector in time, or nothing near enough, is no opinion.
#include "routing/similarity.hpp"

#include "features/word_vector.hpp"
#include "options/nearest.hpp"
#include "options/type_of.hpp"
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
        cache_(spec.encoder.cache, std::nullopt) {}

  [[nodiscard]] std::string_view kind() const noexcept override { return "similarity"; }

  [[nodiscard]] std::optional<Question> question(const RoutingInput& input) const override {
    std::string seen = seen_of(input);
    if (seen.empty() || cache_.find(prompt_key(seen), Clock::now())) return std::nullopt;
    return encoder_->question(std::move(seen));
  }

  [[nodiscard]] Opinion pick(const RoutingInput& input) const override {
    const std::string seen = seen_of(input);
    if (seen.empty()) return because("the last user turn has no text to compare");
    if (const auto known = cache_.find(prompt_key(seen), Clock::now())) return opinion_on(*known);
    std::vector<float> vector = encoder_->encode(seen);
    return vector.empty() ? because(whose() + " was not asked") : judge(seen, std::move(vector));
  }

  [[nodiscard]] Opinion answered(const RoutingInput& input, const QuestionResult& result) const override {
    std::vector<float> vector = encoder_->vector_in(result);
    if (vector.empty()) return because("no vector from " + whose() + " in time");
    return judge(seen_of(input), std::move(vector));
  }

 private:
  [[nodiscard]] Opinion judge(std::string_view seen, std::vector<float> vector) const {
    if (vector.size() != set_->nearest.dimensions())
      return because(whose() + " gives vectors of " + std::to_string(vector.size()) + " numbers, the examples have " +
                     std::to_string(set_->nearest.dimensions()));
    if (!similarity::normalise(vector)) return because(whose() + " gives a vector without a direction");
    const auto nearest = set_->nearest.find(vector);
    if (!nearest) return because("there are no examples");
    cache_.keep(prompt_key(seen), *nearest, Clock::now());
    return opinion_on(*nearest);
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
  std::unique_ptr<Encoder> encoder_;
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
    std::vector<similarity::Problem> problems;
    auto examples = similarity::read_examples(part->view(), problems);
    for (const Example& example : examples) check(example, problems);
    for (similarity::Problem& each : problems)
      loading_.files.error(*part, each.line, std::move(each.message), std::move(each.fix));
    if (problems.empty() && examples.empty())
      loading_.files.error(*part, 1, "there are no examples", R"(add a line such as {"prompt": "..."})");
    if (problems.empty() && !examples.empty()) add_vectors(path, *part, std::move(examples));
  }

 private:
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
        if (!file) file = read_vectors(path);
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
    if (!similarity::normalise(out)) out.clear();
    return out;
  }

  // An empty one if the file is not there; nullopt: it is broken, which is reported.
  std::optional<VectorFile> read_vectors(const options::Path& path) {
    const std::string encoder = vectors_of(spec_.encoder, loading_.in.spec());
    std::string reason;
    const auto bytes = loading_.files.read(path, vectors_beside(spec_.examples), similarity::file_bytes_max, reason);
    if (!bytes) return VectorFile(encoder);
    auto file = VectorFile::read(bytes->view());
    if (!file) {
      loading_.files.error(*bytes, 1, file.error().message, "delete it and run " + command());
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
};

void check(const options::Checking& in, const RouteSpec& route, const options::Path& at, const std::any& options) {
  const auto& spec = options::options_as<SimilarityRouterSpec>(options);
  check_encoder(in, at / "encoder", spec.encoder);
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
