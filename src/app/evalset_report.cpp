#include "app/evalset_run.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

std::string text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

template <class T>
std::optional<T> number_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? std::optional(found->get<T>()) : std::nullopt;
}

// An interval for the mean of a fixed number of values in [0,1], whatever their distribution: the means against which a
// gambler who bets on the values, one after the other, has not won 1/alpha (Waudby-Smith and Ramdas 2024, the hedged
// capital process with bets for a fixed number).
class FixedInterval {
 public:
  FixedInterval(const std::vector<double>& values, double alpha) : values_(values), log_wanted_(std::log(2 / alpha)) {
    const auto n = static_cast<double>(values.size());
    double seen = 0.5;
    double squares = 0.25;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto count = static_cast<double>(i) + 1;
      bets_.push_back(std::sqrt(2 * log_wanted_ * count / (n * squares)));
      seen += values[i];
      const double off = values[i] - seen / (count + 1);
      squares += off * off;
    }
  }
  [[nodiscard]] statistics::Interval get() const {
    const auto above = [this](double mean) { return log_wealth(mean, 1) < log_wanted_; };
    const auto below = [this](double mean) { return log_wealth(mean, -1) < log_wanted_; };
    return {edge(0, 1, above), edge(1, 0, below)};
  }

 private:
  // Of bets that the mean is larger (sign 1) or smaller (-1) than `mean`. Monotone in it.
  [[nodiscard]] double log_wealth(double mean, int sign) const {
    constexpr double boldest = 0.75;  // part of the wealth that a bet may lose
    const double room = sign > 0 ? mean : 1 - mean;
    double out = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const double bet = room > 0 ? std::min(bets_[i], boldest / room) : bets_[i];
      out += std::log1p(sign * bet * (values_[i] - mean));
    }
    return out;
  }
  // The point nearest to `from` on the way to `to` that holds.
  template <class Holds>
  static double edge(double from, double to, Holds holds) {
    if (holds(from)) return from;
    for (int step = 0; step < 50; ++step) {
      const double middle = (from + to) / 2;
      (holds(middle) ? to : from) = middle;
    }
    return from;
  }

  const std::vector<double>& values_;
  const double log_wanted_;
  std::vector<double> bets_;
};

// Of one grader over the rows of one candidate.
class Comparison {
 public:
  void add(double score, double difference) {
    ++graded_;
    score_ += score;
    difference_ += difference;
    halves_.push_back((difference + 1) / 2);
  }
  [[nodiscard]] GradedCandidate result(std::string grader, std::size_t not_enough, const EvalReport& of) const {
    GradedCandidate out;
    out.grader = std::move(grader);
    out.graded = graded_;
    out.not_enough = not_enough;
    if (graded_ == 0) return out;
    out.score = score_ / static_cast<double>(graded_);
    out.difference = difference_ / static_cast<double>(graded_);
    const statistics::Interval half = FixedInterval(halves_, 1 - of.confidence).get();
    out.interval = {2 * half.low - 1, 2 * half.high - 1};
    if (out.interval.low > -of.margin) out.verdict = EvalVerdict::passes;
    if (out.interval.high < -of.margin) out.verdict = EvalVerdict::fails;
    return out;
  }

 private:
  std::size_t graded_ = 0;
  double score_ = 0;
  double difference_ = 0;
  std::vector<double> halves_;  // differences as values in [0,1]
};

using ByRow = std::map<std::string, const EvalResult*>;

// How a grade compares with the reference's; nullopt: the reference has none.
std::optional<double> difference_of(const EvalGrade& grade, const std::string& grader, const EvalResult* reference) {
  if (grade.against_reference) return *grade.against_reference;
  if (reference == nullptr) return std::nullopt;
  const auto found = reference->grades.find(grader);
  if (found == reference->grades.end() || !found->second.score) return std::nullopt;
  return *grade.score - *found->second.score;
}

GradedCandidate graded_by(const std::string& grader, const std::vector<const EvalResult*>& rows,
                          const ByRow& references, const EvalReport& of) {
  Comparison comparison;
  std::size_t not_enough = 0;
  for (const EvalResult* row : rows) {
    const auto reference = references.find(row->id);
    const EvalResult* const right = reference == references.end() ? nullptr : reference->second;
    if (!row->problem.empty()) {
      comparison.add(0, -1);
      continue;
    }
    const auto grade = row->grades.find(grader);
    const bool told = grade != row->grades.end() && grade->second.score;
    const auto difference = told ? difference_of(grade->second, grader, right) : std::nullopt;
    if (difference)
      comparison.add(*grade->second.score, *difference);
    else
      ++not_enough;
  }
  return comparison.result(grader, not_enough, of);
}

EvaluatedCandidate candidate_of(const std::string& name, const std::vector<const EvalResult*>& rows,
                                const ByRow& references, const EvalReport& of) {
  EvaluatedCandidate out;
  out.name = name;
  out.rows = rows.size();
  std::vector<std::string> graders;
  double cost = 0;
  bool priced = true;
  for (const EvalResult* row : rows) {
    out.failed += row->problem.empty() ? 0 : 1;
    cost += static_cast<double>(row->cost_nano_usd.value_or(0)) * 1e-9;
    priced = priced && (row->cost_nano_usd || !row->problem.empty());
    for (const auto& [grader, grade] : row->grades)
      if (std::ranges::find(graders, grader) == graders.end()) graders.push_back(grader);
  }
  if (priced && !rows.empty()) out.cost_usd = cost / static_cast<double>(rows.size());
  for (const std::string& grader : graders) out.graders.push_back(graded_by(grader, rows, references, of));
  const auto all = [&out](EvalVerdict verdict) {
    return std::ranges::all_of(out.graders, [verdict](const auto& each) { return each.verdict == verdict; });
  };
  const bool some_fail =
      std::ranges::any_of(out.graders, [](const auto& each) { return each.verdict == EvalVerdict::fails; });
  if (!out.graders.empty() && all(EvalVerdict::passes)) out.verdict = EvalVerdict::passes;
  if (some_fail || (out.graders.empty() && out.failed == out.rows)) out.verdict = EvalVerdict::fails;
  return out;
}

const char* word_of(EvalVerdict verdict) {
  return verdict == EvalVerdict::passes ? "passes" : verdict == EvalVerdict::fails ? "fails" : "undecided";
}

}  // namespace

std::string line_of(const EvalResult& result) {
  Json grades = Json::object();
  for (const auto& [grader, grade] : result.grades)
    grades[grader] = {{"version", grade.version},
                      {"score", or_null(grade.score)},
                      {"against_reference", or_null(grade.against_reference)},
                      {"reason", grade.reason}};
  const Json line{{"candidate", result.candidate},
                  {"fingerprint", result.fingerprint},
                  {"id", result.id},
                  {"deployment", result.deployment},
                  {"problem", result.problem},
                  {"cost_nano_usd", or_null(result.cost_nano_usd)},
                  {"grading_nano_usd", or_null(result.grading_nano_usd)},
                  {"answer", result.answer},
                  {"grades", std::move(grades)}};
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<EvalResult> result_in(std::string_view line) {
  const Json read = Json::parse(line, nullptr, false);
  if (!read.is_object() || !read.contains("grades") || !read["grades"].is_object()) return std::nullopt;
  EvalResult out;
  out.candidate = text_in(read, "candidate");
  out.fingerprint = text_in(read, "fingerprint");
  out.id = text_in(read, "id");
  out.deployment = text_in(read, "deployment");
  out.problem = text_in(read, "problem");
  out.answer = text_in(read, "answer");
  out.cost_nano_usd = number_in<std::int64_t>(read, "cost_nano_usd");
  out.grading_nano_usd = number_in<std::int64_t>(read, "grading_nano_usd");
  for (const auto& [grader, grade] : read["grades"].items()) {
    if (!grade.is_object()) return std::nullopt;
    out.grades[grader] = {text_in(grade, "version"), number_in<double>(grade, "score"),
                          number_in<int>(grade, "against_reference"), text_in(grade, "reason")};
  }
  return out;
}

EvalReport evaluate(const std::vector<EvalResult>& results, double margin, double confidence) {
  EvalReport out{margin, confidence, {}};
  ByRow references;
  std::vector<std::string> names;
  std::map<std::string, std::vector<const EvalResult*>> rows;
  for (const EvalResult& result : results) {
    if (result.candidate == reference_name) {
      references[result.id] = &result;
      continue;
    }
    if (!rows.contains(result.candidate)) names.push_back(result.candidate);
    rows[result.candidate].push_back(&result);
  }
  for (const std::string& name : names) out.candidates.push_back(candidate_of(name, rows[name], references, out));
  return out;
}

std::string eval_text(const EvalReport& report) {
  std::string out;
  char line[400];
  for (const EvaluatedCandidate& each : report.candidates) {
    std::snprintf(line, sizeof line, "%s: %s, %zu rows", each.name.c_str(), word_of(each.verdict), each.rows);
    out += line;
    if (each.cost_usd) {
      std::snprintf(line, sizeof line, ", $%.6f an answer", *each.cost_usd);
      out += line;
    }
    if (each.failed > 0) out += ", " + std::to_string(each.failed) + " not answered, which count as worst";
    out += '\n';
    for (const GradedCandidate& grader : each.graders) {
      std::snprintf(line, sizeof line,
                    "    %-12s mean %.3f, less the reference's %+.3f, with %.0f %% confidence between %+.3f and %+.3f: "
                    "%s\n",
                    grader.grader.c_str(), grader.score, grader.difference, 100 * report.confidence,
                    grader.interval.low, grader.interval.high, word_of(grader.verdict));
      out += line;
      if (grader.not_enough > 0)
        out += "                 " + std::to_string(grader.not_enough) + " rows were not enough to tell\n";
    }
  }
  std::snprintf(line, sizeof line,
                "passes: not worse than the reference by %.3f or more; undecided: there are too few rows to say\n",
                report.margin);
  return out + line;
}

std::string eval_json(const EvalReport& report) {
  Json out{{"margin", report.margin}, {"confidence", report.confidence}, {"candidates", Json::array()}};
  for (const EvaluatedCandidate& each : report.candidates) {
    Json candidate{{"name", each.name},     {"verdict", word_of(each.verdict)},   {"rows", each.rows},
                   {"failed", each.failed}, {"cost_usd", or_null(each.cost_usd)}, {"graders", Json::array()}};
    for (const GradedCandidate& grader : each.graders)
      candidate["graders"].push_back({{"grader", grader.grader},
                                      {"verdict", word_of(grader.verdict)},
                                      {"graded", grader.graded},
                                      {"not_enough", grader.not_enough},
                                      {"score", grader.score},
                                      {"difference", grader.difference},
                                      {"low", grader.interval.low},
                                      {"high", grader.interval.high}});
    out["candidates"].push_back(std::move(candidate));
  }
  return out.dump(2) + "\n";
}

}  // namespace triage
