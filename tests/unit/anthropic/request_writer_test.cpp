// Chat completions in the words of the Messages API.
#include "anthropic/request_writer.hpp"

#include "openai/block_reader.hpp"
#include "openai/request_body.hpp"
#include "support/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage::anthropic {
namespace {

using nlohmann::json;
using test::Padded;
using testing::ElementsAre;
using testing::IsEmpty;

Deployment deployment(Thinking thinking = Thinking::budget) {
  Deployment out;
  out.name = "d";
  out.model = "claude-x";
  out.max_output = 64000;
  out.thinking = thinking;
  return out;
}

struct Written {
  json body;
  std::string bytes;
  std::vector<std::string> dropped;
  RequestFields fields = 0;
  std::string error;
};

Written written(const std::string& chat, const Deployment& to = deployment()) {
  const Padded body(chat);
  Written out;
  const auto request = parse_request_body(Api::chat, body.view(), 64);
  if (!request) return out.error = request.error().message, out;
  const auto blocks = openai::read_blocks(*request);
  if (!blocks) return out.error = blocks.error().param + ": " + blocks.error().message, out;
  out.fields = blocks->fields;
  const auto call = write_request(*blocks, to);
  if (!call) return out.error = call.error().message, out;
  out.bytes = call->body;
  out.body = json::parse(call->body);
  out.dropped = call->dropped;
  return out;
}

// The body of a request with these members besides its model.
Written with(const std::string& members, const Deployment& to = deployment()) {
  return written(R"({"model":"auto",)" + members + "}", to);
}
const std::string hi = R"("messages":[{"role":"user","content":"Hi"}])";

json messages(const std::string& list) {
  const Written out = with(R"("messages":)" + list);
  EXPECT_EQ(out.error, "");
  return out.body.is_object() ? out.body["messages"] : json();
}

TEST(AnthropicRequest, HasModelLimitAndMessages) {
  const Written out = with(hi);
  EXPECT_EQ(
      out.bytes,
      R"({"model":"claude-x","max_tokens":64000,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]})");
  EXPECT_THAT(out.dropped, IsEmpty());
}

TEST(AnthropicRequest, IsTheSameWhateverTheOrderOfMembers) {
  const std::string one = with(R"("temperature":0.5,"stop":["a","b"],"user":"u","stream":true,)" + hi).bytes;
  const std::string other = with(hi + R"(,"user":"u","stream":true,"stop":["a","b"],"temperature":0.5)").bytes;
  EXPECT_EQ(one, other);
  EXPECT_NE(one.find(R"("stop_sequences":["a","b"],"metadata":{"user_id":"u"})"), std::string::npos) << one;
}

TEST(AnthropicRequest, LimitsTheAnswer) {
  EXPECT_EQ(with(R"("max_tokens":10,)" + hi).body["max_tokens"], 10);
  EXPECT_EQ(with(R"("max_tokens":10,"max_completion_tokens":20,)" + hi).body["max_tokens"], 20);
  EXPECT_EQ(with(R"("max_completion_tokens":20,"max_tokens":10,)" + hi).body["max_tokens"], 20);
  EXPECT_EQ(with(R"("max_tokens":100000,)" + hi).body["max_tokens"], 64000);
  Deployment unknown = deployment();
  unknown.max_output.reset();
  EXPECT_EQ(with(hi, unknown).body["max_tokens"], 8192);
  EXPECT_EQ(with(R"("max_tokens":100000,)" + hi, unknown).body["max_tokens"], 100000);
}

TEST(AnthropicRequest, LiftsLeadingSystemTurnsAndMarksLaterOnes) {
  const Written out = with(R"("messages":[{"role":"system","content":"Be brief."},
      {"role":"developer","content":[{"type":"text","text":"In French.","cache_control":{"type":"ephemeral","ttl":"1h"}}]},
      {"role":"system","content":""},{"role":"user","content":"Hi"},{"role":"system","content":"Now in\nGerman."},
      {"role":"user","content":"Again"}])");
  EXPECT_EQ(out.body["system"], json::parse(R"([{"type":"text","text":"Be brief."},
      {"type":"text","text":"In French.","cache_control":{"type":"ephemeral","ttl":"1h"}}])"));
  EXPECT_EQ(out.body["messages"], json::parse(R"([{"role":"user","content":[{"type":"text","text":"Hi"},
      {"type":"text","text":"<system>\nNow in\nGerman.\n</system>"},{"type":"text","text":"Again"}]}])"));
  EXPECT_FALSE(with(hi).body.contains("system"));
}

TEST(AnthropicRequest, JoinsTurnsAndPutsResultsFirst) {
  const json out = messages(R"([{"role":"user","content":"Weather?"},
      {"role":"assistant","content":"Let me see.","tool_calls":[
        {"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"x\": 7006652.0, \"a\":1}"}},
        {"id":"functions.g:1","type":"function","function":{"name":"g","arguments":""}}]},
      {"role":"user","content":"Hurry!"},
      {"role":"tool","tool_call_id":"call_1","content":"sunny"},
      {"role":"tool","tool_call_id":"functions.g:1","content":[{"type":"text","text":""}]}])");
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[1]["content"][1]["input"].dump(), R"({"a":1,"x":7006652.0})");
  const std::string id = out[1]["content"][2]["id"];
  EXPECT_TRUE(id.starts_with("toolu_")) << id;
  EXPECT_EQ(out[1]["content"][2]["input"], json::object());
  EXPECT_EQ(out[2]["content"],
            json::parse(R"([{"type":"tool_result","tool_use_id":"call_1","content":[{"type":"text","text":"sunny"}]},
                {"type":"tool_result","tool_use_id":")" +
                        id + R"("},{"type":"text","text":"Hurry!"}])"));
}

TEST(AnthropicRequest, KeepsTheBytesOfArgumentsAndSchemas) {
  const Written out = with(R"("tools":[{"type":"function","function":{"name":"f","description":"d","strict":true,
      "parameters":{"type":"object", "properties":{"z":{"const":1e2}}}}}],"messages":[{"role":"user","content":"a"},
      {"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"z\": 1e2,\"y\":\"\\u00e9\"}"}}]},
      {"role":"tool","tool_call_id":"c","content":"ok"}])");
  EXPECT_NE(out.bytes.find(R"("input_schema":{"type":"object", "properties":{"z":{"const":1e2}}},"strict":true)"),
            std::string::npos)
      << out.bytes;
  EXPECT_NE(out.bytes.find(R"("input":{"z": 1e2,"y":"\u00e9"})"), std::string::npos) << out.bytes;
}

TEST(AnthropicRequest, SaysThatASchemaIsOfAnObject) {
  const auto schema = [](const std::string& function) {
    return with(R"("tools":[{"type":"function","function":)" + function + "}]," + hi).body["tools"][0]["input_schema"];
  };
  EXPECT_EQ(schema(R"({"name":"f"})"), json::parse(R"({"type":"object"})"));
  EXPECT_EQ(schema(R"({"name":"f","parameters":{}})"), json::parse(R"({"type":"object"})"));
  EXPECT_EQ(schema(R"({"name":"f","parameters":{"properties":{}}})"),
            json::parse(R"({"type":"object","properties":{}})"));
}

TEST(AnthropicRequest, ChoosesTools) {
  const std::string tools =
      R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],)" + hi;
  const auto choice = [&](const std::string& member) {
    return with(member + "," + tools).body.value("tool_choice", json());
  };
  EXPECT_TRUE(choice(R"("tool_choice":"auto")").is_null());
  EXPECT_EQ(choice(R"("tool_choice":"none")"), json::parse(R"({"type":"none"})"));
  EXPECT_EQ(choice(R"("tool_choice":"required")"), json::parse(R"({"type":"any"})"));
  EXPECT_EQ(choice(R"("tool_choice":{"type":"function","function":{"name":"g"}})"),
            json::parse(R"({"type":"tool","name":"g"})"));
  EXPECT_EQ(choice(R"("parallel_tool_calls":false)"),
            json::parse(R"({"type":"auto","disable_parallel_tool_use":true})"));
  EXPECT_EQ(choice(R"("parallel_tool_calls":false,"tool_choice":"required")"),
            json::parse(R"({"type":"any","disable_parallel_tool_use":true})"));
  const Written allowed = with(R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required",
      "tools":[{"type":"function","function":{"name":"g"}}]}},)" +
                               tools);
  EXPECT_EQ(allowed.body["tools"].size(), 1U);
  EXPECT_EQ(allowed.body["tools"][0]["name"], "g");
  EXPECT_EQ(allowed.body["tool_choice"], json::parse(R"({"type":"any"})"));
}

TEST(AnthropicRequest, DeclaresToolsThatOnlyTheHistoryHas) {
  const Written out = with(R"("messages":[{"role":"user","content":"a"},
      {"role":"assistant","function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"1"},
      {"role":"user","content":"b"}])");
  EXPECT_EQ(out.error, "");
  EXPECT_EQ(out.body["tools"], json::parse(R"([{"name":"f","input_schema":{"type":"object"}}])"));
  EXPECT_EQ(out.body["tool_choice"], json::parse(R"({"type":"none"})"));
  EXPECT_EQ(out.body["messages"][1]["content"][0]["id"], out.body["messages"][2]["content"][0]["tool_use_id"]);
}

TEST(AnthropicRequest, RefusesCallsWithoutResults) {
  const Written out = with(R"("messages":[{"role":"user","content":"a"},
      {"role":"assistant","tool_calls":[{"id":"call_7","function":{"name":"f","arguments":"{}"}}]},
      {"role":"user","content":"b"}])");
  EXPECT_NE(out.error.find("'call_7'"), std::string::npos) << out.error;
}

TEST(AnthropicRequest, CarriesMedia) {
  const json out = messages(R"([{"role":"user","content":[
      {"type":"image_url","image_url":{"url":"data:image\/png;base64,iVBO\/Rw0"}},
      {"type":"image_url","image_url":{"url":"https://example.com/a.png"}},
      {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0x"}},
      {"type":"file","file":{"file_data":"JVBERi0x"}},
      {"type":"file","file":{"file_data":"data:text/plain;base64,SMOpbGxv"}}]}])");
  EXPECT_EQ(out[0]["content"], json::parse(R"([
      {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO/Rw0"}},
      {"type":"image","source":{"type":"url","url":"https://example.com/a.png"}},
      {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0x"},"title":"a.pdf"},
      {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0x"}},
      {"type":"document","source":{"type":"text","media_type":"text/plain","data":"Héllo"}}])"));
}

TEST(AnthropicRequest, IsJsonWhateverADataUrlHolds) {
  const json out = messages(R"([{"role":"user","content":[
      {"type":"image_url","image_url":{"url":"data:image/png;base64,A\"A\\"}}]}])");
  EXPECT_EQ(out[0]["content"][0]["source"]["data"], "A\"A\\");
}

TEST(AnthropicRequest, DropsBlankTextsAndTrimsAPrefill) {
  const json out = messages(R"([{"role":"assistant","content":"First"},{"role":"user","content":" \n"},
      {"role":"user","content":"Go"},{"role":"assistant","content":"{\"a\": \n"}])");
  EXPECT_EQ(out, json::parse(R"([{"role":"user","content":"."},
      {"role":"assistant","content":[{"type":"text","text":"First"}]},
      {"role":"user","content":[{"type":"text","text":"Go"}]},
      {"role":"assistant","content":[{"type":"text","text":"{\"a\":"}]}])"));
  EXPECT_EQ(messages(R"([{"role":"user","content":"a"},{"role":"assistant","content":[
      {"type":"text","text":"b ","cache_control":{"type":"ephemeral"}}]}])")[1]["content"],
            json::parse(R"([{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}])"));
  EXPECT_EQ(messages(R"([{"role":"system","content":"x"}])"), json::parse(R"([{"role":"user","content":"."}])"));
}

TEST(AnthropicRequest, AsksForASchema) {
  const Written out = with(R"("response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,
      "schema":{"type":"object","properties":{}}}},)" +
                           hi);
  EXPECT_EQ(out.body["output_config"],
            json::parse(R"({"format":{"type":"json_schema","schema":{"type":"object","properties":{}}}})"));
  EXPECT_EQ(out.dropped, std::vector<std::string>());
  EXPECT_NE(with(R"("response_format":{"type":"json_object"},)" + hi).fields & bit(RequestField::json_object), 0U);
  EXPECT_EQ(with(R"("response_format":{"type":"text"},)" + hi).fields, 0U);
}

TEST(AnthropicRequest, AsksToThink) {
  const auto thinking = [](const std::string& members, Thinking kind) {
    return with(members + "," + hi, deployment(kind)).body.value("thinking", json());
  };
  EXPECT_EQ(thinking(R"("reasoning_effort":"high","max_tokens":10000)", Thinking::budget),
            json::parse(R"({"type":"enabled","budget_tokens":8000})"));
  EXPECT_EQ(thinking(R"("reasoning_effort":"minimal","max_tokens":2000)", Thinking::budget),
            json::parse(R"({"type":"enabled","budget_tokens":1024})"));
  EXPECT_EQ(thinking(R"("thinking":{"type":"enabled","budget_tokens":5000})", Thinking::budget),
            json::parse(R"({"type":"enabled","budget_tokens":5000})"));
  EXPECT_EQ(thinking(R"("reasoning_effort":"none")", Thinking::budget), json::parse(R"({"type":"disabled"})"));
  const Written adaptive = with(R"("reasoning_effort":"minimal",)" + hi, deployment(Thinking::adaptive));
  EXPECT_EQ(adaptive.body["thinking"], json::parse(R"({"type":"adaptive"})"));
  EXPECT_EQ(adaptive.body["output_config"], json::parse(R"({"effort":"low"})"));
}

TEST(AnthropicRequest, DoesNotThinkWhereThatIsRefused) {
  const auto dropped = [](const std::string& members, Thinking kind = Thinking::budget) {
    const Written out = with(R"("reasoning_effort":"low",)" + members, deployment(kind));
    EXPECT_FALSE(out.body.contains("thinking")) << out.bytes;
    return out.dropped;
  };
  const auto effort = ElementsAre("reasoning_effort");
  EXPECT_THAT(dropped(hi, Thinking::none), effort);
  EXPECT_THAT(dropped(R"("max_tokens":1024,)" + hi), effort);
  EXPECT_THAT(dropped(R"("tool_choice":"required","tools":[{"type":"function","function":{"name":"f"}}],)" + hi),
              effort);
  EXPECT_THAT(dropped(R"("messages":[{"role":"user","content":"a"},
      {"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"c","content":"1"}])"),
              effort);
}

TEST(AnthropicRequest, BringsThoughtsHome) {
  const Written out = with(R"("reasoning_effort":"low","messages":[{"role":"user","content":"a"},
      {"role":"assistant","content":"b","reasoning_content":"Hm","thinking_blocks":[
        {"type":"thinking","thinking":"Hm","signature":"S+/="},{"type":"redacted_thinking","data":"D"},
        {"type":"thinking","thinking":"unsigned"}],
       "tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"c","content":"1"}])");
  EXPECT_EQ(out.body["messages"][1]["content"], json::parse(R"([{"type":"thinking","thinking":"Hm","signature":"S+/="},
      {"type":"redacted_thinking","data":"D"},{"type":"text","text":"b"},
      {"type":"tool_use","id":"c","name":"f","input":{}}])"));
  EXPECT_TRUE(out.body.contains("thinking"));
  EXPECT_THAT(out.dropped, IsEmpty());
}

TEST(AnthropicRequest, LeavesSamplingOutWhereItIsRefused) {
  const std::string members = R"("temperature":0.3,"top_p":0.9,"top_k":40,)" + hi;
  EXPECT_EQ(with(members).body["top_k"], 40);
  Deployment refusing = deployment(Thinking::adaptive);
  refusing.sampling = false;
  const Written out = with(members, refusing);
  EXPECT_FALSE(out.body.contains("temperature"));
  EXPECT_THAT(out.dropped, ElementsAre("temperature", "top_p", "top_k"));
  EXPECT_THAT(with(R"("reasoning_effort":"low",)" + members).dropped, ElementsAre("temperature", "top_p", "top_k"));
}

TEST(AnthropicRequest, NamesWhatItDoesNotSay) {
  EXPECT_THAT(with(R"("reasoning_effort":"default",)" + hi).dropped, ElementsAre("reasoning_effort"));
  const Written out =
      with(R"("seed":1,"presence_penalty":0.5,"frequency_penalty":0,"store":false,"n":1,"logprobs":false,
      "logit_bias":{},"metadata":{"a":"b"},"service_tier":"auto","min_p":0.1,"odd\r\nname":1,"verbosity":null,)" +
           hi);
  EXPECT_THAT(out.dropped, ElementsAre("seed", "presence_penalty", "metadata", "min_p", "odd??name"));
  EXPECT_EQ(refused_fields(out.fields, WireForm::anthropic), 0U);
}

TEST(AnthropicRequest, KnowsWhatChangesTheAnswer) {
  const auto refused = [](const std::string& members) {
    return names_of_fields(refused_fields(with(members + "," + hi).fields, WireForm::anthropic));
  };
  EXPECT_THAT(refused(R"("n":2)"), ElementsAre("n"));
  EXPECT_THAT(refused(R"("logprobs":true,"top_logprobs":3)"), ElementsAre("logprobs"));
  EXPECT_THAT(refused(R"("logit_bias":{"1":2})"), ElementsAre("logit_bias"));
  EXPECT_THAT(refused(R"("modalities":["text","audio"])"), ElementsAre("modalities"));
  EXPECT_THAT(refused(R"("web_search_options":{})"), ElementsAre("web_search_options"));
  EXPECT_THAT(refused(R"("temperature":1.2)"), ElementsAre("temperature"));
  EXPECT_THAT(refused(R"("stop":["\n"])"), ElementsAre("stop"));
  EXPECT_THAT(refused(R"("tools":[{"type":"custom","custom":{"name":"x"}}])"), ElementsAre("tools"));
  EXPECT_THAT(refused(R"("tools":[{"type":"web_search"}])"), ElementsAre("tools"));
}

TEST(AnthropicRequest, SaysWhatCannotBeRead) {
  EXPECT_NE(with(R"("messages":[{"role":"user","content":[{"type":"video_url"}]}])").error.find("video_url"),
            std::string::npos);
  EXPECT_NE(with(R"("messages":[{"role":"user","content":7}])").error.find("messages[0].content"), std::string::npos);
  EXPECT_NE(with(R"("messages":[{"role":"bot","content":"x"}])").error.find("messages[0].role"), std::string::npos);
  EXPECT_NE(with(R"("messages":[{"role":"tool","content":"x"}])").error.find("tool_call_id"), std::string::npos);
}

}  // namespace
}  // namespace triage::anthropic
