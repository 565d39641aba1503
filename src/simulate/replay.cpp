#include "simulate/spec.hpp"

#include "base/text.hpp"

#include <simdjson.h>

#include <fstream>

// One JSON object per line: {"prompt": "2+2?", "answer": "4"}, with "model" if it is for one model only. Blank lines
// are skipped; other members are ignored, so that lines of a ledger or an evaluation can be replayed unchanged.

namespace triage {

namespace {

Error at_line(const std::string& path, std::size_t line, std::string_view message, std::string_view fix) {
  std::string text = path + ":" + std::to_string(line) + ":1: error: ";
  text.append(message).append("\n  fix: ").append(fix);
  return Error{ErrorCode::invalid_value, std::move(text)};
}

std::optional<std::string_view> member(simdjson::dom::element line, std::string_view key) {
  std::string_view value;
  if (line[key].get_string().get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

}  // namespace

Result<void> add_replay(const std::string& path, std::string_view model, ReplayAnswers& answers) {
  std::ifstream file(path);
  if (!file)
    return at_line(path, 1, "cannot read the replay file", "check the path, which is relative to the YAML file");
  simdjson::dom::parser parser;
  std::string text;
  for (std::size_t number = 1; std::getline(file, text); ++number) {
    if (trimmed(text).empty()) continue;
    simdjson::dom::element line;
    if (const auto error = parser.parse(text).get(line); error != simdjson::SUCCESS)
      return at_line(path, number, std::string("not JSON: ") + simdjson::error_message(error),
                     "write one JSON object a line");
    const auto prompt = member(line, "prompt");
    const auto answer = member(line, "answer");
    if (!prompt || !answer)
      return at_line(path, number, "`prompt` and `answer` must both be strings",
                     R"(write {"prompt": "...", "answer": "..."})");
    const auto of = member(line, "model");
    if (!of || *of == model) answers.emplace(trimmed(*prompt), *answer);
  }
  return boost::system::in_place_value;
}

}  // namespace triage
