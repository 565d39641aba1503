// Recorded answers of Anthropic's API as a chat client reads them: the same text, thoughts, calls, end and usage,
// however the bytes come. Recordings: ../shared/data/providers (pydantic-ai MIT, llm-anthropic Apache-2.0); skipped
// without.
#include "answer/tally.hpp"
#include "anthropic/answer_reader.hpp"
#include "clients/clients.hpp"
#include "json/json.hpp"
#include "support/padded.hpp"
#include "support/said.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace triage {
namespace {

using nlohmann::json;
using test::Padded;
using test::Said;

void add_message(const json& message, Said& out) {
  if (message.contains("content") && message["content"].is_string()) out.text += message["content"];
  if (message.contains("reasoning_content")) out.thoughts += message["reasoning_content"];
  for (const json& block : message.value("thinking_blocks", json::array()))
    out.signatures.push_back(block["type"] == "thinking" ? block["signature"] : block["data"]);
}

void add_usage(const AnswerTally& tally, Said& out) {
  const auto usage = tally.usage();
  if (!usage) return;
  out.input = usage->input;
  out.output = usage->output;
  out.cached = usage->input_cached;
}

Said streamed(const std::string& stream, std::size_t piece) {
  ApiRequest request;
  request.stream = request.include_usage = true;
  const auto decoder = openai_client().translated(anthropic::make_block_reader(1 << 20), request);
  Said out;
  AnswerTally tally;
  std::vector<std::unique_ptr<Padded>> fed;
  std::map<int, std::array<std::string, 3>> calls;
  for (std::size_t at = 0;;) {
    const auto event = decoder->next();
    if (!event) {
      ADD_FAILURE() << event.error().message;
      return out;
    }
    if (*event == nullptr) {
      if (at >= stream.size()) break;
      fed.push_back(std::make_unique<Padded>(std::string_view(stream).substr(at, piece)));
      decoder->feed(fed.back()->view());
      at += fed.back()->view().size();
      continue;
    }
    tally.add(**event);
    const std::string bytes((*event)->verbatim);
    EXPECT_TRUE(bytes.starts_with("data: ") && bytes.ends_with("\n\n")) << bytes;
    const json chunk = json::parse(bytes.substr(6));
    if (chunk["choices"].empty()) continue;
    const json& choice = chunk["choices"][0];
    add_message(choice["delta"], out);
    for (const json& call : choice["delta"].value("tool_calls", json::array())) {
      auto& [id, name, arguments] = calls[call["index"]];
      id += call.value("id", "");
      name += call["function"].value("name", "");
      arguments += call["function"].value("arguments", "");
    }
    if (choice["finish_reason"].is_string()) out.finish = choice["finish_reason"];
  }
  EXPECT_TRUE(decoder->ended());
  EXPECT_TRUE(tally.complete());
  for (const auto& [index, call] : calls)
    out.calls.push_back(call[0] + " " + call[1] + " " + json::parse(call[2]).dump());
  add_usage(tally, out);
  return out;
}

Said whole(const std::string& body) {
  const Padded padded(body);
  BlockAnswer answer;
  Said out;
  if (const auto defect = anthropic::read_whole(padded.view(), answer)) {
    ADD_FAILURE() << defect->message;
    return out;
  }
  AnswerEvent event;
  openai_client().translate_whole(answer, {}, event);
  AnswerTally tally;
  tally.add_whole(event);
  const json completion = json::parse(event.verbatim);
  EXPECT_EQ(completion["object"], "chat.completion");
  const json& choice = completion["choices"][0];
  add_message(choice["message"], out);
  for (const json& call : choice["message"].value("tool_calls", json::array()))
    out.calls.push_back(call["id"].get<std::string>() + " " + call["function"]["name"].get<std::string>() + " " +
                        json::parse(call["function"]["arguments"].get<std::string>()).dump());
  out.finish = choice["finish_reason"];
  add_usage(tally, out);
  return out;
}

TEST(RecordedAnthropicAnswers, SayTheSameToAChatClient) {
  if (!std::filesystem::is_directory(test::recordings())) GTEST_SKIP() << "no recordings in " << test::recordings();
  std::size_t streams = 0;
  std::size_t answers = 0;
  for (const char* source : {"pydantic-ai/anthropic", "llm-anthropic/anthropic"})
    for (const auto& file : std::filesystem::directory_iterator(test::recordings() / source)) {
      const json recorded = json::parse(std::ifstream(file.path()));
      for (const json& exchange : recorded["exchanges"]) {
        const json& response = exchange["response"];
        if (exchange["request"]["path"] != "/v1/messages" || response["status"] != 200) continue;
        SCOPED_TRACE(file.path().filename().string());
        if (response.contains("text")) {
          ++streams;
          const std::string stream = response["text"];
          const Said wanted = test::said_by(test::message_of(stream));
          for (const std::size_t piece : {std::size_t{1}, std::size_t{61}, std::size_t{1000}, stream.size()})
            ASSERT_EQ(streamed(stream, piece), wanted) << piece;
        } else if (response.contains("json")) {
          ++answers;
          ASSERT_EQ(whole(response["json"].dump()), test::said_by(response["json"]));
        }
      }
    }
  EXPECT_GE(streams, 10U);
  EXPECT_GE(answers, 40U);
}

// The smallest stream with a thought and a call, as the API writes it.
TEST(TranslatedAnswer, IsWrittenInChunks) {
  const auto event = [](const std::string& data) { return "event: x\ndata: " + data + "\n\n"; };
  const std::string stream =
      event(
          R"({"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":9,"cache_read_input_tokens":3,"cache_creation_input_tokens":2,"cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":1},"output_tokens":1}}})") +
      event(R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})") +
      event(
          "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":"
          "\"a\xe2\x80\xa8\\n\"}}") +
      event(R"({"type":"content_block_stop","index":0})") +
      event(
          R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}})") +
      event(R"({"type":"content_block_stop","index":1})") +
      event(R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":4}})") +
      event(R"({"type":"message_stop"})");
  ApiRequest request;
  request.include_usage = true;
  const auto decoder = openai_client().translated(anthropic::make_block_reader(1 << 20), request);
  const Padded padded(stream);
  decoder->feed(padded.view());
  std::string out;
  AnswerTally tally;
  for (;;) {
    const auto next = decoder->next();
    ASSERT_TRUE(next);
    if (*next == nullptr) break;
    tally.add(**next);
    std::string chunk((*next)->verbatim.substr(6));
    const std::size_t choices = chunk.find(R"("choices")");
    EXPECT_TRUE(chunk.starts_with(R"({"id":"msg_1","object":"chat.completion.chunk","created":)")) << chunk;
    out += chunk.substr(choices);
  }
  EXPECT_EQ(out, R"("choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

"choices":[{"index":0,"delta":{"content":"a\u2028\n"},"finish_reason":null}]}

"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":null}]}

"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls","native_finish_reason":"tool_use"}]}

"choices":[],"usage":{"prompt_tokens":14,"completion_tokens":4,"total_tokens":18,"prompt_tokens_details":{"cached_tokens":3,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":0}}}

)");
  const auto usage = tally.usage();
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->input, 14);
  EXPECT_EQ(usage->input_cached, 3);
  EXPECT_EQ(usage->cache_write, 2);
  EXPECT_EQ(usage->cache_write_1h, 1);
  EXPECT_EQ(usage->output, 4);
}

TEST(TranslatedAnswer, IsUtf8WhateverTheProviderSends) {
  const std::string stream =
      "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"m\",\"usage\":{\"input_tokens\":1}}}\n\n"
      "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
      "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\xff!\"}}\n\n"
      "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
      "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n"
      "data: {\"type\":\"message_stop\"}\n\n";
  for (const WireForm form : {WireForm::openai, WireForm::responses, WireForm::gemini}) {
    ApiRequest request;
    request.form = form;
    request.stream = true;
    request.original = std::make_shared<OriginalRequest>();
    request.blocks = std::make_shared<const Result<BlockRequest>>(BlockRequest());
    const auto decoder = client_api(form).translated(anthropic::make_block_reader(1 << 20), request);
    const Padded padded(stream);
    decoder->feed(padded.view());
    decoder->end();
    std::string out;
    for (auto next = decoder->next(); next && *next != nullptr; next = decoder->next()) out += (*next)->verbatim;
    EXPECT_NE(out.find("a\xef\xbf\xbd!"), std::string::npos) << out;
    EXPECT_FALSE(find_invalid_utf8(out)) << word(form);
  }
}

}  // namespace
}  // namespace triage
