// Recorded streams of OpenAI-compatible providers, framed in every way and cut anywhere, must read like the JSON lines
// that they were made of.

#include "../../support/padded.hpp"
#include "http1/sse_reader.hpp"
#include "unit/providers/reading.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace triage {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Padded;

/// What a client makes of a stream.
struct Answer {
  std::map<int, std::string> text;
  std::map<std::pair<int, int>, std::string> arguments;
  std::map<int, std::string> finish_reason;
  std::optional<Usage> usage;
  std::size_t events = 0;
  bool operator==(const Answer&) const = default;
};

void add_choice(Answer& answer, const json& choice) {
  const int index = choice.value("index", 0);
  const json delta = choice.value("delta", json::object());
  for (const json* holder : {&delta, &choice})
    for (const char* key : {"content", "text", "reasoning_content", "reasoning"})
      if (holder->contains(key))
        answer.text[index] += (*holder)[key].is_string() ? (*holder)[key].get<std::string>() : (*holder)[key].dump();
  for (const json& call : delta.value("tool_calls", json::array()))
    if (call.contains("function"))
      answer.arguments[{index, call.value("index", 0)}] += call["function"].value("arguments", "");
  if (choice.contains("finish_reason") && choice["finish_reason"].is_string())
    answer.finish_reason[index] = choice["finish_reason"];
}

std::int64_t number_at(const json& object, const char* pointer) {
  const json::json_pointer at(pointer);
  return object.contains(at) && object[at].is_number() ? object[at].get<std::int64_t>() : 0;
}

void add_chunk(Answer& answer, const json& chunk) {
  ++answer.events;
  for (const json& choice : chunk.value("choices", json::array())) add_choice(answer, choice);
  if (!chunk.contains("usage") || !chunk["usage"].is_object()) return;
  const json& usage = chunk["usage"];
  Usage counted;
  counted.input = number_at(usage, "/prompt_tokens");
  counted.output = number_at(usage, "/completion_tokens");
  counted.input_cached = number_at(usage, "/prompt_tokens_details/cached_tokens");
  for (const char* other : {"/prompt_cache_hit_tokens", "/cached_tokens"})
    counted.input_cached = std::max(counted.input_cached, number_at(usage, other));
  counted.reasoning = number_at(usage, "/completion_tokens_details/reasoning_tokens");
  if (counted.input + counted.output + counted.reasoning == number_at(usage, "/total_tokens"))
    counted.output += counted.reasoning;
  answer.usage = counted;
}

Answer direct_parse(const std::vector<std::string>& lines) {
  Answer answer;
  for (const std::string& line : lines) add_chunk(answer, json::parse(line));
  return answer;
}

/// What the gateway makes of it.
struct Relayed {
  std::vector<std::string> forwarded;  // data of the events
  std::optional<Usage> usage;
  std::int64_t output_estimate = 0;
  std::string finish_reason;
  bool complete = false;
  bool done = false;
  bool operator==(const Relayed&) const = default;
};

/// Reads `stream` cut at `cuts`, as the gateway does for a client that asked for usage.
Relayed relay(std::string_view stream, const std::vector<std::size_t>& cuts) {
  ApiRequest request;
  request.stream = true;
  request.include_usage = true;
  const auto decoder = find_dialect("openai")->decoder(request, 1 << 20);
  AnswerTally tally;
  Relayed out;
  const auto take_all = [&] {
    for (;;) {
      const auto event = decoder->next();
      EXPECT_TRUE(event) << event.error().message;
      if (!event || *event == nullptr) break;
      tally.add(**event);
      const std::string data((*event)->json);
      EXPECT_EQ((*event)->verbatim, "data: " + data + "\n\n");
      out.forwarded.push_back(data);
    }
  };
  std::size_t from = 0;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const std::size_t to = i < cuts.size() ? cuts[i] : stream.size();
    const Padded fed(stream.substr(from, to - from), '\n');
    decoder->feed(fed.view());
    take_all();
    from = to;
  }
  decoder->end();
  take_all();
  out.done = decoder->ended();
  out.usage = tally.usage();
  out.output_estimate = tally.output_estimate();
  out.finish_reason = tally.finish_reason();
  out.complete = tally.complete();
  return out;
}

fs::path recordings() {
  const char* shared = std::getenv("TRIAGE_SHARED");
  return fs::path(shared ? shared : TRIAGE_SOURCE_DIR "/../shared") / "data" / "recordings";
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<std::string> split_lines(const std::string& text, std::string_view prefix) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    if (line.size() > prefix.size() && line.starts_with(prefix) && line != "data: [DONE]")
      out.push_back(line.substr(prefix.size()));
  return out;
}

/// Recorded streams of the chat and completions APIs: the JSON lines of each, by path.
std::map<std::string, std::vector<std::string>> streams() {
  std::map<std::string, std::vector<std::string>> out;
  for (const char* package :
       {"openai/src/chat", "openai/src/completion", "openai-compatible/src/chat", "deepseek/src/chat", "groq/src",
        "xai/src/__fixtures__", "mistral/src", "moonshotai/src", "alibaba/src", "perplexity/src", "cerebras/src"}) {
    const fs::path folder = recordings() / "vercel-ai/packages" / package;
    if (!fs::exists(folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.path().filename().string().ends_with(".chunks.txt"))
        out[entry.path().lexically_relative(recordings())] = split_lines(contents(entry.path()), "");
  }
  const fs::path python = recordings() / "openai-python";
  for (const auto& entry : fs::recursive_directory_iterator(python))
    if (entry.path().extension() == ".bin" && contents(entry.path()).starts_with("data: "))
      out[entry.path().lexically_relative(recordings())] = split_lines(contents(entry.path()), "data: ");
  return out;
}

std::string framed(const std::vector<std::string>& lines, std::string_view line_end) {
  std::string out;
  for (const std::string& line : lines) out.append("data: ").append(line).append(line_end).append(line_end);
  return out.append("data: [DONE]").append(line_end).append(line_end);
}

TEST(OpenaiRecordings, ReadTheSameInAnyFramingCutAnywhere) {
  if (!fs::exists(recordings())) GTEST_SKIP() << "no recordings at " << recordings() << " (set TRIAGE_SHARED)";
  const auto all = streams();
  EXPECT_GE(all.size(), 12U);
  std::mt19937 random(7);
  for (const auto& [path, lines] : all) {
    SCOPED_TRACE(path);
    const Answer expected = direct_parse(lines);
    EXPECT_EQ(expected.events, lines.size());
    EXPECT_FALSE(expected.finish_reason.empty());
    for (const std::string_view line_end : {"\n", "\r\n", "\r"}) {
      const std::string stream = framed(lines, line_end);
      std::vector<std::size_t> every(stream.size());
      for (std::size_t i = 0; i < every.size(); ++i) every[i] = i;
      const Relayed whole = relay(stream, {});
      ASSERT_EQ(direct_parse(whole.forwarded), expected);
      ASSERT_EQ(whole.usage, expected.usage);
      ASSERT_TRUE(whole.complete && whole.done);
      ASSERT_EQ(whole.finish_reason, expected.finish_reason.rbegin()->second);
      ASSERT_EQ(relay(stream, every), whole);
      const std::size_t single_cuts = stream.size() < 4200 ? stream.size() : 0;
      for (std::size_t cut = 1; cut < single_cuts; ++cut) ASSERT_EQ(relay(stream, {cut}), whole) << cut;
      for (int round = 0; round < 5; ++round) {
        std::vector<std::size_t> cuts(20);
        for (std::size_t& cut : cuts) cut = std::uniform_int_distribution<std::size_t>(0, stream.size())(random);
        std::sort(cuts.begin(), cuts.end());
        ASSERT_EQ(relay(stream, cuts), whole);
      }
    }
  }
}

/// Those whose text cannot tell the tokens: shortened by whoever recorded them, or of a model that keeps its reasoning.
bool tells_little(const std::string& path) {
  for (const char* part : {"perplexity-text.chunks", "xai/src/__fixtures__/xai-t", "azure-model-router"})
    if (path.find(part) != std::string::npos) return true;
  return false;
}

/// Some files hold several streams, one behind the other.
std::vector<std::vector<std::string>> by_answer(const std::vector<std::string>& lines) {
  std::vector<std::vector<std::string>> out;
  std::string id;
  for (const std::string& line : lines) {
    const std::string next = json::parse(line).value("id", "");
    if (out.empty() || next != id) out.emplace_back();
    id = next;
    out.back().push_back(line);
  }
  return out;
}

TEST(OpenaiRecordings, EstimatesOfTheOutputAreNearWhatIsBilled) {
  if (!fs::exists(recordings())) GTEST_SKIP() << "no recordings at " << recordings() << " (set TRIAGE_SHARED)";
  double estimated = 0;
  double billed = 0;
  int answers = 0;
  const auto add = [&](const std::string& path, std::int64_t estimate, const std::optional<Usage>& usage) {
    if (!usage || usage->output == 0 || tells_little(path)) return;
    estimated += static_cast<double>(estimate);
    billed += static_cast<double>(usage->output);
    ++answers;
  };
  for (const auto& [path, lines] : streams())
    for (const auto& answer : by_answer(lines)) {
      const Relayed relayed = relay(framed(answer, "\n"), {});
      add(path, relayed.output_estimate, relayed.usage);
    }
  for (const auto& entry : fs::recursive_directory_iterator(recordings() / "vercel-ai/packages")) {
    if (entry.path().extension() != ".json") continue;
    json body = json::parse(contents(entry.path()), nullptr, false);
    if (!body.is_object() || !body.contains("choices") || !body.contains("usage")) continue;
    const auto usage = test::read_whole_answer(body.dump()).usage;
    body.erase("usage");
    add(entry.path(), test::read_whole_answer(body.dump()).output_estimate, usage);
  }
  std::cout << estimated << " estimated for " << billed << " tokens of " << answers << " answers\n";
  EXPECT_GE(answers, 20);
  EXPECT_NEAR(estimated / billed, 1, 0.1);
}

TEST(OpenaiRecordings, UsageOfWholeAnswers) {
  if (!fs::exists(recordings())) GTEST_SKIP() << "no recordings at " << recordings() << " (set TRIAGE_SHARED)";
  std::size_t with_usage = 0;
  for (const auto& entry : fs::recursive_directory_iterator(recordings() / "vercel-ai/packages")) {
    if (entry.path().extension() != ".json") continue;
    const std::string text = contents(entry.path());
    const json body = json::parse(text, nullptr, false);
    if (!body.is_object() || !body.contains("choices")) continue;
    Answer expected;
    add_chunk(expected, body);
    const test::WholeReading report = test::read_whole_answer(text);
    EXPECT_EQ(report.usage, expected.usage) << entry.path();
    EXPECT_EQ(report.finish_reason, expected.finish_reason[0]) << entry.path();
    with_usage += expected.usage.has_value();
  }
  EXPECT_GE(with_usage, 8U);
}

}  // namespace
}  // namespace triage
