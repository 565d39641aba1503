// triage features: the numbers that a model would be given, for rows from standard input. Training reads these, so that
// it cannot differ from serving.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/row_request.hpp"
#include "app/terminal.hpp"
#include "base/text.hpp"
#include "features/answer.hpp"
#include "features/difficulty.hpp"
#include "openai/row_line.hpp"
#include "triage/body_padding.hpp"

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

namespace triage {

namespace {

using Json = nlohmann::json;
constexpr std::uint32_t depth_max = 64;

template <class Values>
void append_list(std::string& out, std::string_view name, const Values& values) {
  out += ",\"";
  out += name;
  out += "\":[";
  bool first = true;
  for (const auto value : values) {
    if (!first) out += ',';
    first = false;
    append_number(out, value);
  }
  out += ']';
}

struct Members {
  std::string response;
  std::string second;
};

struct Row {
  std::string prompt;  // as JSON
  std::optional<std::string> response;
  std::optional<std::string> second;
  std::optional<std::string> finish_reason;
};

[[noreturn]] void refuse(std::size_t line, const std::string& why) {
  throw std::runtime_error("line " + std::to_string(line) + ": " + why);
}

Row read_row(std::string_view text, std::size_t number, const Members& members) {
  RowLine line(text);
  Row out;
  line.read([&](const JsonString& name) {
    if (name.is("prompt")) return line.prompt(out.prompt, true);
    if (name.is(members.response)) return line.text_or_null(members.response, out.response);
    if (name.is(members.second)) return line.text_or_null(members.second, out.second);
    if (name.is("finish_reason")) return line.text_or_null("finish_reason", out.finish_reason);
    line.skip();
  });
  if (out.prompt.empty()) line.refuse("'prompt' is missing", R"(a row is {"prompt": text or list of messages, ...})");
  if (line.problem()) refuse(number, line.problem()->message + ": " + line.problem()->fix);
  return out;
}

std::string features_of(const Row& row, std::size_t line) {
  const RowRequest request(row.prompt, "auto", depth_max);
  if (request.error()) refuse(line, "'prompt' makes no request: " + request.error()->message);
  const ChatView& view = request.input().view();
  features::Difficulty difficulty;
  features::read_difficulty(view, difficulty);
  std::string out = "{\"version\":" + std::to_string(features::version);
  append_list(out, "features", difficulty.dense);
  append_list(out, "ngram_ids", std::span(difficulty.ngrams.ids).first(difficulty.ngrams.count));
  out += ",\"ngram_value\":";
  append_number(out, difficulty.ngrams.value);
  if (row.response) {
    features::AnswerText text{.text = *row.response};
    if (row.finish_reason) text.finish_reason = *row.finish_reason;
    if (row.second) text.second = *row.second;
    features::Answer answer;
    features::read_answer_features(view, text, answer);
    append_list(out, "answer", answer.dense);
  }
  return out + "}\n";
}

Json names_of(std::span<const features::Feature> table) {
  Json out = Json::array();
  for (const features::Feature& feature : table)
    out.push_back({{"name", feature.name},
                   {"meaning", feature.meaning},
                   {"unit", feature.unit},
                   {"range", {feature.low, feature.high}}});
  return out;
}

int print_features(const Arguments& arguments) {
  if (arguments.has("names")) {
    const Json out{{"version", features::version},
                   {"features", names_of(features::difficulty_table())},
                   {"ngram_bits", features::Ngrams::bits},
                   {"answer", names_of(features::answer_table())}};
    std::printf("%s\n", out.dump(1).c_str());
    return exit_done;
  }
  const Members members{arguments.has("response") ? arguments.value("response") : "weak_response",
                        arguments.value("second")};
  note_waiting("rows");
  std::string line;
  for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::size_t size = line.size();
    line.append(body_padding, '\0');
    const std::string out = features_of(read_row(std::string_view(line).substr(0, size), number, members), number);
    if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size())
      throw std::runtime_error("cannot write to standard output");
  }
  return exit_done;
}

}  // namespace

Command features_command() {
  return {.name = "features",
          .summary = "print what models read of prompts and answers",
          .about =
              "Prints, for each row of standard input, the numbers that the models of `classifier` and of the "
              "verifier `model` are given: one line of JSON. A row is an object: {\"prompt\": text or list of "
              "messages, \"weak_response\": text}. Its `finish_reason`, if it is there, is the answer's; otherwise "
              "the answer is taken to have ended by itself. Other members are ignored. docs/features.md says what "
              "each number means.",
          .options = {{"response", "MEMBER",
                       "the member with the answer that is judged; weak_response if not given; rows without it get no "
                       "`answer`"},
                      {"second", "MEMBER", "the member with a second cheap model's answer; none if not given"},
                      {"names", "", "prints the names, units and ranges instead, as JSON; reads nothing"}},
          .examples = {{"triage features < rows.jsonl", "for training"}},
          .run = print_features};
}

}  // namespace triage
