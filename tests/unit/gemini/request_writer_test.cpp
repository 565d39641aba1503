// Chat completions in the words of Gemini's API.
#include "gemini/request_writer.hpp"

#include "openai/block_reader.hpp"
#include "openai/request_body.hpp"
#include "support/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage::gemini {
namespace {

using nlohmann::json;
using test::Padded;
using testing::ElementsAre;
using testing::IsEmpty;

Deployment deployment(Thinking thinking = Thinking::budget) {
  Deployment out;
  out.name = "d";
  out.model = "gemini-x";
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

Written with(const std::string& members, const Deployment& to = deployment()) {
  const Padded body(R"({"model":"auto",)" + members + "}");
  Written out;
  const auto request = parse_request_body(Api::chat, body.view(), 64);
  if (!request) return out.error = request.error().message, out;
  const auto blocks = openai::read_blocks(*request);
  if (!blocks) return out.error = blocks.error().message, out;
  const auto call = write_request(*blocks, to);
  if (!call) return out.error = call.error().message, out;
  out.bytes = call->body;
  out.body = json::parse(call->body);
  out.dropped = call->dropped;
  return out;
}
const std::string hi = R"("messages":[{"role":"user","content":"Hi"}])";

std::string contents(const std::string& messages, const Deployment& to = deployment()) {
  const Written out = with(R"("messages":)" + messages, to);
  EXPECT_EQ(out.error, "");
  return out.body.is_object() ? out.body["contents"].dump() : "";
}

TEST(GeminiRequestWriter, IsTheSameWhateverTheOrderOfMembers) {
  const std::string one =
      with(R"("temperature":1.5,"stop":["a","b"],"seed":7,"stream":true,"max_tokens":9,)" + hi).bytes;
  const std::string other =
      with(hi + R"(,"max_tokens":9,"seed":7,"stream":true,"stop":["a","b"],"temperature":1.5)").bytes;
  EXPECT_EQ(one, other);
  EXPECT_EQ(one, R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"generationConfig":{"maxOutputTokens":9,)"
                 R"("temperature":1.5,"seed":7,"stopSequences":["a","b"]}})");
}

TEST(GeminiRequestWriter, KeepsTheConversationInGeminisOrder) {
  EXPECT_EQ(contents(R"([{"role":"user","content":"?"},{"role":"assistant","content":"","tool_calls":[
        {"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": 7006652.0}"}},
        {"id":"w6geog7o","type":"function","function":{"name":"g","arguments":""}}]},
        {"role":"tool","tool_call_id":"w6geog7o","content":"plain"},
        {"role":"tool","tool_call_id":"call_1","content":[{"type":"text","text":"{\"b\": 1.0}"},
          {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},
        {"role":"system","content":"S"},{"role":"user","content":"go on"}])"),
            json::parse(R"([{"role":"user","parts":[{"text":"?"}]},
        {"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":7006652.0}}},{"functionCall":{"id":"w6geog7o","name":"g","args":{}}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"b":1.0}}},
          {"functionResponse":{"id":"w6geog7o","name":"g","response":{"output":"plain"}}}]},
        {"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"text":"<system>\nS\n</system>"},{"text":"go on"}]}])")
                .dump());
  const std::string bytes = with(R"("messages":[{"role":"user","content":"?"},{"role":"assistant","tool_calls":[
        {"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": 7006652.0}"}}]},
        {"role":"tool","tool_call_id":"call_1","content":"{\"z\":1.0,\"a\":2}"}])")
                                .bytes;
  EXPECT_NE(bytes.find(R"("args":{"a": 7006652.0})"), std::string::npos) << bytes;
  EXPECT_NE(bytes.find(R"("response":{"z":1.0,"a":2})"), std::string::npos) << bytes;
}

TEST(GeminiRequestWriter, BeginsWithTheUserAndSaysNothingEmpty) {
  EXPECT_EQ(
      contents(
          R"([{"role":"user","content":" "},{"role":"assistant","content":"A"},{"role":"assistant","content":"B"},{"role":"user","content":"u"}])"),
      R"([{"parts":[{"text":"."}],"role":"user"},{"parts":[{"text":"A"},{"text":"B"}],"role":"model"},)"
      R"({"parts":[{"text":"u"}],"role":"user"}])");
  EXPECT_EQ(contents("[]"), R"([{"parts":[{"text":"."}],"role":"user"}])");
  const Written out = with(
      R"("messages":[{"role":"system","content":"S"},{"role":"developer","content":"D"},{"role":"user","content":"u"}])");
  EXPECT_EQ(out.body["systemInstruction"].dump(), R"({"parts":[{"text":"S"},{"text":"D"}]})");
}

TEST(GeminiRequestWriter, SaysThatAToolFailed) {
  BlockRequest request;
  const std::string_view raw = request.own("call_1");
  Block call;
  call.kind = BlockKind::call;
  call.id = call.name = {raw, false};
  Block result;
  result.kind = BlockKind::result;
  result.id = call.id;
  result.failed = true;
  result.inner.emplace_back().text = {request.own("no \\\"such\\\" file"), true};
  request.turns.push_back({Role::assistant, {call}});
  request.turns.push_back({Role::user, {result}});
  const auto written = write_request(request, deployment());
  ASSERT_TRUE(written);
  EXPECT_EQ(json::parse(written->body)["contents"][2]["parts"][0]["functionResponse"]["response"],
            json({{"error", "no \"such\" file"}}));
}

TEST(GeminiRequestWriter, WritesSignaturesWhereTheyStood) {
  BlockRequest request;
  Block text;
  text.signature = {request.own("T="), false};
  Block call;
  call.kind = BlockKind::call;
  call.id = call.name = {request.own("f"), false};
  Block second = call;
  second.id = {request.own("g"), false};
  Block result;
  result.kind = BlockKind::result;
  result.id = call.id;
  Block other = result;
  other.id = second.id;
  request.turns.push_back({Role::user, {}});
  request.turns.back().blocks.emplace_back().text = {request.own("u"), false};
  request.turns.push_back({Role::assistant, {text, call, second}});
  request.turns.push_back({Role::user, {other, result}});
  Deployment to = deployment();
  const auto parts = [&] { return json::parse(write_request(request, to)->body)["contents"][1]["parts"]; };
  EXPECT_EQ(parts()[0], (json{{"text", ""}, {"thoughtSignature", "T="}}));
  EXPECT_FALSE(parts()[1].contains("thoughtSignature"));
  to.quirks.unsigned_calls = "skip_thought_signature_validator";
  EXPECT_EQ(parts()[1]["thoughtSignature"], "skip_thought_signature_validator");
  EXPECT_FALSE(parts()[2].contains("thoughtSignature"));
  request.turns[1].blocks[1].signature = {request.own("S="), false};
  EXPECT_EQ(parts()[1]["thoughtSignature"], "S=");
}

TEST(GeminiRequestWriter, DeclaresTools) {
  const std::string tools =
      R"("tools":[{"type":"function","function":{"name":"1 f","description":"d","parameters":{"type": "object","$defs":{}},"strict":true}},
    {"type":"function","function":{"name":"g.h"}}],)";
  const Written out = with(tools + hi);
  EXPECT_NE(out.bytes.find(R"("parametersJsonSchema":{"type": "object","$defs":{}})"), std::string::npos) << out.bytes;
  const std::string name = out.body["tools"][0]["functionDeclarations"][0]["name"];
  EXPECT_TRUE(name.starts_with("_1_f_")) << name;
  EXPECT_EQ(out.body["tools"][0]["functionDeclarations"][1].dump(), R"({"name":"g.h"})");
  EXPECT_FALSE(out.body.contains("toolConfig"));
  EXPECT_THAT(out.dropped, ElementsAre("strict"));
  const auto config = [&](const std::string& choice) {
    return with(tools + R"("tool_choice":)" + choice + "," + hi).body["toolConfig"]["functionCallingConfig"].dump();
  };
  EXPECT_EQ(config(R"("none")"), R"({"mode":"NONE"})");
  EXPECT_EQ(config(R"("required")"), R"({"mode":"ANY"})");
  EXPECT_EQ(config(R"({"type":"function","function":{"name":"g.h"}})"),
            R"({"allowedFunctionNames":["g.h"],"mode":"ANY"})");
  EXPECT_EQ(
      config(
          R"({"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"1 f"}}]}})"),
      R"({"allowedFunctionNames":[")" + name + R"("],"mode":"ANY"})");
  const Written some = with(
      tools +
      R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"g.h"}}]}},)" +
      hi);
  EXPECT_EQ(some.body["tools"].dump(), R"([{"functionDeclarations":[{"name":"g.h"}]}])");
  EXPECT_FALSE(some.body.contains("toolConfig"));
}

TEST(GeminiRequestWriter, AsksForJson) {
  const auto settings = [](const std::string& format) {
    return with(R"("response_format":)" + format + "," + hi).body["generationConfig"].dump();
  };
  EXPECT_EQ(settings(R"({"type":"json_object"})"), R"({"responseMimeType":"application/json"})");
  EXPECT_EQ(settings(R"({"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})"),
            R"({"responseJsonSchema":{"type":"object"},"responseMimeType":"application/json"})");
}

TEST(GeminiRequestWriter, SaysHowLongToThink) {
  const auto thinking = [](const std::string& effort, Thinking kind) {
    Deployment to = deployment(kind);
    to.quirks.efforts = {"low", "medium", "high"};
    const Written out = with(R"("reasoning_effort":")" + effort + "\"," + hi, to);
    return out.body.contains("generationConfig") ? out.body["generationConfig"]["thinkingConfig"].dump()
           : out.dropped.empty()                 ? ""
                                                 : out.dropped[0];
  };
  EXPECT_EQ(thinking("low", Thinking::budget), R"({"includeThoughts":true,"thinkingBudget":1024})");
  EXPECT_EQ(thinking("none", Thinking::budget), R"({"thinkingBudget":0})");
  EXPECT_EQ(thinking("xhigh", Thinking::level), R"({"includeThoughts":true,"thinkingLevel":"HIGH"})");
  EXPECT_EQ(thinking("none", Thinking::level), R"({"thinkingLevel":"LOW"})");
  EXPECT_EQ(thinking("medium", Thinking::none), "reasoning_effort");
  EXPECT_EQ(thinking("none", Thinking::none), "");
}

TEST(GeminiRequestWriter, TellsWhatItDropped) {
  const Written out =
      with(R"("user":"u","parallel_tool_calls":false,"made_up":1,"top_k":40,"presence_penalty":0.5,)" + hi);
  EXPECT_THAT(out.dropped, ElementsAre("parallel_tool_calls", "user", "made_up"));
  EXPECT_EQ(out.body["generationConfig"].dump(), R"({"presencePenalty":0.5,"topK":40})");
  Deployment plain = deployment();
  plain.sampling = false;
  EXPECT_THAT(with(R"("temperature":0.5,)" + hi, plain).dropped, ElementsAre("temperature"));
}

TEST(GeminiRequestWriter, WantsAResultForEachCall) {
  EXPECT_NE(
      with(
          R"("messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"x"}])")
          .error.find("'a' has no result"),
      std::string::npos);
}

}  // namespace
}  // namespace triage::gemini
