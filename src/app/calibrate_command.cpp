// triage calibrate FILE: turns graded answers, one per line, into a calibration for the verifier `logprob`.
//
//   {"logprobs": [-0.01, -2.3], "right": true}
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "verify/calibration.hpp"
#include "verify/logprob_score.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

namespace triage {

namespace {

using Json = nlohmann::json;
using verify::Calibration;
using verify::Graded;

[[noreturn]] void refuse(const std::string& file, std::size_t line, const std::string& why) {
  throw std::runtime_error(file + ":" + std::to_string(line) + ": " + why +
                           "; a line is {\"logprobs\": [-0.01, ...], \"right\": true}");
}

Graded read_line(const std::string& file, std::size_t number, const std::string& line, bool least) {
  const Json answer = Json::parse(line, nullptr, false);
  if (!answer.is_object()) refuse(file, number, "no JSON object");
  const auto right = answer.find("right");
  if (right == answer.end() || !right->is_boolean()) refuse(file, number, "'right' is neither true nor false");
  const auto logprobs = answer.find("logprobs");
  if (logprobs == answer.end() || !logprobs->is_array()) refuse(file, number, "'logprobs' is no list");
  std::vector<double> values;
  for (const Json& value : *logprobs) {
    if (!value.is_number()) refuse(file, number, "'logprobs' holds what is no number");
    values.push_back(value.get<double>());
  }
  const auto score = verify::logprob_score(values, least);
  if (!score) refuse(file, number, "'logprobs' is empty");
  return {*score, right->get<bool>()};
}

std::vector<Graded> read_answers(const std::string& file, bool least) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read '" + file + "'");
  std::vector<Graded> answers;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number)
    if (line.find_first_not_of(" \t\r") != std::string::npos) answers.push_back(read_line(file, number, line, least));
  return answers;
}

std::optional<Calibration> fit(std::span<const Graded> answers, bool isotonic) {
  return isotonic ? verify::fit_isotonic(answers) : verify::fit_platt(answers);
}

// How far off the calibration is on answers that it was not fitted to: each half is judged by the other.
void report(const std::vector<Graded>& answers, bool isotonic) {
  std::array<std::vector<Graded>, 2> halves;
  std::size_t right = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    halves[i % 2].push_back(answers[i]);
    right += answers[i].right ? 1 : 0;
  }
  std::fprintf(stderr, "%zu answers, %.1f %% right\n", answers.size(),
               100.0 * static_cast<double>(right) / static_cast<double>(answers.size()));
  double expected = 0;
  double brier = 0;
  for (const std::size_t half : {0, 1}) {
    const auto other = fit(halves[1 - half], isotonic);
    if (!other) return;
    const auto error = verify::calibration_error(*other, halves[half]);
    expected += error.expected / 2;
    brier += error.brier / 2;
  }
  std::fprintf(stderr, "on answers that it was not fitted to: calibration error %.3f, Brier score %.3f\n", expected,
               brier);
}

int calibrate(const Arguments& arguments) {
  const std::string kind = arguments.has("kind") ? arguments.value("kind") : "platt";
  const std::string use = arguments.has("use") ? arguments.value("use") : "mean";
  const bool min = use == "min" || use == "least";  // the old name
  if (use != "mean" && !min) throw UsageError("--use is mean or min, not '" + use + "'");
  const auto answers = read_answers(arguments.words().front(), min);
  const auto calibration = fit(answers, kind == "isotonic");
  if (!calibration) {
    std::fputs("too few answers: some that are right and some that are wrong are needed\n", stderr);
    return exit_no;
  }
  const std::string text = verify::write_calibration(*calibration);
  report(answers, kind == "isotonic");
  if (!arguments.has("out")) {
    std::fputs(text.c_str(), stdout);
    return exit_done;
  }
  std::ofstream out(arguments.value("out"), std::ios::binary);
  out << text;
  out.close();
  if (!out) throw std::runtime_error("cannot write '" + arguments.value("out") + "'");
  return exit_done;
}

}  // namespace

Command calibrate_command() {
  return {.name = "calibrate",
          .summary = "learn what log-probabilities mean",
          .about =
              "Reads graded answers, one a line: {\"logprobs\": [-0.01, -2.3], \"right\": true}, and writes what a "
              "log-probability of that model means, for `logprob: {calibration: FILE}`. A few hundred answers of "
              "the route's own kind are enough.",
          .operands = {{"FILE"}},
          .options = {{"kind",
                       "KIND",
                       "platt, the default: a curve of two numbers, from few answers; isotonic: steps, from a thousand "
                       "and more",
                       {"platt", "isotonic"}},
                      {"use", "WHAT", "what the verifier uses of an answer's tokens: mean (default) or min"},
                      {"out", "FILE", "where it goes; standard output if not given"}},
          .examples = {{"triage calibrate graded.jsonl --out calibration.json", "from a file of graded answers"}},
          .run = calibrate};
}

}  // namespace triage
