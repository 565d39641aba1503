// Recorded exchanges with Gemini and Vertex AI: what is read of them is what they say, however the bytes come, and
// requests say the same when they are written again. Recordings: ../shared/data/providers (js-genai, llm-gemini
// Apache-2.0; pydantic-ai, lingua MIT); skipped without.
#include "answer/usage.hpp"
#include "blocks/event_order.hpp"
#include "gemini/answer_reader.hpp"
#include "gemini/answer_writer.hpp"
#include "gemini/request_reader.hpp"
#include "gemini/request_writer.hpp"
#include "openai/chat_writer.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace triage::gemini {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;
using test::Padded;

fs::path recordings() {
  const char* shared = std::getenv("TRIAGE_SHARED");
  return fs::path(shared ? shared : TRIAGE_SOURCE_DIR "/../shared") / "data" / "providers";
}

json json_at(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return json::parse(in, nullptr, false);
}

struct Exchange {
  std::string name;
  json request;
  json response;       // null: it was streamed
  std::string stream;  // of server-sent events
};

void add_exchanges(const fs::path& file, std::vector<Exchange>& out) {
  const json all = json_at(file);
  for (const json& each : all.value("exchanges", json::array())) {
    const std::string path = each["request"].value("path", "");
    if (path.find("enerateContent") == std::string::npos || each["response"].value("status", 0) != 200) continue;
    Exchange exchange{file.filename(), each["request"].value("json", json()), each["response"].value("json", json()),
                      each["response"].value("text", "")};
    out.push_back(std::move(exchange));
  }
}

std::vector<Exchange> exchanges() {
  std::vector<Exchange> out;
  for (const char* folder :
       {"js-genai/gemini", "js-genai/vertex", "llm-gemini/gemini", "pydantic-ai/gemini", "pydantic-ai/vertex"})
    if (fs::is_directory(recordings() / folder))
      for (const auto& entry : fs::directory_iterator(recordings() / folder)) add_exchanges(entry.path(), out);
  if (!fs::is_directory(recordings() / "lingua")) return out;
  for (const auto& entry : fs::directory_iterator(recordings() / "lingua"))
    for (const char* turn : {"google.", "google.followup-", "vertex-google."}) {
      const std::string stem = (entry.path() / turn).string();
      if (!fs::exists(stem + "request.json")) continue;
      const json stream = json_at(stem + "response-streaming.json");
      Exchange exchange{stem, json_at(stem + "request.json"), json_at(stem + "response.json"), ""};
      if (exchange.response.is_discarded()) exchange.response = json();
      if (stream.is_object())
        for (const json& event : stream.value("events", json::array()))
          exchange.stream += "data: " + event.dump() + "\r\n\r\n";
      out.push_back(std::move(exchange));
    }
  return out;
}

// What an answer says, in a few words.
struct Said {
  std::string text;
  std::string thoughts;
  std::string signatures;
  std::vector<std::pair<std::string, json>> calls;
  std::string end;
  std::int64_t input = 0;
  std::int64_t output = 0;
  bool operator==(const Said&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Said& said) {
  out << said.text << "\n"
      << said.thoughts << "\n"
      << said.signatures << "\n"
      << said.end << " " << said.input << "/" << said.output;
  for (const auto& [name, arguments] : said.calls) out << "\n" << name << arguments;
  return out;
}

// $.a.b as /a/b
json::json_pointer pointer_to(std::string path) {
  std::ranges::replace(path, '.', '/');
  return json::json_pointer(path.substr(1));
}

void add_arguments(const json& call, json& arguments) {
  if (call.contains("args")) arguments = call["args"];
  for (const json& piece : call.value("partialArgs", json::array())) {
    json& place = arguments[pointer_to(piece["jsonPath"])];
    if (!piece.contains("stringValue"))
      place = piece["numberValue"];
    else
      place = (place.is_string() ? place.get<std::string>() : "") + piece["stringValue"].get<std::string>();
  }
}

// As the recording has it. What Google's own tools did is no part of it, nor is a call that it answered itself.
void add_recorded(const json& object, Said& out) {
  for (const json& candidate : object.value("candidates", json::array())) {
    const json content = candidate.value("content", json::object());
    for (const json& part : content.value("parts", json::array())) {
      const bool known = part.contains("text") || part.contains("functionCall");
      if (part.contains("text")) (part.value("thought", false) ? out.thoughts : out.text) += part["text"];
      if (part.contains("functionResponse"))
        std::erase_if(out.calls, [&](const auto& call) { return call.first == part["functionResponse"]["name"]; });
      if (part.contains("functionCall")) {
        const json& call = part["functionCall"];
        if (call.contains("name")) out.calls.emplace_back(call["name"], json::object());
        if (!out.calls.empty()) add_arguments(call, out.calls.back().second);
      }
      if (known || part.size() == 1) out.signatures += part.value("thoughtSignature", "");
    }
    out.end = candidate.value("finishReason", out.end);
  }
  if (object.contains("promptFeedback")) out.end = object["promptFeedback"].value("blockReason", out.end);
  const json usage = object.value("usageMetadata", json::object());
  const auto count = [&](const char* name) { return usage.value(name, std::int64_t{0}); };
  if (!usage.contains("promptTokenCount")) return;
  out.input = count("promptTokenCount") + count("toolUsePromptTokenCount");
  out.output = count("candidatesTokenCount") + count("thoughtsTokenCount");
}

class Reading {
 public:
  void add(const BlockEvent& event) {
    EXPECT_EQ(order_.next(event), "");
    using Kind = BlockEvent::Kind;
    if (event.kind == Kind::block_begin && event.block == BlockKind::call) name_ = event.name.text();
    if (event.kind == Kind::signature) said.signatures += event.text.text();
    if (event.kind == Kind::delta && event.block == BlockKind::text) said.text += event.text.text();
    if (event.kind == Kind::delta && event.block == BlockKind::thought) said.thoughts += event.text.text();
    if (event.kind == Kind::delta && event.block == BlockKind::call)
      said.calls.emplace_back(name_, json::parse(event.text.text()));
    if (event.kind == Kind::finish) {
      said.end = event.native.text();
      EXPECT_EQ(event.reason == FinishReason::calls, !said.calls.empty());
    }
    if (!event.usage) return;
    const Usage usage = settled(*event.usage);
    said.input = usage.input;
    said.output = usage.output;
  }
  [[nodiscard]] bool finished() const { return order_.finished(); }
  Said said;

 private:
  EventOrder order_;
  std::string name_;
};

Said streamed(const std::string& stream, std::size_t piece) {
  const auto reader = make_block_reader(1 << 20);
  Reading reading;
  std::vector<std::unique_ptr<Padded>> fed;
  bool over = false;
  for (std::size_t at = 0;;) {
    const auto event = reader->next();
    if (!event) {
      ADD_FAILURE() << event.error().message;
      break;
    }
    if (*event != nullptr) {
      reading.add(**event);
    } else if (at < stream.size()) {
      fed.push_back(std::make_unique<Padded>(std::string_view(stream).substr(at, piece)));
      reader->feed(fed.back()->view());
      at += fed.back()->view().size();
    } else if (!std::exchange(over, true)) {
      reader->end();
    } else {
      break;
    }
  }
  return reading.said;
}

std::vector<json> objects_of(const std::string& stream) {
  std::vector<json> out;
  for (std::size_t at = 0; (at = stream.find("data: ", at)) != std::string::npos;) {
    const std::size_t end = std::min(stream.find('\r', at), stream.find('\n', at));
    out.push_back(json::parse(stream.substr(at + 6, end - at - 6)));
    at = end;
  }
  return out;
}

TEST(GeminiRecordings, AnswersSayWhatTheyDo) {
  std::size_t whole = 0;
  std::size_t streams = 0;
  for (const Exchange& exchange : exchanges()) {
    SCOPED_TRACE(exchange.name);
    if (!exchange.response.is_null()) {
      ++whole;
      Said wanted;
      for (const json& object : exchange.response.is_array() ? exchange.response : json::array({exchange.response}))
        add_recorded(object, wanted);
      const Padded body(exchange.response.dump());
      BlockAnswer answer;
      const auto error = read_whole(body.view(), answer);
      EXPECT_FALSE(error) << error->message;
      Reading reading;
      for (const BlockEvent& event : answer.events) reading.add(event);
      EXPECT_EQ(reading.said, wanted);
      EXPECT_TRUE(reading.finished());
      EXPECT_TRUE(json::accept(write_response(answer.events)));
    }
    if (exchange.stream.empty()) continue;
    ++streams;
    Said wanted;
    for (const json& object : objects_of(exchange.stream)) add_recorded(object, wanted);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::string::npos})
      EXPECT_EQ(streamed(exchange.stream, piece), wanted) << piece;
  }
  if (whole == 0) GTEST_SKIP() << "no " << recordings();
  EXPECT_GT(streams, 0U);
}

std::string words_of(const Block& block) {
  std::string out = std::to_string(static_cast<int>(block.kind));
  for (const JsonString* text : {&block.name, &block.text, &block.signature, &block.media.type, &block.media.data})
    out += "|" + text->text();
  if (block.kind == BlockKind::call) out += json::parse(block.arguments).dump();
  for (const Block& inner : block.inner) out += "(" + words_of(inner) + ")";
  return out + (block.failed ? "!" : "") + "\n";
}

std::string words_of(const BlockRequest& request) {
  std::string out;
  for (const Block& block : request.system) out += words_of(block);
  Role role = Role::system;
  for (const BlockTurn& turn : request.turns) {
    if (std::exchange(role, turn.role) != turn.role) out += turn.role == Role::assistant ? "model\n" : "user\n";
    for (const Block& block : turn.blocks) out += words_of(block);
  }
  for (const BlockTool& tool : request.tools)
    out += tool.name.text() + "|" + tool.description.text() + "|" + std::string(tool.schema) + "\n";
  out += std::to_string(static_cast<int>(request.choice.kind)) + request.choice.name.text();
  for (const std::string& name : request.choice.allowed) out += "," + name;
  out += "\n" + std::to_string(request.max_tokens.value_or(0)) + "|" + std::string(request.temperature) + "|" +
         std::string(request.top_p) + "|" + std::string(request.top_k) + "|" + std::string(request.seed) + "|" +
         std::string(request.schema);
  for (const JsonString& stop : request.stop) out += "|" + stop.text();
  return out;
}

TEST(GeminiRecordings, RequestsSayTheSameWhenTheyAreWrittenAgain) {
  std::size_t count = 0;
  std::size_t refused = 0;
  Deployment deployment;
  deployment.model = "m";
  for (const Exchange& exchange : exchanges()) {
    if (!exchange.request.is_object()) continue;
    SCOPED_TRACE(exchange.name);
    ++count;
    const Padded body(exchange.request.dump());
    const auto read = read_request(body.view(), 64);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(json::accept(openai::write_chat(read->blocks, "m")));
    RequestFields fields = read->blocks.fields;
    // What only the client's own words can say.
    for (const RequestField field : {RequestField::server_tools, RequestField::file_id, RequestField::cached_content,
                                     RequestField::candidate_count})
      if ((fields & bit(field)) != 0) fields = 0, ++refused;
    if (fields == 0 && read->blocks.fields != 0) continue;
    const auto written = write_request(read->blocks, deployment);
    ASSERT_TRUE(written) << written.error().message;
    const Padded again(written->body);
    const auto second = read_request(again.view(), 64);
    ASSERT_TRUE(second) << second.error().message << written->body;
    EXPECT_EQ(words_of(second->blocks), words_of(read->blocks)) << written->body;
  }
  if (count == 0) GTEST_SKIP() << "no " << recordings();
  EXPECT_GT(count, 120U);
  EXPECT_LT(refused, count / 2);
}

}  // namespace
}  // namespace triage::gemini
