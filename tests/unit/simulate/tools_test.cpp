// Tool calls and JSON answers.

#include "provider_fixture.hpp"

namespace triage::test {
namespace {

using ToolsTest = ProviderTest;

Json tool(const std::string& name) {
  return Json::parse(R"({"type":"function","function":{"name":")" + name + R"(","parameters":{"type":"object",
    "properties":{"city":{"type":"string"},"unit":{"enum":["c","f"]},"days":{"type":"integer"}},
    "required":["city","unit"]}}})");
}

Json with_tools(Json extra = Json::object()) {
  Json all{{"tools", {tool("get_weather"), tool("get_time")}}};
  all.update(extra);
  return all;
}

TEST_F(ToolsTest, CallsTheToolThatIsMentioned) {
  const Json reply = ask(with_prompt("Use get_weather for Paris", with_tools()));
  const Json& choice = reply["choices"][0];
  EXPECT_EQ(choice["finish_reason"], "tool_calls");
  EXPECT_EQ(choice["message"]["content"], nullptr);
  ASSERT_EQ(choice["message"]["tool_calls"].size(), 1U);
  const Json& call = choice["message"]["tool_calls"][0];
  EXPECT_EQ(call["type"], "function");
  EXPECT_EQ(call["id"].get<std::string>().substr(0, 5), "call_");
  EXPECT_EQ(call["function"]["name"], "get_weather");
  EXPECT_EQ(Json::parse(call["function"]["arguments"].get<std::string>()),
            Json::parse(R"({"city":"text","unit":"c"})"));
  EXPECT_GT(reply["usage"]["completion_tokens"].get<int>(), 3);
}

TEST_F(ToolsTest, CallsNoneThatIsNotMentioned) {
  for (const char* prompt : {"Hello", "get_weathers", "forget_weather"})
    EXPECT_EQ(ask(with_prompt(prompt, with_tools()))["choices"][0]["finish_reason"], "stop") << prompt;
  EXPECT_EQ(ask(with_prompt("get_time", with_tools({{"tool_choice", "none"}})))["choices"][0]["finish_reason"], "stop");
}

TEST_F(ToolsTest, ObeysToolChoice) {
  const auto called = [&](const Json& extra) {
    std::vector<std::string> names;
    const Json reply = ask(with_prompt("Hello", with_tools(extra)));
    for (const Json& call : reply["choices"][0]["message"]["tool_calls"]) names.push_back(call["function"]["name"]);
    return names;
  };
  EXPECT_EQ(called({{"tool_choice", "required"}}), std::vector<std::string>{"get_weather"});
  EXPECT_EQ(called(Json::parse(R"({"tool_choice":{"type":"function","function":{"name":"get_time"}}})")),
            std::vector<std::string>{"get_time"});
  EXPECT_EQ(
      refused(
          with_prompt("x", with_tools(Json::parse(R"({"tool_choice":{"type":"function","function":{"name":"no"}}})"))),
          400)["param"],
      "tool_choice");
  EXPECT_EQ(refused(with_prompt("x", {{"tool_choice", "required"}}), 400)["param"], "tool_choice");
  EXPECT_EQ(refused(with_prompt("x", with_tools({{"tool_choice", 5}})), 400)["param"], "tool_choice");
  EXPECT_EQ(refused(with_prompt("x", {{"tools", 5}}), 400)["param"], "tools");
  EXPECT_EQ(refused(with_prompt("x", {{"tools", {{{"type", "function"}}}}}), 400)["param"], "tools");
}

TEST_F(ToolsTest, CallsInParallelUnlessToldNotTo) {
  const std::string prompt = "get_weather and get_time";
  EXPECT_EQ(ask(with_prompt(prompt, with_tools()))["choices"][0]["message"]["tool_calls"].size(), 2U);
  EXPECT_EQ(
      ask(with_prompt(prompt, with_tools({{"parallel_tool_calls", false}})))["choices"][0]["message"]["tool_calls"]
          .size(),
      1U);
}

TEST_F(ToolsTest, AnswersWhenTheToolHasSpoken) {
  Json body = Json::parse(R"({"model":"m","messages":[{"role":"user","content":"Use get_weather"},
    {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"call_1","content":"22 degrees"}]})");
  body.update(with_tools());
  EXPECT_EQ(content_of(ask(body.dump())), "The tool says: 22 degrees");
}

TEST_F(ToolsTest, StreamsCallsInPieces) {
  const auto plain = ask(with_prompt("get_weather and get_time", with_tools()));
  const auto exchange = chat(with_prompt(
      "get_weather and get_time", with_tools({{"stream", true}, {"stream_options", {{"include_usage", true}}}})));
  const Heard heard = hear(exchange->body());
  std::map<int, Json> calls;
  for (const Json& event : heard.events) {
    for (const Json& choice : event["choices"]) {
      if (!choice["delta"].contains("tool_calls")) continue;
      const Json& delta = choice["delta"]["tool_calls"][0];
      Json& call = calls[delta["index"].get<int>()];
      if (delta.contains("id")) {
        call = Json{{"id", delta["id"]}, {"type", delta["type"]}, {"function", delta["function"]}};
      } else {
        call["function"]["arguments"] =
            call["function"]["arguments"].get<std::string>() + delta["function"]["arguments"].get<std::string>();
      }
    }
  }
  ASSERT_EQ(calls.size(), 2U);
  for (int i = 0; i < 2; ++i) {
    Json expected = plain["choices"][0]["message"]["tool_calls"][static_cast<std::size_t>(i)];
    EXPECT_EQ(calls[i], expected);
  }
  EXPECT_EQ(heard.finish.at(0), "tool_calls");
  EXPECT_EQ(heard.usage, plain["usage"]);
  EXPECT_TRUE(heard.done);
  EXPECT_EQ(billing()["completion_tokens"], 2 * plain["usage"]["completion_tokens"].get<int>());
}

TEST_F(ToolsTest, ArgumentsAreCutByTheLimit) {
  const Json reply = ask(with_prompt("get_weather", with_tools({{"max_tokens", 5}})));
  EXPECT_EQ(reply["choices"][0]["finish_reason"], "length");
  EXPECT_EQ(reply["usage"]["completion_tokens"], 5);
}

TEST_F(ToolsTest, AnswersInJson) {
  const Json any =
      Json::parse(content_of(ask(with_prompt("What is 12*7?", {{"response_format", {{"type", "json_object"}}}}))));
  EXPECT_EQ(any["answer"], "84");
  const Json format = Json::parse(R"({"response_format":{"type":"json_schema","json_schema":{"name":"a","strict":true,
    "schema":{"type":"object","properties":{"answer":{"type":"integer"},"sure":{"type":"boolean"}},
    "required":["answer","sure"],"additionalProperties":false}}}})");
  EXPECT_EQ(Json::parse(content_of(ask(with_prompt("What is 12*7?", format)))),
            Json::parse(R"({"answer":84,"sure":true})"));
  EXPECT_EQ(refused(with_prompt("x", {{"response_format", {{"type", "xml"}}}}), 400)["param"], "response_format.type");
  EXPECT_EQ(refused(with_prompt("x", {{"response_format", {{"type", "json_schema"}}}}), 400)["param"],
            "response_format.json_schema.schema");
}

TEST_F(ToolsTest, RefusesStructuredAnswersInTheirOwnField) {
  use("models: {m: {refusal: 1}}");
  Json format = Json::parse(
      R"({"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}})");
  const Json message = ask(with_prompt("x", format))["choices"][0]["message"];
  EXPECT_EQ(message["content"], nullptr);
  EXPECT_EQ(message["refusal"], "I'm sorry, but I can't help with that.");
  format["stream"] = true;
  std::string refusal;
  for (const Json& event : hear(chat(with_prompt("x", format))->body()).events)
    if (event["choices"][0]["delta"].contains("refusal"))
      refusal += event["choices"][0]["delta"]["refusal"].get<std::string>();
  EXPECT_EQ(refusal, message["refusal"].get<std::string>());
}

}  // namespace
}  // namespace triage::test
