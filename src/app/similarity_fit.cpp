#include "app/similarity_fit.hpp"

#include "app/edit_config.hpp"
#include "app/kept_vectors.hpp"
#include "base/file.hpp"
#include "options/values.hpp"
#include "similarity/threshold.hpp"
#include "text/folded_text.hpp"
#include "triage/body_padding.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;
using similarity::GradedRow;
using similarity::Interval;
using similarity::Tested;
using similarity::ThresholdChoice;

constexpr double recall_error = 0.025;  // at each end

double share_of(const Arguments& arguments, const char* name) {
  if (!arguments.has(name)) return 0.9;
  const auto value = parse_number(arguments.value(name));
  if (!value || !(*value > 0 && *value < 1))
    throw UsageError("--" + std::string(name) + " is a number between 0 and 1, not '" + arguments.value(name) + "'");
  return *value;
}

std::vector<GradedRow> read_data(const std::string& file) {
  std::string reason;
  auto text = read_file(file, similarity::file_bytes_max, reason);
  if (!text) throw std::runtime_error("cannot read '" + file + "': " + reason);
  const std::size_t size = text->size();
  text->append(body_padding, '\0');
  std::vector<similarity::Problem> problems;
  auto rows = similarity::read_graded(std::string_view(*text).substr(0, size), problems);
  if (problems.empty()) return rows;
  for (const similarity::Problem& each : problems)
    std::fprintf(stderr, "%s:%d:1: error: %s\n  %s\n", file.c_str(), each.line, each.message.c_str(), each.fix.c_str());
  throw std::runtime_error(file + " cannot be used");
}

struct Fitted {
  double precision;
  double confidence;
  std::size_t left_out = 0;  // rows whose prompt is among the examples
  ThresholdChoice choice;
  [[nodiscard]] double precision_low() const {
    return similarity::share_interval(choice.chosen->hard, choice.chosen->sent,
                                      (1 - confidence) / static_cast<double>(similarity::starts))
        .low;
  }
  [[nodiscard]] Interval recall() const {
    return similarity::share_interval(choice.chosen->hard, choice.hard, recall_error);
  }
  [[nodiscard]] double recall_seen() const {
    return static_cast<double>(choice.chosen->hard) / static_cast<double>(choice.hard);
  }
};

// How near each row is to its nearest example, without the rows that are examples themselves.
std::vector<similarity::Scored> scored(const Loaded& loaded, const SimilarityRouterSpec& spec, const std::string& file,
                                       std::vector<GradedRow> rows, std::size_t& left_out) {
  const ExampleSet& set = *spec.loaded;
  std::set<std::string> known;
  for (const similarity::Example& each : set.examples) known.insert(normalised(each.text));
  left_out = std::erase_if(rows, [&](const GradedRow& row) { return known.contains(normalised(row.text)); });
  std::vector<const similarity::Row*> all;
  for (const GradedRow& row : rows) all.push_back(&row);
  const auto vectors = complete_vectors(loaded, spec, file, all);
  std::vector<similarity::Scored> out;
  for (const GradedRow& row : rows) {
    const auto kept = vectors.find(similarity::key_of(encoded_part(spec, row.text)));
    const std::span<const float> vector = row.vector.empty() ? kept : std::span<const float>(row.vector);
    if (vector.size() != set.nearest.dimensions())
      throw std::runtime_error(file + ":" + std::to_string(row.line) + ": its vector has " +
                               std::to_string(vector.size()) + " numbers, those of the examples have " +
                               std::to_string(set.nearest.dimensions()));
    out.push_back({set.nearest.find(vector)->score, row.hard()});
  }
  return out;
}

void print_text(const Fitted& fitted) {
  const ThresholdChoice& choice = fitted.choice;
  std::printf(
      "%zu rows, %zu of them hard (the strong model is right and the weak one wrong); %zu more are among the "
      "examples and do not count\n",
      choice.rows, choice.hard, fitted.left_out);
  if (choice.chosen) {
    const Interval recall = fitted.recall();
    std::printf("at_least: %.4f   sends %zu rows up, %zu of them hard\n", choice.chosen->threshold, choice.chosen->sent,
                choice.chosen->hard);
    std::printf("  precision %5.1f %%, at least %.1f %% with confidence %g\n", 100 * choice.chosen->precision(),
                100 * fitted.precision_low(), fitted.confidence);
    std::printf("  recall    %5.1f %% of the hard ones are caught, %.1f to %.1f %% (95 %%, for this threshold)\n",
                100 * fitted.recall_seen(), 100 * recall.low, 100 * recall.high);
    return;
  }
  std::printf("no threshold has a precision of %g with confidence %g\n", fitted.precision, fitted.confidence);
  if (const auto& seen = choice.promising)
    std::printf("  from %.4f up it seems to be %.1f %% (%zu of %zu): about %zu such rows would show it\n",
                seen->threshold, 100 * seen->precision(), seen->hard, seen->sent, fitted.choice.rows_needed);
  else
    std::printf("  none seems to be above it, so that more rows would not help: more or better examples might\n");
}

void print_json(const Fitted& fitted, const std::string& route) {
  const ThresholdChoice& choice = fitted.choice;
  Json out = {{"route", route},
              {"rows", choice.rows},
              {"hard", choice.hard},
              {"left_out", fitted.left_out},
              {"precision", fitted.precision},
              {"confidence", fitted.confidence},
              {"at_least", nullptr}};
  if (choice.chosen) {
    const Interval recall = fitted.recall();
    out["at_least"] = choice.chosen->threshold;
    out["sent"] = choice.chosen->sent;
    out["sent_hard"] = choice.chosen->hard;
    out["precision_seen"] = choice.chosen->precision();
    out["precision_low"] = fitted.precision_low();
    out["recall_seen"] = fitted.recall_seen();
    out["recall_low"] = recall.low;
    out["recall_high"] = recall.high;
  } else {
    out["rows_needed"] = choice.promising ? Json(choice.rows_needed) : Json(nullptr);
  }
  std::printf("%s\n", out.dump(2).c_str());
}

}  // namespace

int fit_similarity(const Arguments& arguments) {
  Fitted fitted{share_of(arguments, "precision"), share_of(arguments, "confidence"), 0, {}};
  const std::string file = value_of(arguments, "config");
  const std::string data = value_of(arguments, "data");
  const std::string route = value_of(arguments, "route");
  const Loaded loaded = load_file(file);
  if (!usable(loaded)) return exit_no;
  const auto routers = similarity_routers(loaded.spec, route);
  if (routers.size() > 1) throw UsageError("--route: route '" + route + "' has more than one router 'similarity'");
  const SimilarityRouter& router = routers.front();
  const auto rows = scored(loaded, *router.spec, data, read_data(data), fitted.left_out);
  fitted.choice = similarity::choose_threshold(rows, fitted.precision, fitted.confidence);
  if (arguments.has("json"))
    print_json(fitted, route);
  else
    print_text(fitted);
  if (!fitted.choice.chosen) return exit_no;
  if (arguments.has("write")) {
    char value[32];
    std::snprintf(value, sizeof value, "%.4f", fitted.choice.chosen->threshold);
    const options::Path at = options::Path{"routes", route, "routers"} / router.index / "similarity";
    write_value(file, loaded, at, "at_least", value, "examples");
    std::fprintf(stderr, "at_least: %s is written into the configuration\n", value);
  }
  return exit_done;
}

}  // namespace triage
