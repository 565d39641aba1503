// What few answers have - citations, log-probabilities, calls of custom tools - from each provider's dialect to each
// client's, whole and streamed. The answers are shortened from recordings in ../shared/data/providers: pydantic-ai
// (MIT; openrouter, vertex), lingua (MIT; responsesCustomToolCallStreamingParam, webSearchToolParam), and Perplexity's
// API reference.
#include "anthropic/answer_reader.hpp"
#include "clients/clients.hpp"
#include "gemini/answer_reader.hpp"
#include "providers/openai.hpp"
#include "responses/answer_reader.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using nlohmann::json;
using test::Padded;

class Client {
 public:
  Client(const ClientApi& api, const std::string& path, const std::string& body) : api_(api), body_(body) {
    head_.path = path;
    auto request = api.parse(Api::chat, head_, body_.view(), 64);
    EXPECT_TRUE(request) << request.error().message;
    request_ = *std::move(request);
    request_.include_usage = true;
  }

  [[nodiscard]] json whole(BlockAnswer answer) const {
    AnswerEvent out;
    api_.translate_whole(std::move(answer), request_, out);
    return json::parse(out.verbatim);
  }

  [[nodiscard]] std::vector<json> streamed(std::unique_ptr<BlockReader> reader, const std::string& stream,
                                           std::size_t piece) const {
    const auto decoder = api_.translated(std::move(reader), request_);
    std::vector<std::unique_ptr<Padded>> fed;
    std::string bytes;
    bool over = false;
    for (std::size_t at = 0;;) {
      const auto event = decoder->next();
      if (!event) {
        ADD_FAILURE() << event.error().message;
        break;
      }
      if (*event != nullptr) {
        bytes += (*event)->verbatim;
      } else if (at < stream.size()) {
        fed.push_back(std::make_unique<Padded>(std::string_view(stream).substr(at, piece)));
        decoder->feed(fed.back()->view());
        at += fed.back()->view().size();
      } else if (!std::exchange(over, true)) {
        decoder->end();
      } else {
        break;
      }
    }
    std::vector<json> out;
    for (std::size_t at = 0; (at = bytes.find("data: ", at)) != std::string::npos;) {
      const std::size_t end = std::min(bytes.find('\r', at), bytes.find('\n', at));
      out.push_back(json::parse(bytes.substr(at + 6, end - at - 6)));
      at = end;
    }
    return out;
  }

 private:
  const ClientApi& api_;
  Padded body_;
  RequestHead head_;
  ApiRequest request_;
};

const Client& chat() {
  static const Client client(openai_client(), "/v1/chat/completions", R"({"model":"m","messages":[]})");
  return client;
}
const Client& responses_api() {
  static const Client client(responses_client(), "/v1/responses", R"({"model":"m","input":"Hi"})");
  return client;
}
const Client& messages() {
  static const Client client(client_api(WireForm::anthropic), "/v1/messages",
                             R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]})");
  return client;
}
const Client& gemini_api() {
  static const Client client(gemini_client(), "/v1beta/models/m:generateContent", R"({"contents":[]})");
  return client;
}

using Read = std::optional<Error> (*)(std::string_view body, BlockAnswer& out);
std::optional<Error> read_chat(std::string_view body, BlockAnswer& out) {
  return openai::read_whole("application/json", body, out);
}

BlockAnswer answer_of(const Padded& body, Read read) {
  BlockAnswer out;
  const auto error = read(body.view(), out);
  EXPECT_FALSE(error) << error->message;
  return out;
}

std::string events_of(const std::vector<std::string>& data) {
  std::string out;
  for (const std::string& each : data) out += "data: " + each + "\n\n";
  return out;
}

const std::string page = R"({"url":"https://a.dev/x","title":"A \"page\"","start_index":4,"end_index":9})";
const std::string cited = R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,
    "message":{"role":"assistant","content":"Né: \ud83d\ude00 yes. No.",
    "annotations":[{"type":"url_citation","url_citation":)" +
                          page + R"(}]},"finish_reason":"stop"}]})";
const std::vector<std::string> cited_stream{
    R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"",
       "annotations":[{"type":"url_citation","url_citation":)" +
        page + R"(}]},"finish_reason":null}]})",
    R"({"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"N\u00e9: \ud83d"},"finish_reason":null}]})",
    R"({"id":"c","model":"m","choices":[{"index":0,"delta":{"content":" yes. No."},"finish_reason":"stop"}]})"};

TEST(Crossing, CitationsOfAChatCompletion) {
  const Padded body(cited);
  const json annotation{{"type", "url_citation"},
                        {"start_index", 4},
                        {"end_index", 9},
                        {"url", "https://a.dev/x"},
                        {"title", "A \"page\""}};
  EXPECT_EQ(responses_api().whole(answer_of(body, read_chat))["output"][0]["content"][0]["annotations"],
            json::array({annotation}));
  const json grounding = gemini_api().whole(answer_of(body, read_chat))["candidates"][0]["groundingMetadata"];
  EXPECT_EQ(grounding["groundingChunks"], json::parse(R"([{"web":{"uri":"https://a.dev/x","title":"A \"page\""}}])"));
  EXPECT_EQ(grounding["groundingSupports"],
            json::parse(R"([{"segment":{"startIndex":5,"endIndex":13},"groundingChunkIndices":[0]}])"))
      << "in bytes";
  const json content = messages().whole(answer_of(body, read_chat))["content"];
  EXPECT_EQ(content[0]["citations"], json::parse(R"([{"type":"web_search_result_location","url":"https://a.dev/x",
      "title":"A \"page\"","cited_text":"","encrypted_index":""}])"));
}

std::vector<json> of_type(const std::vector<json>& events, const std::string& type) {
  std::vector<json> out;
  for (const json& event : events)
    if (event.value("type", "") == type) out.push_back(event);
  return out;
}

TEST(Crossing, CitationsOfAStreamHoweverItIsCut) {
  const std::string stream = events_of({cited_stream[0], R"({"id":"c","model":"m","choices":[{"index":0,"delta":
      {"content":"N\u00e9: \ud83d\ude00"},"finish_reason":null}]})",
                                        cited_stream[2]}) +
                             "data: [DONE]\n\n";
  std::string flat;
  for (const char c : stream) flat += c;
  for (std::size_t at = 0; (at = flat.find("\n      ", at)) != std::string::npos;) flat.replace(at, 7, " ");
  for (std::size_t at = 0; (at = flat.find("\n       ", at)) != std::string::npos;) flat.replace(at, 8, " ");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{13}, std::string::npos}) {
    const auto read = [] { return openai::make_block_reader(1 << 20); };
    const auto events = responses_api().streamed(read(), flat, piece);
    const auto added = of_type(events, "response.output_text.annotation.added");
    ASSERT_EQ(added.size(), 1U) << piece;
    EXPECT_EQ(added[0]["annotation"]["end_index"], 9);
    EXPECT_EQ(events.back()["response"]["output"][0]["content"][0]["annotations"][0], added[0]["annotation"]);
    const auto deltas = of_type(messages().streamed(read(), flat, piece), "content_block_delta");
    EXPECT_EQ(
        std::ranges::count_if(deltas, [](const json& each) { return each["delta"]["type"] == "citations_delta"; }), 1);
    const auto objects = gemini_api().streamed(read(), flat, piece);
    EXPECT_EQ(objects.back()["candidates"][0]["groundingMetadata"]["groundingSupports"][0]["segment"]["endIndex"], 13);
  }
}

TEST(Crossing, PagesThatPerplexityNamesAreOfAllOfTheText) {
  const Padded body(R"({"id":"p","model":"sonar","citations":["https://a.dev/","https://b.dev/"],"search_results":[
      {"title":"A","url":"https://a.dev/","date":"2026-01-01"},{"title":"B","url":"https://b.dev/"}],
      "choices":[{"index":0,"message":{"role":"assistant","content":"Yes[1]."},"finish_reason":"stop"}]})");
  const json annotations = responses_api().whole(answer_of(body, read_chat))["output"][0]["content"][0]["annotations"];
  ASSERT_EQ(annotations.size(), 2U);
  EXPECT_EQ(annotations[1], json::parse(R"({"type":"url_citation","start_index":0,"end_index":7,"url":"https://b.dev/",
      "title":"B"})"));
}

TEST(Crossing, CitationsOfTheOtherDialectsReachAChatClient) {
  const json wanted = json::parse(R"([{"type":"url_citation","url_citation":{"start_index":2,"end_index":6,
      "url":"https://a.dev/","title":"A"}}])");
  const Padded message(
      R"({"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"é "},
      {"type":"text","text":"Yes.","citations":[{"type":"char_location","document_index":0,"cited_text":"d"},
      {"type":"web_search_result_location","url":"https://a.dev/","title":"A","cited_text":"Y","encrypted_index":"E"}]}],
      "stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}})");
  EXPECT_EQ(chat().whole(answer_of(message, anthropic::read_whole))["choices"][0]["message"]["annotations"], wanted);
  const Padded response(R"({"id":"r","object":"response","status":"completed","model":"m","output":[{"type":"message",
      "id":"i","role":"assistant","content":[{"type":"output_text","text":"é Yes.","annotations":[{"type":"file_citation"},
      {"type":"url_citation","url":"https://a.dev/","title":"A","start_index":2,"end_index":6}]}]}]})");
  EXPECT_EQ(chat().whole(answer_of(response, responses::read_whole))["choices"][0]["message"]["annotations"], wanted);
  for (
      const char* metadata :
      {R"("groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a.dev/","title":"A"}}],
           "groundingSupports":[{"segment":{"startIndex":3,"endIndex":7,"text":"Yes."},"groundingChunkIndices":[0]}]})",
       R"("citationMetadata":{"citationSources":[{"startIndex":3,"endIndex":7,"uri":"https://a.dev/","title":"A"}]})"}) {
    const Padded candidate(R"({"candidates":[{"content":{"parts":[{"text":"é Yes."}],"role":"model"},)" +
                           std::string(metadata) + R"(,"finishReason":"STOP"}]})");
    EXPECT_EQ(chat().whole(answer_of(candidate, gemini::read_whole))["choices"][0]["message"]["annotations"], wanted);
  }
}

const std::string logprobs = R"([{"token":"Yes","logprob":-0.25,"bytes":[89,101,115],"top_logprobs":[
    {"token":"Yes","logprob":-0.25,"bytes":[89,101,115]},{"token":"No","logprob":-2,"bytes":[78,111]}]}])";

TEST(Crossing, LogprobsOfAChatCompletion) {
  const Padded body(R"({"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Yes"},
      "logprobs":{"content":)" +
                    logprobs + R"(,"refusal":null},"finish_reason":"stop"}]})");
  EXPECT_EQ(responses_api().whole(answer_of(body, read_chat))["output"][0]["content"][0]["logprobs"],
            json::parse(logprobs));
  EXPECT_EQ(gemini_api().whole(answer_of(body, read_chat))["candidates"][0]["logprobsResult"],
            json::parse(R"({"chosenCandidates":[{"token":"Yes","logProbability":-0.25}],"topCandidates":[{"candidates":[
                {"token":"Yes","logProbability":-0.25},{"token":"No","logProbability":-2}]}]})"));
  EXPECT_EQ(chat().whole(answer_of(body, read_chat))["choices"][0]["logprobs"]["content"], json::parse(logprobs));
}

TEST(Crossing, LogprobsReachAChatClient) {
  const Padded response(R"({"id":"r","object":"response","status":"completed","model":"m","output":[{"type":"message",
      "id":"i","role":"assistant","content":[{"type":"output_text","text":"Yes","annotations":[],"logprobs":)" +
                        logprobs + "}]}]}");
  EXPECT_EQ(chat().whole(answer_of(response, responses::read_whole))["choices"][0]["logprobs"]["content"],
            json::parse(logprobs));
  const Padded candidate(R"({"candidates":[{"content":{"parts":[{"text":"Yes"}],"role":"model"},"finishReason":"STOP",
      "logprobsResult":{"chosenCandidates":[{"token":"Yes","tokenId":7,"logProbability":-0.25}],"topCandidates":[
      {"candidates":[{"token":"Yes","logProbability":-0.25},{"token":"No","logProbability":-2}]}]}}]})");
  EXPECT_EQ(chat().whole(answer_of(candidate, gemini::read_whole))["choices"][0]["logprobs"]["content"],
            json::parse(logprobs));
  const std::string stream = events_of(
      {R"({"type":"response.created","response":{"id":"r","model":"m"}})",
       R"({"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Yes","logprobs":)" +
           json::parse(logprobs).dump() + "}",
       R"({"type":"response.completed","response":{"id":"r","model":"m","status":"completed","output":[]}})"});
  const auto chunks = chat().streamed(responses::make_block_reader(1 << 20), stream, 11);
  ASSERT_GE(chunks.size(), 3U);
  EXPECT_EQ(chunks[1]["choices"][0]["logprobs"]["content"], json::parse(logprobs));
  EXPECT_FALSE(chunks[0]["choices"][0].contains("logprobs"));
}

const std::string input = "Streaming \"fix\"\n\nFixed.";

TEST(Crossing, CallsOfCustomToolsFromResponsesToChat) {
  const json item{{"id", "ctc_1"},       {"type", "custom_tool_call"}, {"status", "completed"},
                  {"call_id", "call_e"}, {"name", "write_note"},       {"input", input}};
  const Padded response(
      json{{"id", "r"}, {"object", "response"}, {"status", "completed"}, {"model", "m"}, {"output", {item}}}.dump());
  const json message = chat().whole(answer_of(response, responses::read_whole))["choices"][0];
  EXPECT_EQ(message["finish_reason"], "tool_calls");
  EXPECT_EQ(
      message["message"]["tool_calls"],
      json::array({{{"id", "call_e"}, {"type", "custom"}, {"custom", {{"name", "write_note"}, {"input", input}}}}}));

  json begun = item;
  begun["input"] = "";
  std::vector<std::string> events{
      R"({"type":"response.created","response":{"id":"r","model":"m"}})",
      json{{"type", "response.output_item.added"}, {"output_index", 0}, {"item", begun}}.dump()};
  for (const std::string& delta : {input.substr(0, 11), input.substr(11)})
    events.push_back(
        json{{"type", "response.custom_tool_call_input.delta"}, {"output_index", 0}, {"delta", delta}}.dump());
  events.push_back(json{{"type", "response.output_item.done"}, {"output_index", 0}, {"item", item}}.dump());
  events.push_back(
      R"({"type":"response.completed","response":{"id":"r","model":"m","status":"completed","output":[]}})");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{64}}) {
    std::string said;
    std::string name;
    for (const json& chunk : chat().streamed(responses::make_block_reader(1 << 20), events_of(events), piece))
      for (const json& choice : chunk["choices"])
        for (const json& call : choice["delta"].value("tool_calls", json::array())) {
          said += call["custom"].value("input", "");
          name += call["custom"].value("name", "");
        }
    EXPECT_EQ(said, input);
    EXPECT_EQ(name, "write_note");
  }
}

TEST(Crossing, CallsOfCustomToolsFromChatToResponses) {
  const json call{{"id", "call_e"}, {"type", "custom"}, {"custom", {{"name", "write_note"}, {"input", input}}}};
  const json message{{"role", "assistant"}, {"content", nullptr}, {"tool_calls", {call}}};
  const Padded body(json{
      {"id", "c"}, {"model", "m"}, {"choices", {{{"index", 0}, {"message", message}, {"finish_reason", "tool_calls"}}}}}
                        .dump());
  const json item = responses_api().whole(answer_of(body, read_chat))["output"][0];
  EXPECT_EQ(item["type"], "custom_tool_call");
  EXPECT_EQ(item["input"], input);
  EXPECT_EQ(item["call_id"], "call_e");
  EXPECT_FALSE(item.contains("arguments"));
}

}  // namespace
}  // namespace triage
