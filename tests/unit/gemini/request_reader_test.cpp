// Requests of Gemini's API, free of its dialect.
#include "gemini/request_reader.hpp"

#include "blocks/block_request.hpp"
#include "support/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triage::gemini {
namespace {

using test::Padded;
using testing::ElementsAre;
using testing::IsEmpty;

// A request and the bytes that it views.
struct Read {
  explicit Read(const std::string& json) : body(json), request(read_request(body.view(), 64)) {}
  [[nodiscard]] const BlockRequest& blocks() const { return request->blocks; }
  [[nodiscard]] bool notes(RequestField field) const { return (blocks().fields & bit(field)) != 0; }
  Padded body;
  Result<ReadRequest> request;
};

std::string shown(const Block& block) {
  static constexpr const char* kinds[] = {"text", "image",  "document", "audio",
                                          "call", "result", "thought",  "redacted"};
  std::string out = kinds[static_cast<int>(block.kind)];
  for (const JsonString* text :
       {&block.id, &block.name, &block.text, &block.signature, &block.media.type, &block.media.data, &block.media.url})
    if (!text->raw.empty()) out += " " + text->text();
  if (!block.arguments.empty()) out += " " + std::string(block.arguments);
  if (block.failed) out += " failed";
  for (const Block& inner : block.inner) out += " (" + shown(inner) + ")";
  return out;
}

std::string shown(const BlockRequest& request) {
  std::string out;
  for (const Block& block : request.system) out += "system: " + shown(block) + "\n";
  for (const BlockTurn& turn : request.turns) {
    out += turn.role == Role::assistant ? "model:" : "user:";
    for (const Block& block : turn.blocks) out += " [" + shown(block) + "]";
    out += "\n";
  }
  return out;
}

std::string turns(const std::string& contents) {
  const Read read(R"({"contents":)" + contents + "}");
  return read.request ? shown(read.blocks()) : read.request.error().param + ": " + read.request.error().message;
}

TEST(GeminiRequest, IsReadAlikeInBothSpellings) {
  const Read camel(R"({"systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"role":"user","parts":[
    {"inlineData":{"mimeType":"image/png","data":"ab+/"}},{"text":"t"}]}],
    "generationConfig":{"maxOutputTokens":9,"topK":40.0,"topP":0.5,"stopSequences":["x"],"thinkingConfig":{"thinkingBudget":512,
    "includeThoughts":true},"responseMimeType":"application/json","responseJsonSchema":{"type":"object"}},
    "tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object"}}]}],
    "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}}})");
  const Read snake(R"({"system_instruction":{"parts":{"text":"S"}},"contents":{"parts":[
    {"inline_data":{"mime_type":"image/png","data":"ab-_"}},{"text":"t"}]},
    "generation_config":{"max_output_tokens":"9","top_k":40,"top_p":"0.5","stop_sequences":["x"],"thinking_config":{"thinking_budget":512,
    "include_thoughts":true},"response_mime_type":"application/json","response_json_schema":{"type":"object"}},
    "tools":{"function_declarations":[{"name":"f","parameters_json_schema":{"type":"object"}}]},
    "tool_config":{"function_calling_config":{"mode":"any","allowed_function_names":["f"]}}})");
  for (const Read* read : {&camel, &snake}) {
    ASSERT_TRUE(read->request) << read->request.error().message;
    const BlockRequest& blocks = read->blocks();
    EXPECT_EQ(shown(blocks), "system: text S\nuser: [image image/png ab+/] [text t]\n");
    EXPECT_EQ(blocks.max_tokens, 9);
    EXPECT_EQ(blocks.top_k, "40");
    EXPECT_EQ(blocks.top_p, "0.5");
    EXPECT_EQ(blocks.stop.size(), 1U);
    EXPECT_EQ(blocks.thinking_tokens, 512);
    EXPECT_EQ(blocks.schema, R"({"type":"object"})");
    EXPECT_FALSE(blocks.json_object);
    ASSERT_EQ(blocks.tools.size(), 1U);
    EXPECT_EQ(blocks.tools[0].schema, R"({"type":"object"})");
    EXPECT_EQ(blocks.choice.kind, BlockChoice::Kind::named);
    EXPECT_TRUE(blocks.choice.name.is("f"));
    EXPECT_THAT(blocks.unknown, IsEmpty());
  }
  EXPECT_EQ(camel.blocks().fields, snake.blocks().fields);
}

TEST(GeminiRequest, MatchesResultsByIdElseByNameAndOrder) {
  EXPECT_EQ(
      turns(R"([{"role":"user","parts":[{"text":"?"}]},
        {"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}}},{"functionCall":{"name":"g"}},
          {"functionCall":{"name":"f","args":{"a":2}}},{"functionCall":{"id":"own","name":"f"}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"g","response":{"output":"G"}}},
          {"functionResponse":{"id":"own","name":"f","response":{"error":"E"}}},
          {"functionResponse":{"name":"f","response":{"x":1.0}}},{"functionResponse":{"name":"f","response":{"output":[2]}}}]},
        {"role":"model","parts":[{"functionCall":{"name":"f"}}]},
        {"role":"function","parts":[{"functionResponse":{"name":"f","response":{"output":"3","error":"4"}}}]}])"),
      "user: [text ?]\n"
      "model: [call call_1 f {\"a\":1}] [call call_2 g {}] [call call_3 f {\"a\":2}] [call own f {}]\n"
      "user: [result call_2 (text G)] [result own failed (text E)] [result call_1 (text {\"x\":1.0})] [result call_3 "
      "(text [2])]\n"
      "model: [call call_4 f {}]\nuser: [result call_4 (text {\"output\":\"3\",\"error\":\"4\"})]\n");
}

TEST(GeminiRequest, PairsCallsThatAClientKeptWithoutIds) {
  const Read read(
      R"({"contents":[{"role":"model","parts":[{"functionCall":{"id":"a","name":"f"}},{"functionCall":{"id":"b","name":"f"}}]},
    {"parts":[{"functionResponse":{"name":"f","response":{}}},{"functionResponse":{"name":"f","response":{}}}]}]})");
  ASSERT_TRUE(read.request);
  EXPECT_FALSE(unpaired(read.blocks()));
  const Read lost(R"({"contents":[{"parts":[{"functionResponse":{"name":"f","response":{}}}]}]})");
  ASSERT_TRUE(unpaired(lost.blocks()));
}

TEST(GeminiRequest, JoinsThePiecesOfAStreamThatAClientKept) {
  EXPECT_EQ(turns(R"([{"role":"user","parts":[{"text":"?"}]},
    {"role":"model","parts":[{"text":"Th","thought":true}]},{"role":"model","parts":[{"text":"\u0069nk","thought":true}]},
    {"role":"model","parts":[{"text":"","thought":true,"thoughtSignature":"Si_-"}]},
    {"role":"model","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b"}]},
    {"role":"model","parts":[{"text":"","thoughtSignature":"T"}]},
    {"role":"model","parts":[{"functionCall":{"id":"i","name":"f"},"thoughtSignature":"U"}]},
    {"role":"model","parts":[{"text":""}]},
    {"role":"user","parts":[{"functionResponse":{"id":"i","name":"f","response":{"output":"o"}}}]}])"),
            "user: [text ?]\nmodel: [thought Think Si/+] [text ab] [text T===] [call i f U=== {}]\nuser: [result i "
            "(text o)]\n");
}

// js-genai (Apache-2.0), Chats_Tests_chats_function_calling_..._streaming_function_calling_arguments_stream: the call
// has no id, its result one.
TEST(GeminiRequest, PutsTogetherTheArgumentsOfAStreamThatAClientKept) {
  EXPECT_EQ(turns(R"([{"role":"user","parts":[{"text":"q"}]},
      {"role":"model","parts":[{"functionCall":{"name":"divide","willContinue":true},"thoughtSignature":"Sig="}]},
      {"role":"model","parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"x","willContinue":true}],
        "willContinue":true}}]},
      {"role":"model","parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"y"}]}}]},
      {"role":"model","parts":[{"functionCall":{"name":"f","partialArgs":[{"jsonPath":"$.n","numberValue":2}]}}]},
      {"role":"user","parts":[{"functionResponse":{"id":"id","name":"divide","response":{"output":"5"}}},
        {"functionResponse":{"name":"f","response":{"output":"6"}}}]}])"),
            "user: [text q]\nmodel: [call call_1 divide Sig= {\"a\":\"xy\"}] [call call_2 f {\"n\":2}]\n"
            "user: [result call_1 (text 5)] [result call_2 (text 6)]\n");
}

// Google's API takes calls that no result follows; others do not.
TEST(GeminiRequest, NotesCallsThatNoResultFollows) {
  const std::string call = R"({"role":"model","parts":[{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}}]})";
  const Read open(R"({"contents":[)" + call + R"(,{"role":"user","parts":[{"text":"well?"}]}]})");
  EXPECT_TRUE(open.notes(RequestField::open_calls));
  EXPECT_FALSE(unpaired(open.blocks()));
  const Read half(R"({"contents":[)" + call + R"(,{"parts":[{"functionResponse":{"name":"g","response":{}}}]}]})");
  EXPECT_FALSE(half.notes(RequestField::open_calls));
  EXPECT_TRUE(unpaired(half.blocks()));
  const Read last(R"({"contents":[)" + call + "]}");
  EXPECT_TRUE(last.notes(RequestField::open_calls));
  const Read whole(R"({"contents":[)" + call + R"(,{"parts":[{"functionResponse":{"name":"g","response":{}}}]},
      {"parts":[{"functionResponse":{"name":"f","response":{}}}]}]})");
  EXPECT_FALSE(whole.notes(RequestField::open_calls));
  EXPECT_FALSE(unpaired(whole.blocks()));
}

TEST(GeminiRequest, LeavesOutThoughtsThatAreNotSigned) {
  const Read read(R"({"contents":[{"role":"model","parts":[{"text":"T","thought":true},{"text":"a"}]},
    {"role":"model","parts":[{"thought":true,"thoughtSignature":"RED="}]},{"parts":[{"text":"u"}]}]})");
  ASSERT_TRUE(read.request);
  EXPECT_EQ(shown(read.blocks()), "model: [text a] [redacted RED=]\nuser: [text u]\n");
  EXPECT_TRUE(read.notes(RequestField::thoughts));
}

TEST(GeminiRequest, TellsFilesApart) {
  const Read read(R"({"contents":[{"parts":[{"inlineData":{"mimeType":"application/pdf","data":"JVBE"}},
    {"fileData":{"fileUri":"https://a/b.png","mimeType":"image/png"}},{"inlineData":{"mimeType":"audio/mp3","data":"AAAA"}},
    {"inlineData":{"mimeType":"video/mp4","data":"AAAA"}}]}]})");
  EXPECT_EQ(shown(read.blocks()),
            "user: [document application/pdf JVBE] [image image/png https://a/b.png] [audio audio/mp3 AAAA] [document "
            "video/mp4 AAAA]\n");
  for (const RequestField field :
       {RequestField::documents, RequestField::image_url, RequestField::audio_input, RequestField::other_documents})
    EXPECT_TRUE(read.notes(field));
  EXPECT_FALSE(read.notes(RequestField::file_id));
  for (const char* uri : {"gs://b/o", "https://generativelanguage.googleapis.com/v1beta/files/x"})
    EXPECT_TRUE(Read(R"({"contents":[{"parts":[{"fileData":{"fileUri":")" + std::string(uri) + R"("}}]}]})")
                    .notes(RequestField::file_id));
  EXPECT_TRUE(Read(R"({"contents":[{"parts":[{"fileData":{"fileUri":"https://youtu.be/x"}}]}]})")
                  .notes(RequestField::document_url));
}

TEST(GeminiRequest, NotesWhatOthersCannotBeTold) {
  const auto notes = [](const std::string& members, RequestField field) {
    const Read read(R"({"contents":[],)" + members + "}");
    return read.request && read.notes(field);
  };
  const auto setting = [&](const std::string& members, RequestField field) {
    return notes(R"("generationConfig":{)" + members + "}", field);
  };
  EXPECT_TRUE(setting(R"("candidateCount":2)", RequestField::candidate_count));
  EXPECT_FALSE(setting(R"("candidateCount":1)", RequestField::candidate_count));
  EXPECT_TRUE(setting(R"("responseLogprobs":true)", RequestField::logprobs));
  EXPECT_FALSE(setting(R"("responseLogprobs":false)", RequestField::logprobs));
  EXPECT_TRUE(setting(R"("responseModalities":["TEXT","AUDIO"])", RequestField::audio_output));
  EXPECT_FALSE(setting(R"("responseModalities":["TEXT"])", RequestField::audio_output));
  EXPECT_TRUE(setting(R"("responseMimeType":"text/x.enum")", RequestField::response_mime_type));
  EXPECT_TRUE(setting(R"("responseMimeType":"application/json")", RequestField::json_object));
  EXPECT_TRUE(setting(R"("temperature":1.5)", RequestField::temperature_above_1));
  EXPECT_TRUE(setting(R"("stopSequences":["1","2","3","4","5"])", RequestField::many_stops));
  EXPECT_FALSE(setting(R"("stopSequences":["1","2","3","4","5"])", RequestField::stops_above_5));
  EXPECT_TRUE(setting(R"("seed":1)", RequestField::seed));
  EXPECT_TRUE(notes(R"("tools":[{"googleSearch":{}}])", RequestField::server_tools));
  EXPECT_TRUE(notes(R"("safetySettings":[{"category":"c","threshold":"t"}])", RequestField::safety_settings));
  EXPECT_TRUE(notes(R"("cachedContent":"cachedContents/x")", RequestField::cached_content));
  EXPECT_TRUE(notes(R"("serviceTier":"flex")", RequestField::service_tier));
  EXPECT_FALSE(notes(R"("serviceTier":"standard")", RequestField::service_tier));
}

TEST(GeminiRequest, NamesWhatItDoesNotKnow) {
  const Read read(
      R"({"contents":[{"parts":[{"text":"t","videoMetadata":{"fps":1}}]}],"generationConfig":{"mediaResolution":"LOW",
    "enableEnhancedCivicAnswers":false},"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED"},"retrievalConfig":{"a":1}},"new":1})");
  EXPECT_THAT(read.blocks().unknown,
              ElementsAre("videoMetadata", "mediaResolution", "functionCallingConfig.mode", "retrievalConfig", "new"));
}

TEST(GeminiRequest, ReadsHowLongToThink) {
  const auto thinking = [](const std::string& members) {
    return Read(R"({"contents":[],"generationConfig":{"thinkingConfig":{)" + members + "}}}");
  };
  EXPECT_EQ(thinking(R"("thinkingBudget":0)").blocks().effort, Effort::none);
  EXPECT_EQ(thinking(R"("thinkingBudget":-1)").blocks().fields, 0U);
  EXPECT_EQ(thinking(R"("thinkingLevel":"LOW")").blocks().effort, Effort::low);
  EXPECT_EQ(thinking(R"("thinkingLevel":"minimal")").blocks().effort, Effort::minimal);
  EXPECT_EQ(thinking(R"("thinkingLevel":"THINKING_LEVEL_UNSPECIFIED")").blocks().effort, Effort::unset);
}

TEST(GeminiRequest, ReadsItsOwnSchemasAsJsonSchema) {
  const Read read(R"({"contents":[],"generationConfig":{"responseMimeType":"application/json","responseSchema":
    {"type":"OBJECT","properties":{"b":{"type":"INTEGER","minimum":1,"enum":["1","2"]},"a":{"type":"ARRAY","items":{"type":"STRING","nullable":true},
    "minItems":"1"},"type":{"type":"STRING","format":"enum","enum":["x"],"nullable":true},"any_of":{"anyOf":[{"type":"NUMBER"}],"nullable":true}},
    "required":["a"],"propertyOrdering":["a","b"],"additionalProperties":false}}})");
  EXPECT_EQ(read.blocks().schema,
            R"({"type":"object","properties":{"a":{"type":"array","items":{"type":["string","null"]},"minItems":1},)"
            R"("b":{"type":"integer","enum":[1,2],"minimum":1},"type":{"type":["string","null"],"enum":["x",null],)"
            R"("format":"enum"},"any_of":{"anyOf":[{"type":"number"},{"type":"null"}]}},"required":["a"],)"
            R"("additionalProperties":false})");
}

TEST(GeminiRequest, IsRefusedInWords) {
  EXPECT_EQ(turns(R"(["a"])"), "contents[0]: every content must be an object");
  EXPECT_EQ(turns(R"([{"role":"system","parts":[]}])"), "contents[0].role: 'role' must be user or model");
  for (const char* body : {"", "[]", "{", R"({"a":1,"a":2})", "{\"a\":\"\xff\"}"}) {
    const Read read{std::string(body)};
    ASSERT_FALSE(read.request) << body;
    EXPECT_EQ(read.request.error().code, ErrorCode::invalid_json) << body;
  }
}

TEST(GeminiRequest, FindsTheModelThatTheBodyNames) {
  const Read read(R"({"generateContentRequest":{"model":"models/x","contents":[{"parts":[{"text":"t"}]}]}})");
  const Span at = read.request->model_value;
  EXPECT_EQ(read.body.view().substr(at.begin, at.end - at.begin), "\"models/x\"");
  EXPECT_EQ(shown(read.blocks()), "user: [text t]\n");
}

}  // namespace
}  // namespace triage::gemini
