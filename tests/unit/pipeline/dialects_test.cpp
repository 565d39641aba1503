// A client of Anthropic's Messages API before providers of both dialects. Recordings: ../shared/data/providers
// (pydantic-ai MIT, llm-anthropic Apache-2.0, envoyproxy/ai-gateway Apache-2.0); skipped without.
#include "answer/tally.hpp"
#include "clients/clients.hpp"
#include "providers/providers.hpp"
#include "support/padded.hpp"
#include "support/said.hpp"
#include "triage/chat_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace triage {
namespace {

using nlohmann::json;
using test::Padded;
using test::Said;
using testing::ElementsAre;
Provider provider(const std::string& dialect, const std::string& host = "example.com") {
  Provider out;
  out.name = "p";
  out.dialect = dialect;
  out.base_url = {true, host, 443, dialect == "openai" ? "/v1" : ""};
  out.api_key = Secret("sk-1");
  return out;
}

Deployment deployment() {
  Deployment out;
  out.name = "d";
  out.model = "m";
  return out;
}

std::string joined_body(const EncodedCall& call) {
  std::string out;
  for (const std::string_view piece : call.call.body) out += piece;
  return out;
}

struct Sent {
  std::string target;
  std::string body;
  std::vector<std::string> dropped;
  std::vector<std::string> fields;
};

Sent sent(std::string_view message, const std::string& dialect, const Provider& to,
          const Deployment& model = deployment()) {
  const Padded body(message);
  Sent out;
  const auto request = anthropic_client().parse(Api::chat, {}, body.view(), 64);
  if (!request) {
    out.body = request.error().message;
    return out;
  }
  RequestHead head;
  head.path = "/v1/messages";
  head.query = "beta=true";
  head.fields = {{"x-api-key", "tk-1"}, {"anthropic-version", "2023-06-01"}, {"anthropic-beta", "b-1"}};
  blocks_of(*request);
  const auto call = find_dialect(dialect)->encode(*request, head, model, to, {});
  if (!call) {
    out.body = std::string(traits(call.error().code).name) + " " + call.error().param;
    return out;
  }
  out.target = call->call.target;
  out.body = joined_body(*call);
  out.dropped = call->dropped;
  for (const Field& field : call->call.fields)
    out.fields.push_back(std::string(field.name) + ": " + std::string(field.value));
  return out;
}

TEST(MessagesRequest, GoesToItsOwnDialectByteForByte) {
  const std::string message = R"({ "max_tokens":9, "model" : "claude-\u0078","messages":[], "odd":1.0e2})";
  const Sent out = sent(message, "anthropic", provider("anthropic"));
  EXPECT_EQ(out.body, R"({ "max_tokens":9, "model" : "m","messages":[], "odd":1.0e2})");
  EXPECT_EQ(out.target, "/v1/messages?beta=true");
  EXPECT_THAT(out.fields,
              ElementsAre("anthropic-version: 2023-06-01", "anthropic-beta: b-1", "Content-Type: application/json",
                          "Accept-Encoding: identity", "x-api-key: sk-1"));
  EXPECT_TRUE(out.dropped.empty());
}

TEST(MessagesRequest, BecomesAChatCompletion) {
  const Sent out = sent(R"({"model":"claude-x","max_tokens":9,"stream":true,"temperature":0.5,"top_k":3,
      "stop_sequences":["a"],"metadata":{"user_id":"u"},"thinking":{"type":"enabled","budget_tokens":2000},
      "system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}},{"type":"text","text":"Now."}],
      "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}],
      "tool_choice":{"type":"any","disable_parallel_tool_use":true},
      "messages":[{"role":"user","content":[{"type":"text","text":"Look:"},
        {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]},
       {"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"S"},{"type":"text","text":"So"},
        {"type":"tool_use","id":"toolu_1","name":"f","input":{"a": 1.0}},{"type":"tool_use","id":"toolu_2","name":"f","input":{}}]},
       {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"ok"},
        {"type":"tool_result","tool_use_id":"toolu_2","is_error":true,"content":[{"type":"text","text":"no"},
          {"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]},{"type":"text","text":"Go"}]}]})",
                        "openai", provider("openai"));
  EXPECT_EQ(json::parse(out.body), json::parse(R"({"model":"m","stream":true,"stream_options":{"include_usage":true},
      "max_tokens":9,"temperature":0.5,"stop":["a"],"user":"u","tool_choice":"required","parallel_tool_calls":false,
      "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}],
      "messages":[{"role":"system","content":"Be brief.\n\nNow."},
       {"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
       {"role":"assistant","content":"So","tool_calls":[
        {"id":"toolu_1","type":"function","function":{"name":"f","arguments":"{\"a\": 1.0}"}},
        {"id":"toolu_2","type":"function","function":{"name":"f","arguments":"{}"}}]},
       {"role":"tool","tool_call_id":"toolu_1","content":"ok"},{"role":"tool","tool_call_id":"toolu_2","content":"no"},
       {"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}},
        {"type":"text","text":"Go"}]}]})"));
  EXPECT_EQ(out.target, "/v1/chat/completions");
  EXPECT_THAT(out.fields, ElementsAre("Content-Type: application/json", "Accept-Encoding: identity",
                                      "User-Agent: triage", "Authorization: Bearer sk-1"));
  EXPECT_THAT(out.dropped, ElementsAre("thinking_blocks", "is_error", "cache_control", "top_k", "thinking"));
}

TEST(MessagesRequest, UsesTheWordsOfTheProvider) {
  const std::string message = R"({"model":"x","max_tokens":9,"messages":[{"role":"user","content":"Hi"}],
      "output_config":{"effort":"max","format":{"type":"json_schema","schema":{"type":"object"}}}})";
  Deployment completion = deployment();
  completion.quirks.limit = LimitWord::max_completion_tokens;
  const Sent own = sent(message, "openai", provider("openai"), completion);
  EXPECT_EQ(json::parse(own.body)["max_completion_tokens"], 9);
  EXPECT_FALSE(json::parse(own.body).contains("max_tokens"));
  EXPECT_FALSE(json::parse(own.body).contains("reasoning_effort"));
  EXPECT_THAT(own.dropped, ElementsAre("thinking"));
  Deployment thinking = deployment();
  thinking.thinking = Thinking::adaptive;
  const json chat = json::parse(sent(message, "openai", provider("openai"), thinking).body);
  EXPECT_EQ(chat["max_tokens"], 9);
  EXPECT_EQ(chat["reasoning_effort"], "xhigh");
  EXPECT_EQ(chat["response_format"]["json_schema"]["schema"], json::parse(R"({"type":"object"})"));
}

TEST(MessagesRequest, RefusesWhatChatCompletionsHaveNoWordFor) {
  const auto refusal = [](const std::string& members) {
    return sent(R"({"model":"x","max_tokens":9,"messages":[{"role":"user","content":"Hi"}],)" + members + "}", "openai",
                provider("openai"))
        .body;
  };
  EXPECT_EQ(refusal(R"("tools":[{"type":"web_search_20250305","name":"web_search"}])"), "untranslatable tools");
  EXPECT_EQ(refusal(R"("mcp_servers":[{"url":"x"}])"), "untranslatable container");
  EXPECT_EQ(refusal(R"("stop_sequences":["a","b","c","d","e"])"), "untranslatable stop");
}

TEST(MessagesRequest, IsCheckedAsChatIs) {
  const auto error = [](const std::string& message) {
    const Padded body(message);
    const auto request = anthropic_client().parse(Api::chat, {}, body.view(), 8);
    return request ? "" : std::string(traits(request.error().code).name) + " " + request.error().param;
  };
  EXPECT_EQ(error("{}"), "missing_required_parameter model");
  EXPECT_EQ(error("[]"), "invalid_json ");
  EXPECT_EQ(error(R"({"model":1})"), "invalid_value model");
  EXPECT_EQ(error(R"({"model":"a","model":"b"})"), "invalid_json ");
  EXPECT_EQ(error(R"({"model":"a","x":[[[[[[[[[[]]]]]]]]]]})"), "json_too_deep ");
  EXPECT_EQ(error("{\"model\":\"a\xff\"}"), "invalid_json ");
  EXPECT_EQ(error(R"({"model":"a","stream":"yes"})"), "invalid_value stream");
  EXPECT_EQ(error(R"({"model":"a","messages":[{"role":"bot","content":"x"}]})"), "invalid_value messages.0.role");
  EXPECT_EQ(error(R"({"model":"a","messages":[{"role":"user","content":7}]})"), "invalid_value messages.0.content");
  EXPECT_EQ(error(R"({"model":"a","messages":[{"role":"user","content":"x"}]})"), "");
}

TEST(MessagesRequest, IsSeenByRoutersAsChatIs) {
  const Padded body(R"({"model":"x","max_tokens":9,"system":"S","tools":[{"name":"f","input_schema":{}}],"messages":[
      {"role":"user","content":"First"},{"role":"assistant","content":"a"},
      {"role":"user","content":[{"type":"text","text":"Second"},{"type":"image","source":{"type":"url","url":"https://x"}}]}]})");
  const auto request = anthropic_client().parse(Api::chat, {}, body.view(), 64);
  ASSERT_TRUE(request);
  const ChatView view(*request);
  EXPECT_EQ(view.text(), "Second");
  EXPECT_EQ(view.turns, 2);
  EXPECT_EQ(view.images, 1);
  EXPECT_TRUE(view.system);
  EXPECT_TRUE(view.tools);
  EXPECT_EQ(view.max_tokens, 9);
}

// A stream as a client of the Messages API gets it.
struct Streamed {
  std::string bytes;
  std::optional<Usage> usage;
  std::string finish;
};

Streamed streamed(const std::string& dialect, const std::string& stream, std::size_t piece) {
  const Padded body(R"({"model":"x","stream":true,"messages":[{"role":"user","content":"Hi"}]})");
  const auto request = anthropic_client().parse(Api::chat, {}, body.view(), 64);
  const Dialect& from = *find_dialect(dialect);
  const auto decoder = from.form({}) == WireForm::anthropic
                           ? from.decoder(*request, 1 << 20)
                           : anthropic_client().translated(from.block_reader(1 << 20), *request);
  Streamed out;
  AnswerTally tally;
  std::vector<std::unique_ptr<Padded>> fed;
  bool ended = false;
  for (std::size_t at = 0;;) {
    const auto event = decoder->next();
    if (!event) {
      ADD_FAILURE() << event.error().message;
      return out;
    }
    if (*event != nullptr) {
      tally.add(**event);
      out.bytes += (*event)->verbatim;
      ended = ended || (*event)->ends;
      continue;
    }
    if (at >= stream.size()) break;
    fed.push_back(std::make_unique<Padded>(std::string_view(stream).substr(at, piece)));
    decoder->feed(fed.back()->view());
    at += fed.back()->view().size();
  }
  EXPECT_TRUE(decoder->ended());
  EXPECT_TRUE(tally.complete());
  if (!ended) out.bytes += anthropic_client().stream_end();
  out.usage = tally.usage();
  out.finish = tally.finish_reason();
  return out;
}

TEST(RecordedAnthropicAnswers, PassByteForByte) {
  if (!std::filesystem::is_directory(test::recordings())) GTEST_SKIP() << "no recordings in " << test::recordings();
  std::size_t streams = 0;
  for (const char* source : {"pydantic-ai/anthropic", "llm-anthropic/anthropic"})
    for (const auto& file : std::filesystem::directory_iterator(test::recordings() / source)) {
      const json recorded = json::parse(std::ifstream(file.path()));
      for (const json& exchange : recorded["exchanges"]) {
        const json& response = exchange["response"];
        if (exchange["request"]["path"] != "/v1/messages" || response["status"] != 200) continue;
        SCOPED_TRACE(file.path().filename().string());
        if (exchange["request"].contains("json")) {
          const std::string message = exchange["request"]["json"].dump();
          Deployment same = deployment();
          same.model = exchange["request"]["json"]["model"];
          EXPECT_EQ(sent(message, "anthropic", provider("anthropic"), same).body, message);
        }
        if (!response.contains("text")) continue;
        ++streams;
        const std::string stream = response["text"];
        const Said wanted = test::said_by(test::message_of(stream));
        for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, stream.size()}) {
          const Streamed out = streamed("anthropic", stream, piece);
          EXPECT_EQ(out.bytes, stream);
          EXPECT_EQ(out.finish, wanted.finish);
          ASSERT_TRUE(out.usage);
          EXPECT_EQ(out.usage->input, wanted.input);
          EXPECT_EQ(out.usage->output, wanted.output);
        }
      }
    }
  EXPECT_GE(streams, 10U);
}

// What a chat stream amounts to, in Anthropic's words.
Said said_by_chunks(const std::string& stream) {
  Said out;
  std::map<int, std::array<std::string, 3>> calls;
  for (std::size_t at = stream.find("data: {"); at != std::string::npos; at = stream.find("\ndata: {", at)) {
    at = stream.find('{', at);
    const json chunk = json::parse(stream.substr(at, stream.find('\n', at) - at));
    if (chunk.contains("usage") && chunk["usage"].is_object()) {
      out.input = test::number(chunk["usage"], "prompt_tokens");
      out.output = test::number(chunk["usage"], "completion_tokens");
      const json details = chunk["usage"].value("prompt_tokens_details", json());
      out.cached = details.is_object() ? test::number(details, "cached_tokens") : 0;
    }
    for (const json& choice : chunk.value("choices", json::array())) {
      const json delta = choice.value("delta", json::object());
      if (delta.contains("content") && delta["content"].is_string()) out.text += delta["content"];
      for (const json& call : delta.value("tool_calls", json::array())) {
        auto& [id, name, arguments] = calls[call.value("index", 0)];
        id += call.value("id", "");
        name += call["function"].value("name", "");
        arguments += call["function"].value("arguments", "");
      }
      if (choice.contains("finish_reason") && choice["finish_reason"].is_string()) out.finish = choice["finish_reason"];
    }
  }
  for (const auto& [index, call] : calls)
    out.calls.push_back(call[0] + " " + call[1] + " " + json::parse(call[2].empty() ? "{}" : call[2]).dump());
  return out;
}

TEST(RecordedChatCompletions, SayTheSameToAClientOfTheMessagesApi) {
  if (!std::filesystem::is_directory(test::recordings())) GTEST_SKIP() << "no recordings in " << test::recordings();
  std::size_t streams = 0;
  for (const char* source : {"pydantic-ai/openai", "envoy-ai-gateway/openai", "pydantic-ai/groq"}) {
    if (!std::filesystem::is_directory(test::recordings() / source)) continue;
    for (const auto& file : std::filesystem::directory_iterator(test::recordings() / source)) {
      const json recorded = json::parse(std::ifstream(file.path()));
      for (const json& exchange : recorded["exchanges"]) {
        const json& response = exchange["response"];
        const std::string path = exchange["request"]["path"];
        if (!path.ends_with("/chat/completions") || response["status"] != 200 || !response.contains("text")) continue;
        const std::string stream = response["text"];
        if (stream.find("data: [DONE]") == std::string::npos || stream.find("\"error\"") != std::string::npos) continue;
        SCOPED_TRACE(file.path().filename().string());
        Said wanted = said_by_chunks(stream);
        if (wanted.finish == "stop" && !wanted.calls.empty()) wanted.finish = "tool_calls";
        ++streams;
        for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, stream.size()}) {
          Said got = test::said_by(test::message_of(streamed("openai", stream, piece).bytes));
          got.thoughts.clear();
          if (wanted.input == 0) got.input = got.output = 0;
          ASSERT_EQ(got, wanted) << piece;
        }
      }
    }
  }
  EXPECT_GE(streams, 3U);
}

TEST(MessagesAnswer, IsWrittenAsTheApiHasIt) {
  const auto chunk = [](const std::string& choice) {
    return R"(data: {"id":"c","model":"m","choices":[{"index":0,)" + choice + "}]}\n\n";
  };
  const std::string stream =
      chunk(R"("delta":{"role":"assistant","content":""},"finish_reason":null)") +
      chunk(R"("delta":{"content":"Hi"},"finish_reason":null)") +
      chunk(R"("delta":{"tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":""}}]})") +
      chunk(R"("delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})") +
      chunk(R"("delta":{},"finish_reason":"tool_calls")") +
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,"
      "\"prompt_tokens_details\":{\"cached_tokens\":3}}}\n\ndata: [DONE]\n\n";
  std::string out = streamed("openai", stream, stream.size()).bytes;
  const std::size_t estimate = out.find(R"("input_tokens":)") + 15;
  out.erase(estimate, out.find(',', estimate) - estimate);
  EXPECT_EQ(out, R"(event: message_start
data: {"type":"message_start","message":{"id":"c","type":"message","role":"assistant","model":"x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":6,"cache_creation_input_tokens":0,"cache_read_input_tokens":3,"output_tokens":4}}

event: message_stop
data: {"type":"message_stop"}

)");
}

TEST(MessagesAnswer, IsWrittenWhole) {
  const Padded body(R"({"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a\n",
      "reasoning_content":"Hm","tool_calls":[{"id":"t","type":"function","function":{"arguments":"{\"x\": 1.0}","name":"f"}},
      {"id":"u","type":"function","function":{"name":"g","arguments":"{\"cut"}}]},"finish_reason":"tool_calls"}],
      "usage":{"prompt_tokens":9,"completion_tokens":4}})");
  BlockAnswer answer;
  ASSERT_FALSE(find_dialect("openai")->read_whole("application/json", body.view(), answer));
  AnswerEvent event;
  anthropic_client().translate_whole(std::move(answer), {}, event);
  EXPECT_EQ(json::parse(event.verbatim), json::parse(R"({"id":"c","type":"message","role":"assistant","model":"m",
      "content":[{"type":"thinking","thinking":"Hm","signature":""},{"type":"text","text":"a\n"},
       {"type":"tool_use","id":"t","name":"f","input":{"x":1.0}},
       {"type":"tool_use","id":"u","name":"g","input":{"arguments":"{\"cut"}}],
      "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":9,"cache_creation_input_tokens":0,
      "cache_read_input_tokens":0,"output_tokens":4}})"));
  AnswerTally tally;
  tally.add_whole(event);
  EXPECT_EQ(tally.finish_reason(), "tool_calls");
}

TEST(MessagesErrors, AreAnthropics) {
  const ClientApi& client = anthropic_client();
  EXPECT_EQ(client.error_body({ErrorCode::model_not_found, "no \"m\""}),
            R"({"type":"error","error":{"type":"not_found_error","message":"no \"m\""}})");
  EXPECT_EQ(
      client.reply_body(529, R"({"error":{"message":"Busy","type":"overloaded_error","param":null,"code":null}})"),
      R"({"type":"error","error":{"type":"overloaded_error","message":"Busy"}})");
  EXPECT_EQ(client.reply_body(429, R"({"error":{"message":"Slow","type":"requests","param":null,"code":null}})"),
            R"({"type":"error","error":{"type":"rate_limit_error","message":"Slow"}})");
  EXPECT_EQ(client.error_event("{}"), "event: error\ndata: {}\n\n");
  EXPECT_EQ(client.error_event("\"a\xe2\x80\xa8\""), "event: error\ndata: \"a\\u2028\"\n\n");
  EXPECT_EQ(openai_client().error_event("\"a\xc2\x85\""), "data: \"a\\u0085\"\n\n");
}

}  // namespace
}  // namespace triage
