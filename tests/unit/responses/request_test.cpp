// Requests of the Responses API: what they say as chat completions, and what chat completions and messages say in them.
#include "openai/block_reader.hpp"
#include "openai/chat_writer.hpp"
#include "openai/request_body.hpp"
#include "responses/request_reader.hpp"
#include "responses/request_writer.hpp"
#include "support/padded.hpp"
#include "support/said.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace triage::responses {
namespace {

using nlohmann::json;
using test::Padded;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t depth_max = 64;

struct AsChat {
  json body;
  std::vector<std::string> fields;
  std::vector<std::string> unknown;
  std::string unreadable;
  std::string error;
};

AsChat as_chat(const std::string& text) {
  const Padded body(text);
  AsChat out;
  const auto read = read_request(body.view(), depth_max);
  if (!read) {
    out.error = read.error().param + ": " + read.error().message;
    return out;
  }
  out.fields = names_of_fields(read->blocks.fields);
  out.unknown = read->blocks.unknown;
  if (read->unreadable) out.unreadable = read->unreadable->param;
  out.body = json::parse(openai::write_chat(read->blocks, read->model));
  return out;
}
AsChat with(const std::string& members) {
  return as_chat(R"({"model":"m",)" + members + "}");
}
json messages(const std::string& input) {
  const AsChat out = with(R"("input":)" + input);
  EXPECT_EQ(out.error + out.unreadable, "") << input;
  return out.body["messages"];
}

struct Written {
  json body;
  std::string bytes;
  std::vector<std::string> dropped;
  std::string error;
};

Deployment deployment(Thinking thinking = Thinking::adaptive) {
  Deployment out;
  out.name = "d";
  out.model = "gpt-x";
  out.thinking = thinking;
  return out;
}

Written written(const Result<BlockRequest>& blocks, const Deployment& to) {
  Written out;
  if (!blocks) return out.error = blocks.error().message, out;
  const auto call = write_request(*blocks, to);
  if (!call) return out.error = call.error().message, out;
  out.bytes = call->body;
  out.body = json::parse(call->body);
  out.dropped = call->dropped;
  return out;
}

Written of_chat(const std::string& members, const Deployment& to = deployment()) {
  const Padded body(R"({"model":"auto",)" + members + "}");
  const auto request = parse_request_body(Api::chat, body.view(), depth_max);
  EXPECT_TRUE(request.has_value()) << members;
  return written(openai::read_blocks(*request), to);
}
const std::string hi = R"("messages":[{"role":"user","content":"Hi"}])";

TEST(ResponsesRequest, ItemsBecomeTurns) {
  EXPECT_EQ(messages(R"("Hi")"), json::parse(R"([{"role":"user","content":"Hi"}])"));
  EXPECT_EQ(messages(R"([{"role":"developer","content":"Be brief"},
                         {"type":"message","role":"user","content":[{"type":"input_text","text":"a\u00e9"},
                           {"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"auto"}]},
                         {"id":"msg_1","type":"message","role":"assistant","status":"completed",
                          "content":[{"type":"output_text","text":"b","annotations":[]}]},
                         {"role":"system","content":"Later"},{"role":"user","content":"c"}])"),
            json::parse(R"([{"role":"system","content":"Be brief"},
                            {"role":"user","content":[{"type":"text","text":"aé"},
                              {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},
                            {"role":"assistant","content":"b"},{"role":"system","content":"Later"},
                            {"role":"user","content":"c"}])"));
}

TEST(ResponsesRequest, InstructionsComeFirst) {
  const AsChat out =
      with(R"("input":[{"role":"system","content":"b"},{"role":"user","content":"c"}],"instructions":"a")");
  EXPECT_EQ(out.body["messages"][0], json::parse(R"({"role":"system","content":"a\n\nb"})"));
}

TEST(ResponsesRequest, ResultsStandBehindTheirCalls) {
  const json out = messages(R"([{"role":"user","content":"q"},
      {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"},
      {"type":"message","role":"assistant","content":"Let me see"},
      {"type":"function_call","call_id":"a","name":"f","arguments":"{\"n\":7006652.0}"},
      {"type":"function_call","call_id":"b","name":"g","arguments":""},
      {"role":"user","content":"and hurry"},
      {"type":"function_call_output","call_id":"a","output":"1"},
      {"type":"function_call_output","call_id":"b","output":[{"type":"input_text","text":"2"},
        {"type":"input_image","image_url":"https://example.com/a.png"}]}])");
  EXPECT_EQ(out, json::parse(R"([{"role":"user","content":"q"},
      {"role":"assistant","content":"Let me see","tool_calls":[
        {"id":"a","type":"function","function":{"name":"f","arguments":"{\"n\":7006652.0}"}},
        {"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","tool_call_id":"b","content":"2"},
      {"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]},
      {"role":"user","content":"and hurry"}])"));
}

TEST(ResponsesRequest, OtherMembersHaveTheirWords) {
  const AsChat out = with(R"("input":"Hi","max_output_tokens":50,"temperature":0.50,"top_p":0.9,"stream":true,
      "tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true}],
      "tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false,"user":"u",
      "text":{"format":{"type":"json_schema","name":"s","schema":{"type":"object"},"strict":false},"verbosity":"low"},
      "prompt_cache_key":"k","store":false,"include":["reasoning.encrypted_content"],"truncation":"disabled",
      "reasoning":{"effort":"high","summary":"auto"},"stream_options":{"include_obfuscation":false})");
  EXPECT_EQ(out.error, "") << out.error;
  EXPECT_EQ(out.body, json::parse(R"({"model":"m","stream":true,"max_tokens":50,"temperature":0.50,"top_p":0.9,
      "verbosity":"low","prompt_cache_key":"k","user":"u","tool_choice":{"type":"function","function":{"name":"f"}},
      "parallel_tool_calls":false,"tools":[{"type":"function","function":{"name":"f","description":"d",
        "parameters":{"type":"object"},"strict":true}}],
      "response_format":{"type":"json_schema","json_schema":{"name":"s","strict":false,"schema":{"type":"object"}}},
      "messages":[{"role":"user","content":"Hi"}]})"));
  EXPECT_THAT(out.unknown, IsEmpty());
}

TEST(ResponsesRequest, WhatIsNotCarriedIsNamed) {
  EXPECT_THAT(with(R"("input":"Hi","truncation":"auto","context_management":[{"type":"compaction"}],
                     "stream_options":{"include_obfuscation":true},"reasoning":{"mode":"pro","context":"auto"},
                     "max_tool_calls":3,"strange\nname":1)")
                  .unknown,
              ElementsAre("truncation", "context_management", "stream_options.include_obfuscation", "reasoning.mode",
                          "max_tool_calls", "strange?name"));
  for (const char* members : {R"("previous_response_id":"resp_1")", R"("conversation":{"id":"c"})",
                              R"("background":true)", R"("prompt":{"id":"p"})"})
    EXPECT_THAT(with(R"("input":"Hi",)" + std::string(members)).fields, ElementsAre("previous_response_id")) << members;
  EXPECT_THAT(with(R"("input":[{"type":"item_reference","id":"msg_1"}])").fields, Contains("previous_response_id"));
  EXPECT_THAT(with(R"("input":[{"id":"msg_1"}])").fields, Contains("previous_response_id"));
  for (const char* tool : {"web_search", "file_search", "mcp", "code_interpreter", "local_shell"})
    EXPECT_THAT(with(R"("input":"Hi","tools":[{"type":")" + std::string(tool) + "\"}]").fields, ElementsAre("tools"));
  EXPECT_THAT(with(R"("input":[{"type":"web_search_call","id":"ws_1"}])").fields, ElementsAre("tools"));
  EXPECT_THAT(with(R"("input":"Hi","tools":[{"type":"custom","name":"c"}])").fields, ElementsAre("tools"));
  EXPECT_EQ(with(R"("input":"Hi","moderation":{"model":"m"})").unreadable, "moderation");
  EXPECT_EQ(with(R"("input":[{"type":"new_kind"}])").unreadable, "input[0]");
  EXPECT_THAT(with(R"("input":"Hi","top_logprobs":2)").fields, ElementsAre("logprobs"));
  EXPECT_THAT(with(R"("input":"Hi","store":true,"metadata":{"a":"b"})").fields, ElementsAre("store", "metadata"));
  EXPECT_THAT(with(R"("input":"Hi","background":false,"store":false,"previous_response_id":null)").fields, IsEmpty());
}

TEST(ResponsesRequest, FunctionsOfANamespaceAreCalledByBothNames) {
  const AsChat out = with(R"("input":[{"role":"user","content":"q"},
      {"type":"function_call","call_id":"c","namespace":"agents","name":"spawn","arguments":"{}"},
      {"type":"function_call_output","call_id":"c","output":"r"}],
      "tools":[{"type":"namespace","name":"agents","tools":[{"type":"function","name":"spawn"}]}])");
  EXPECT_EQ(out.error + out.unreadable, "");
  EXPECT_EQ(out.body["tools"][0]["function"]["name"], "agents__spawn");
  EXPECT_EQ(out.body["messages"][1]["tool_calls"][0]["function"]["name"], "agents__spawn");
}

TEST(ResponsesRequest, OnlyWhatNoApiTakesIsAnError) {
  EXPECT_EQ(as_chat("[]").error, ": the body is not a valid JSON object");
  EXPECT_THAT(as_chat(R"({"input":"Hi"})").error, testing::HasSubstr("'model' is missing"));
  EXPECT_THAT(with(R"("input":"Hi","stream":1)").error, testing::HasSubstr("stream: 'stream' must be true or false"));
  EXPECT_THAT(with(R"("input":"Hi","input":"Hi")").error, testing::HasSubstr("comes twice"));
  EXPECT_EQ(with(R"("input":[7])").unreadable, "input[0]");
}

TEST(ResponsesRequest, OpaqueThingsComeBackAsTheyWent) {
  const Padded body(R"({"model":"m","input":[{"role":"user","content":"q"},
      {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}],
       "encrypted_content":"Sig="},
      {"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"redacted#Data="},
      {"type":"reasoning","id":"rs_3","summary":[{"type":"summary_text","text":"kept by the provider"}]},
      {"type":"message","role":"assistant","content":"t"},
      {"type":"reasoning","id":"rs_4","summary":[],"encrypted_content":"item#TextSig"},
      {"type":"reasoning","id":"rs_5","summary":[],"encrypted_content":"text#EmptySig"},
      {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
      {"type":"reasoning","id":"rs_6","summary":[],"encrypted_content":"item#CallSig"},
      {"type":"function_call_output","call_id":"c","output":"r"}]})");
  const auto read = read_request(body.view(), depth_max);
  ASSERT_TRUE(read.has_value());
  const std::vector<Block>& blocks = read->blocks.turns.at(1).blocks;
  ASSERT_EQ(blocks.size(), 5U);
  EXPECT_EQ(blocks[0].text.text(), "a\n\nb");
  EXPECT_EQ(blocks[0].signature.text(), "Sig=");
  EXPECT_EQ(blocks[1].kind, BlockKind::redacted);
  EXPECT_EQ(blocks[1].text.text(), "Data=");
  EXPECT_EQ(blocks[2].signature.text(), "TextSig");
  EXPECT_EQ(blocks[3].signature.text(), "EmptySig");
  EXPECT_EQ(blocks[3].text.text(), "");
  EXPECT_EQ(blocks[4].signature.text(), "CallSig");
}

TEST(ResponsesWriter, AsksForNothingToBeKept) {
  const Written out = of_chat(hi);
  EXPECT_EQ(out.body, json::parse(R"({"model":"gpt-x","store":false,"include":["reasoning.encrypted_content"],
      "input":[{"role":"user","content":"Hi"}]})"));
  EXPECT_EQ(of_chat(hi, deployment(Thinking::none)).body.contains("include"), false);
}

TEST(ResponsesWriter, WritesWhatTheRequestSays) {
  const Written out =
      of_chat(R"("stream":true,"max_tokens":5,"temperature":1.50,"top_p":0.9,"user":"u","verbosity":"low",
      "prompt_cache_key":"k","reasoning_effort":"xhigh","parallel_tool_calls":false,
      "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}},
      "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","b":1.0,"a":2}}},
               {"type":"function","function":{"name":"g"}}],
      "response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object"},"strict":true}},
      "messages":[{"role":"system","content":"a"},{"role":"developer","content":"b"},
        {"role":"user","content":[{"type":"text","text":"q"},{"type":"image_url","image_url":{"url":"https://e.com/a.png"}},
          {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0"}}]},
        {"role":"assistant","content":"t","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\": 1.0}"}}]},
        {"role":"tool","tool_call_id":"c1","content":"r"},{"role":"system","content":"later"}])");
  EXPECT_EQ(out.error, "");
  EXPECT_EQ(out.body, json::parse(R"({"model":"gpt-x","stream":true,"store":false,"max_output_tokens":16,
      "temperature":1.50,"top_p":0.9,"user":"u","prompt_cache_key":"k","include":["reasoning.encrypted_content"],
      "reasoning":{"effort":"xhigh"},
      "text":{"format":{"type":"json_schema","name":"s","strict":true,"schema":{"type":"object"}},"verbosity":"low"},
      "tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]},
      "parallel_tool_calls":false,
      "tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object","b":1.0,"a":2},"strict":false},
               {"type":"function","name":"g","parameters":{"type":"object","properties":{}},"strict":false}],
      "instructions":"a\n\nb",
      "input":[{"role":"user","content":[{"type":"input_text","text":"q"},
          {"type":"input_image","image_url":"https://e.com/a.png"},
          {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0"}]},
        {"role":"assistant","content":"t"},
        {"type":"function_call","call_id":"c1","name":"f","arguments":"{\"x\": 1.0}"},
        {"type":"function_call_output","call_id":"c1","output":"r"},{"role":"system","content":"later"}]})"));
  EXPECT_NE(out.bytes.find(R"("parameters":{"type":"object","b":1.0,"a":2})"), std::string::npos) << "byte for byte";
}

TEST(ResponsesWriter, WhatIsDroppedIsNamed) {
  EXPECT_THAT(of_chat(hi + R"(,"seed":1,"top_k":5,"presence_penalty":1,"metadata":{"a":"b"},"strange":1)").dropped,
              ElementsAre("top_k", "seed", "presence_penalty", "metadata", "strange"));
  Deployment strict = deployment(Thinking::none);
  strict.sampling = false;
  EXPECT_THAT(of_chat(hi + R"(,"temperature":0.5,"reasoning_effort":"low")", strict).dropped,
              ElementsAre("temperature", "reasoning_effort"));
  EXPECT_THAT(of_chat(hi + R"(,"reasoning_effort":"none")", deployment(Thinking::none)).dropped, IsEmpty());
}

Block block(BlockKind kind, std::string_view text, std::string_view signature = {}) {
  Block out;
  out.kind = kind;
  out.text = {text, false};
  out.signature = {signature, false};
  return out;
}

TEST(ResponsesWriter, ThoughtsGoBackToTheItemTheyCameFrom) {
  BlockRequest request;
  Block call = block(BlockKind::call, "");
  static const Padded id("toolu_1");
  call.id = {id.view(), false};
  static const Padded name("f");
  call.name = {name.view(), false};
  static const Padded arguments(R"({"a":1})");
  call.arguments = arguments.view();
  Block result = block(BlockKind::result, "");
  result.id = call.id;
  result.inner = {block(BlockKind::text, "r"), block(BlockKind::image, "")};
  result.inner[1].media.type = {"image/png", false};
  result.inner[1].media.data = {"AAAA", false};
  request.turns.push_back({Role::user, {block(BlockKind::text, "q")}});
  request.turns.push_back({Role::assistant,
                           {block(BlockKind::thought, "Hm", "rs_1#gAAA"), block(BlockKind::thought, "unsigned"), call,
                            block(BlockKind::thought, "", "rs_2#gBBB")}});
  request.turns.push_back({Role::user, {result, block(BlockKind::text, "and?")}});
  const auto call_again = write_request(request, deployment());
  ASSERT_TRUE(call_again.has_value());
  EXPECT_EQ(json::parse(call_again->body)["input"], json::parse(R"([{"role":"user","content":"q"},
      {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm"}],"encrypted_content":"gAAA"},
      {"type":"function_call","call_id":"toolu_1","name":"f","arguments":"{\"a\":1}"},
      {"type":"function_call_output","call_id":"toolu_1","output":[{"type":"input_text","text":"r"},
        {"type":"input_image","image_url":"data:image/png;base64,AAAA"}]},
      {"role":"user","content":"and?"}])"))
      << "a thought that nothing follows is refused";
}

// A conversation with a custom tool, in both forms; lingua (MIT), responsesCustomToolCallStreamingParam, shortened.
const std::string custom_chat =
    R"("messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[
    {"id":"call_1","type":"custom","custom":{"name":"note","input":"a \"b\"\nc"}}]},
    {"role":"tool","tool_call_id":"call_1","content":"Mock."}],
    "tools":[{"type":"custom","custom":{"name":"note","description":"d","format":{"type":"grammar","grammar":{
      "definition":"start: /a/","syntax":"lark"}}}},{"type":"custom","custom":{"name":"any"}}],
    "tool_choice":{"type":"custom","custom":{"name":"note"}})";
const std::string custom_responses = R"("input":[{"role":"user","content":"q"},
    {"type":"custom_tool_call","call_id":"call_1","name":"note","input":"a \"b\"\nc"},
    {"type":"custom_tool_call_output","call_id":"call_1","output":"Mock."}],
    "tools":[{"type":"custom","name":"note","description":"d","format":{"type":"grammar","syntax":"lark",
      "definition":"start: /a/"}},{"type":"custom","name":"any"}],
    "tool_choice":{"type":"custom","name":"note"})";

TEST(ResponsesRequest, CustomToolsCrossBothWays) {
  const AsChat read = with(custom_responses);
  EXPECT_EQ(read.error + read.unreadable, "");
  const json chat = json::parse("{" + custom_chat + "}");
  for (const char* member : {"messages", "tools", "tool_choice"}) EXPECT_EQ(read.body[member], chat[member]) << member;
  const Written written = of_chat(custom_chat);
  EXPECT_EQ(written.error, "");
  const json wanted = json::parse("{" + custom_responses + "}");
  for (const char* member : {"input", "tools", "tool_choice"})
    EXPECT_EQ(written.body[member], wanted[member]) << member;
}

TEST(ResponsesRequest, LogprobsCrossBothWays) {
  const AsChat read = with(R"("input":"Hi","top_logprobs":2,"include":["message.output_text.logprobs"])");
  EXPECT_EQ(read.body["logprobs"], true);
  EXPECT_EQ(read.body["top_logprobs"], 2);
  const Written written = of_chat(hi + R"(,"logprobs":true,"top_logprobs":2)");
  EXPECT_EQ(written.body["top_logprobs"], 2);
  EXPECT_THAT(written.body["include"], Contains("message.output_text.logprobs"));
}

TEST(ResponsesWriter, ACallWithoutItsResultIsRefusedHere) {
  EXPECT_THAT(of_chat(R"("messages":[{"role":"user","content":"q"},{"role":"assistant","tool_calls":[
      {"id":"c9","type":"function","function":{"name":"f","arguments":"{}"}}]}])")
                  .error,
              testing::HasSubstr("c9"));
}

TEST(ResponsesWriter, TheOrderOfMembersDoesNotMatter) {
  const Written one = of_chat(
      hi + R"(,"temperature":1,"max_tokens":20,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}])");
  const Written two = of_chat(
      R"("tools":[{"function":{"parameters":{},"name":"f"},"type":"function"}],"max_tokens":20,"temperature":1,)" + hi);
  EXPECT_EQ(one.bytes, two.bytes);
}

// A recorded conversation says the same once it was read and written again.
TEST(ResponsesRequest, RecordedOnesAreWrittenAgain) {
  namespace fs = std::filesystem;
  const fs::path folder = test::recordings() / "lingua";
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not there";
  std::size_t checked = 0;
  for (const fs::directory_entry& file : fs::recursive_directory_iterator(folder)) {
    const std::string name = file.path().filename().string();
    if (!name.starts_with("responses.") || name.find("request.json") == std::string::npos) continue;
    const json recorded = json::parse(std::ifstream(file.path()));
    const Padded body(recorded.dump());
    auto read = read_request(body.view(), depth_max);
    ASSERT_TRUE(read.has_value()) << file.path();
    if (read->unreadable) continue;
    const auto again = write_request(read->blocks, deployment());
    ASSERT_TRUE(again.has_value()) << file.path() << again.error().message;
    const Padded second(again->body);
    const auto twice = read_request(second.view(), depth_max);
    ASSERT_TRUE(twice.has_value() && !twice->unreadable) << file.path();
    EXPECT_EQ(openai::write_chat(twice->blocks, "m"), openai::write_chat(read->blocks, "m")) << file.path();
    ++checked;
  }
  EXPECT_GT(checked, 30U);
}

}  // namespace
}  // namespace triage::responses
