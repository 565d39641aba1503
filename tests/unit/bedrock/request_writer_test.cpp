// Chat completions in the words of Converse.
#include "bedrock/request_writer.hpp"

#include "openai/block_reader.hpp"
#include "openai/request_body.hpp"
#include "support/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage::bedrock {
namespace {

using nlohmann::json;
using test::Padded;
using testing::ElementsAre;
using testing::IsEmpty;

Deployment deployment(Thinking thinking = Thinking::budget) {
  Deployment out;
  out.name = "d";
  out.model = "anthropic.claude-x";
  out.max_output = 64000;
  out.thinking = thinking;
  return out;
}

struct Written {
  json body;
  std::string bytes;
  std::vector<std::string> dropped;
  std::string error;
};

Written written(const std::string& chat, const Deployment& to, const ConverseWords& words) {
  const Padded body(chat);
  Written out;
  const auto request = parse_request_body(Api::chat, body.view(), 64);
  if (!request) return out.error = request.error().message, out;
  const auto blocks = openai::read_blocks(*request);
  if (!blocks) return out.error = blocks.error().message, out;
  const auto call = write_request(*blocks, to, words);
  if (!call) return out.error = call.error().message, out;
  out.bytes = call->body;
  out.body = json::parse(call->body);
  out.dropped = call->dropped;
  return out;
}

// The body of a request with these members besides its model.
Written with(const std::string& members, const ConverseWords& words = {}, const Deployment& to = deployment()) {
  return written(R"({"model":"auto",)" + members + "}", to, words);
}
const std::string hi = R"("messages":[{"role":"user","content":"Hi"}])";
const std::string tools =
    R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","z":1,"a":2.0}}},
                {"type":"function","function":{"name":"g"}}],)";
const std::string called =
    R"({"role":"user","content":"Weather?"},{"role":"assistant","tool_calls":[
        {"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"x\": 7006652.0, \"a\":1}"}},
        {"id":"functions.g:1","type":"function","function":{"name":"g","arguments":""}}]},
       {"role":"tool","tool_call_id":"call_1","content":"sunny"},
       {"role":"tool","tool_call_id":"functions.g:1","content":""})";

json messages(const std::string& list, const ConverseWords& words = {}) {
  const Written out = with(R"("messages":)" + list, words);
  EXPECT_EQ(out.error, "");
  return out.body.is_object() ? out.body["messages"] : json();
}

TEST(BedrockRequest, HasMessagesAndLimits) {
  EXPECT_EQ(with(hi).bytes, R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}]})");
  const Written out = with(R"("max_tokens":100000,"temperature":0.5,"top_p":0.9,"top_k":7,"stop":["a","b"],)" + hi);
  EXPECT_EQ(out.bytes,
            R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{"maxTokens":64000,)"
            R"("temperature":0.5,"topP":0.9,"stopSequences":["a","b"]},"additionalModelRequestFields":{"top_k":7},)"
            R"("additionalModelResponseFieldPaths":["/stop_sequence"]})");
  EXPECT_THAT(out.dropped, IsEmpty());
}

TEST(BedrockRequest, IsTheSameWhateverTheOrderOfMembers) {
  const std::string one = with(R"("temperature":0.5,"stop":["a"],"user":"u 1","stream":true,)" + tools + hi).bytes;
  const std::string other = with(hi + ",\"user\":\"u 1\",\"stop\":[\"a\"]," + tools + R"("temperature":0.5)").bytes;
  EXPECT_EQ(one, other);
  EXPECT_NE(one.find(R"("requestMetadata":{"user":"u 1"})"), std::string::npos) << one;
}

TEST(BedrockRequest, DropsAUserThatIsNoMetadata) {
  EXPECT_THAT(with(R"("user":"Jürgen",)" + hi).dropped, ElementsAre("user"));
}

TEST(BedrockRequest, LiftsLeadingSystemTurnsAndMarksLaterOnes) {
  const Written out = with(R"("messages":[{"role":"system","content":"Be brief."},
      {"role":"developer","content":[{"type":"text","text":"In French.","cache_control":{"type":"ephemeral","ttl":"1h"}}]},
      {"role":"system","content":""},{"role":"user","content":"Hi"},{"role":"system","content":"Now in\nGerman."},
      {"role":"user","content":"Again"}])");
  EXPECT_EQ(out.body["system"], json::parse(R"([{"text":"Be brief."},{"text":"In French."},
      {"cachePoint":{"type":"default","ttl":"1h"}}])"));
  EXPECT_EQ(out.body["messages"], json::parse(R"([{"role":"user","content":[{"text":"Hi"},
      {"text":"<system>\nNow in\nGerman.\n</system>"},{"text":"Again"}]}])"));
  EXPECT_FALSE(with(hi).body.contains("system"));
}

TEST(BedrockRequest, BeginsWithTheUserAndAlternates) {
  EXPECT_EQ(messages(R"([{"role":"assistant","content":"Hello"},{"role":"user","content":"Hi"},
                         {"role":"assistant","content":" "},{"role":"user","content":"Hi?"}])"),
            json::parse(R"([{"role":"user","content":[{"text":"."}]},{"role":"assistant","content":[{"text":"Hello"}]},
                            {"role":"user","content":[{"text":"Hi"},{"text":"Hi?"}]}])"));
}

TEST(BedrockRequest, TrimsWhatIsContinued) {
  EXPECT_EQ(
      messages(R"([{"role":"user","content":"Hi "},{"role":"assistant","content":"So \n"}])"),
      json::parse(R"([{"role":"user","content":[{"text":"Hi "}]},{"role":"assistant","content":[{"text":"So"}]}])"));
}

TEST(BedrockRequest, JoinsResultsAndPutsThemFirst) {
  const json out = messages("[" + called + R"(,{"role":"user","content":"Hurry!"}])");
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[1]["content"][0]["toolUse"]["input"].dump(), R"({"a":1,"x":7006652.0})");
  const std::string id = out[1]["content"][1]["toolUse"]["toolUseId"];
  EXPECT_TRUE(id.starts_with("tooluse_")) << id;
  EXPECT_EQ(out[1]["content"][1]["toolUse"]["input"], json::object());
  EXPECT_EQ(out[2]["content"], json::parse(R"([{"toolResult":{"toolUseId":"call_1","content":[{"text":"sunny"}]}},
                {"toolResult":{"toolUseId":")" +
                                           id + R"(","content":[{"text":"no output"}]}},{"text":"Hurry!"}])"));
}

TEST(BedrockRequest, LetsTheAssistantSpeakBehindResultsWhereItMust) {
  ConverseWords words;
  words.reply_to_results = true;
  const json out = messages("[" + called + R"(,{"role":"user","content":"Hurry!"}])", words);
  ASSERT_EQ(out.size(), 5U);
  EXPECT_EQ(out[3], json::parse(R"({"role":"assistant","content":[{"text":"."}]})"));
  EXPECT_EQ(out[4], json::parse(R"({"role":"user","content":[{"text":"Hurry!"}]})"));
  EXPECT_EQ(messages("[" + called + "]", words).size(), 3U);
}

TEST(BedrockRequest, DeclaresToolsWithTheirSchemasAsTheyAre) {
  const Written out = with(tools + hi);
  EXPECT_NE(out.bytes.find(R"({"type":"object","z":1,"a":2.0})"), std::string::npos) << out.bytes;
  EXPECT_EQ(out.body["toolConfig"], json::parse(R"({"tools":[
      {"toolSpec":{"name":"f","description":"d","inputSchema":{"json":{"type":"object","z":1,"a":2.0}}}},
      {"toolSpec":{"name":"g","inputSchema":{"json":{"type":"object"}}}}]})"));
}

TEST(BedrockRequest, ChoosesTools) {
  const auto config = [](const std::string& choice, const ConverseWords& words = {}) {
    return with(tools + R"("tool_choice":)" + choice + "," + hi, words).body["toolConfig"];
  };
  const std::string named = R"({"type":"function","function":{"name":"g"}})";
  EXPECT_EQ(config("\"required\"")["toolChoice"], json::parse(R"({"any":{}})"));
  EXPECT_EQ(config(named)["toolChoice"], json::parse(R"({"tool":{"name":"g"}})"));
  EXPECT_FALSE(config("\"auto\"").contains("toolChoice"));
  EXPECT_TRUE(config("\"none\"").is_null());
  ConverseWords words;
  words.named_choice = false;
  EXPECT_EQ(config(named, words)["toolChoice"], json::parse(R"({"any":{}})"));
  EXPECT_EQ(config(named, words)["tools"].size(), 1U);
}

TEST(BedrockRequest, DeclaresTheToolsOfTheHistory) {
  const json open = json::parse(R"([{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object"}}}},
                                    {"toolSpec":{"name":"g","inputSchema":{"json":{"type":"object"}}}}])");
  EXPECT_EQ(with("\"messages\":[" + called + "]").body["toolConfig"]["tools"], open);
  const Written out = with(tools + R"("tool_choice":"none","messages":[)" + called + "]");
  EXPECT_EQ(out.body["toolConfig"]["tools"][0]["toolSpec"]["description"], "d");
  EXPECT_THAT(out.dropped, ElementsAre("tool_choice"));
}

TEST(BedrockRequest, AsksForASchemaAsAText) {
  const Written out = with(
      R"("response_format":{"type":"json_schema","json_schema":{"name":"City","schema":{"type":"object","b":1,"a":"é"}}},)" +
      hi);
  EXPECT_EQ(out.body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"],
            R"({"type":"object","b":1,"a":"é"})");
  EXPECT_EQ(out.body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["name"], "City");
}

TEST(BedrockRequest, AsksToThinkInTheModelsWords) {
  const std::string high = R"("reasoning_effort":"high","max_tokens":10000,"temperature":1,)" + hi;
  const auto fields = [&](const ConverseWords& words, const Deployment& to) {
    return with(high, words, to).body["additionalModelRequestFields"];
  };
  EXPECT_EQ(fields({}, deployment()), json::parse(R"({"thinking":{"type":"enabled","budget_tokens":8000}})"));
  EXPECT_EQ(fields({}, deployment(Thinking::adaptive)),
            json::parse(R"({"thinking":{"type":"adaptive"},"output_config":{"effort":"high"}})"));
  EXPECT_THAT(with(high).dropped, ElementsAre("temperature"));
  EXPECT_THAT(with(high, {}, deployment(Thinking::none)).dropped, ElementsAre("reasoning_effort"));
  ConverseWords words;
  words.effort = ConverseWords::Effort::reasoning_effort;
  EXPECT_EQ(fields(words, deployment()), json::parse(R"({"reasoning_effort":"high"})"));
  words.effort = ConverseWords::Effort::reasoning_config;
  EXPECT_EQ(fields(words, deployment()), json::parse(R"({"reasoning_config":"high"})"));
  words.effort = ConverseWords::Effort::nova;
  EXPECT_EQ(fields(words, deployment()),
            json::parse(R"({"reasoningConfig":{"type":"enabled","maxReasoningEffort":"high"}})"));
  words.effort = ConverseWords::Effort::no;
  EXPECT_THAT(with(high, words).dropped, ElementsAre("reasoning_effort"));
}

TEST(BedrockRequest, SendsSignedThoughtsBack) {
  const json out = messages(R"([{"role":"user","content":"Hi"},{"role":"assistant","content":"So","thinking_blocks":[
      {"type":"thinking","thinking":"","signature":"S="},{"type":"redacted_thinking","data":"AAEC"}]},
      {"role":"user","content":"And?"}])");
  EXPECT_EQ(out[1]["content"], json::parse(R"([{"reasoningContent":{"reasoningText":{"text":"","signature":"S="}}},
      {"reasoningContent":{"redactedContent":"AAEC"}},{"text":"So"}])"));
}

TEST(BedrockRequest, SendsImagesAndDocuments) {
  const json out = messages(R"([{"role":"user","content":[
      {"type":"image_url","image_url":{"url":"data:image\/png;base64,iVBO\/w=="}},
      {"type":"file","file":{"filename":"My_report (1).v2.pdf","file_data":"data:application/pdf;base64,JVBE"}},
      {"type":"file","file":{"filename":"My report (1) v2.pdf","file_data":"data:application/pdf;base64,JVBE"}}]}])");
  EXPECT_EQ(out[0]["content"], json::parse(R"([{"image":{"format":"png","source":{"bytes":"iVBO/w=="}}},
      {"document":{"format":"pdf","name":"My report (1) v2","source":{"bytes":"JVBE"}}},
      {"document":{"format":"pdf","name":"My report (1) v2-2","source":{"bytes":"JVBE"}}},{"text":"."}])"));
  EXPECT_EQ(with(R"("messages":[{"role":"user","content":[
      {"type":"image_url","image_url":{"url":"data:image/bmp;base64,Qk0="}}]}])")
                .error,
            "Bedrock takes no image of the type 'image/bmp'");
}

TEST(BedrockRequest, PutsNoCachePointBehindADocument) {
  const json out = messages(R"([{"role":"user","content":[{"type":"text","text":"Read this:"},
      {"type":"file","file":{"file_data":"data:application/pdf;base64,JVBE"},"cache_control":{"type":"ephemeral"}}]}])");
  EXPECT_EQ(out[0]["content"], json::parse(R"([{"text":"Read this:"},{"cachePoint":{"type":"default"}},
      {"document":{"format":"pdf","name":"document","source":{"bytes":"JVBE"}}}])"));
}

TEST(BedrockRequest, RefusesACallWithoutItsResult) {
  EXPECT_NE(with(R"("messages":[{"role":"user","content":"Hi"},{"role":"assistant","tool_calls":[
      {"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}])")
                .error.find("'c1'"),
            std::string::npos);
}

TEST(BedrockRequest, NamesWhatItDoesNotKnow) {
  EXPECT_THAT(with(R"("new_thing":1,)" + hi).dropped, ElementsAre("new_thing"));
}

}  // namespace
}  // namespace triage::bedrock
