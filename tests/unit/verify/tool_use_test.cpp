#include "judged.hpp"

#include "verify/checks.hpp"
#include "verify/logprob.hpp"
#include "verify/self.hpp"

namespace triage::verify {
namespace {

VerifierSpec checks(std::vector<AnswerCheck> skip = {}) {
  ChecksSpec out;
  out.skip = std::move(skip);
  return {"checks", out};
}

constexpr auto two_tools =
    R"(,"tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object",)"
    R"("properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}}},)"
    R"({"type":"custom","custom":{"name":"run"}}])";

Verdict call(std::string name, std::string arguments, bool whole = true) {
  Completion out = says("", "tool_calls");
  out.tool_calls.push_back({std::move(name), std::move(arguments)});
  return judge(checks(), "x", out, two_tools, whole);
}

TEST(Checks, ToolCalls) {
  EXPECT_TRUE(call("weather", R"({"city":"Rome"})").accept);
  EXPECT_EQ(call("weather", "").reason, "arguments of tool weather: it lacks \"city\"");
  EXPECT_EQ(call("weather", R"({"city":)").reason, "the arguments of tool weather are no JSON object");
  EXPECT_EQ(call("weather", R"({"city":3})").reason, "arguments of tool weather: /city is not of type string");
  EXPECT_EQ(call("whether", "{}").reason, "the answer calls a tool that the request does not declare");
  EXPECT_EQ(call("weather", "null").reason, "arguments of tool weather: it lacks \"city\"");
  for (const char* arguments : {"", " ", "null", "{}", "\"\""}) {
    Completion out = says("", "tool_calls");
    out.tool_calls.push_back({"now", arguments});
    for (const char* parameters : {"", R"(,"parameters":{"type":"object","properties":{}})", R"(,"parameters":null)"})
      EXPECT_TRUE(judge(checks(), "x", out,
                        std::string(R"(,"tools":[{"type":"function","function":{"name":"now")") + parameters + "}}]")
                      .accept)
          << arguments << parameters;
  }
  EXPECT_TRUE(call("run", "ls -l").accept);
  EXPECT_TRUE(call("weather", R"({"city":)", false).accept);  // more may come
}

struct Choice {
  bool accept;
  const char* more;  // of the request
  const char* called;
  const char* text;
};
TEST(Checks, ToolChoice) {
  const std::string tools =
      R"(,"tools":[{"type":"function","function":{"name":"weather"}},{"type":"custom","custom":{"name":"run"}}])";
  const std::string functions = R"(,"functions":[{"name":"weather"},{"name":"run"}])";
  for (const Choice& each :
       {Choice{false, R"(,"tool_choice":"required")", "", "It is sunny."},
        Choice{true, R"(,"tool_choice":"required")", "weather", ""},
        Choice{true, R"(,"tool_choice":"auto")", "", "It is sunny."},
        Choice{false, R"(,"tool_choice":"none")", "weather", ""},
        Choice{true, R"(,"tool_choice":"none")", "", "It is sunny."},
        Choice{false, R"(,"tool_choice":{"type":"function","function":{"name":"weather"}})", "run", ""},
        Choice{true, R"(,"tool_choice":{"type":"function","function":{"name":"weather"}})", "weather", ""},
        Choice{false, R"(,"tool_choice":{"type":"function","function":{"name":"weather"}})", "", "It is sunny."},
        Choice{false, R"(,"tool_choice":{"type":"custom","custom":{"name":"run"}})", "weather", ""},
        Choice{false, R"(,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[]}})", "",
               "Yes."},
        Choice{true,
               R"(,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"name":"x"}]}})", "",
               "Yes."}}) {
    Completion answer = says(each.text);
    if (*each.called != 0) answer.tool_calls.push_back({each.called, "{}"});
    EXPECT_EQ(judge(checks(), "x", answer, tools + each.more).accept, each.accept)
        << each.more << each.called << each.text;
  }
  for (const char* mode : {"auto", "required"})
    for (const char* name : {R"({"type":"function","function":{"name":"weather"}})", R"({"name":"weather"})"}) {
      const std::string allowed = R"(,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":")" +
                                  std::string(mode) + R"(","tools":[)" + name + "]}}";
      for (const char* called : {"weather", "run"}) {
        Completion answer = says("");
        answer.tool_calls.push_back({called, "{}"});
        EXPECT_EQ(judge(checks(), "x", answer, tools + allowed).accept, called == std::string("weather")) << allowed;
      }
    }
  Completion twice = says("");
  twice.tool_calls = {{"weather", "{}"}, {"weather", "{}"}};
  EXPECT_FALSE(judge(checks(), "x", twice, tools + R"(,"parallel_tool_calls":false)").accept);
  EXPECT_TRUE(judge(checks(), "x", twice, tools + R"(,"parallel_tool_calls":true)").accept);
  EXPECT_TRUE(judge(checks(), "x", twice, tools + R"(,"parallel_tool_calls":null)").accept);
  EXPECT_TRUE(judge(checks(), "x", twice, tools).accept);
  Completion called = says("");
  called.tool_calls.push_back({"weather", "{}"});
  EXPECT_FALSE(judge(checks(), "x", called, functions + R"(,"function_call":"none")").accept);
  EXPECT_FALSE(judge(checks(), "x", called, functions + R"(,"function_call":{"name":"run"})").accept);
  EXPECT_TRUE(judge(checks(), "x", called, functions + R"(,"function_call":{"name":"weather"})").accept);
  EXPECT_FALSE(judge(checks(), "x", says("Sunny."), functions + R"(,"function_call":{"name":"weather"})").accept);
  EXPECT_FALSE(judge(checks(), "x", says("Let me look.", "tool_calls"), tools).accept);
  EXPECT_TRUE(judge(checks({AnswerCheck::tools}), "x", says("Sunny."), tools + R"(,"tool_choice":"required")").accept);
  EXPECT_TRUE(judge(checks(), "x", says("Sun", ""), tools + R"(,"tool_choice":"required")", false).accept);
}

TEST(Checks, CallsThatAreWrittenAsText) {
  for (const char* text :
       {"```json\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}\n```",
        "{\"name\":\"weather\",\"parameters\":{\"city\":\"Rome\"}}",
        "I will look that up.\n\n```\n{\"tool\": \"weather\", \"args\": {}}\n```",
        "[{\"name\":\"weather\",\"arguments\":\"{}\"}]",
        "{\"tool_calls\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":{}}}]}",
        "{\"function\":\"weather\",\"arguments\":{}}",
        "{\"action\":\"weather\",\"action_input\":\"Rome\"}",
        "<tool_call>\n{\"name\": \"weather\"}\n</tool_call>",
        "<function=weather>{\"city\":\"Rome\"}</function>",
        "[TOOL_CALLS] [{\"name\":\"weather\"}]",
        "<|python_tag|>weather.call(city=\"Rome\")",
        "weather(city=\"Rome\")",
        "Let me look.\n\n`weather(city=\"Rome\")`",
        "[weather(city=\"Rome\")]",
        "[weather(city=\"Rome\"), weather(city=\"Oslo\")]",
        "```tool_code\nprint(weather(city=\"Rome\"))\n```",
        "```python\nprint(default_api.weather(city=\"Rome\"))\n```",
        "```\nresult = weather(city=\"Rome\")\n```",
        "Thought: I need it.\nAction: weather\nAction Input: {\"city\": \"Rome\"}",
        "**Action:** weather\n**Action Input:** Rome\n\nObservation:",
        "Action: weather[Rome]",
        "Tool: `weather`\n\nArguments: {\"city\": \"Rome\"}",
        "<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{\"city\":\"Rome\"}",
        "to=functions.weather<|message|>{\"city\":\"Rome\"}",
        "<function_calls>\n<invoke>"}) {
    const Verdict verdict = judge(checks(), "How is the weather?", says(text), two_tools);
    EXPECT_FALSE(verdict.accept) << text;
    EXPECT_EQ(verdict.reason, "the answer writes a tool call as text") << text;
    EXPECT_TRUE(judge(checks(), "How is the weather?", says(text)).accept) << "no tools: " << text;
  }
  for (const char* text :
       {"The weather (in Rome) is fine.", "{\"name\":\"Rome\",\"arguments\":{}}", "{\"name\":\"weather\"}",
        "Action: take an umbrella.\nArguments: it will rain.", "Tool: weather\n\nIt tells how the weather is.",
        "(weather forecasts are rare)", "Call weather with a city.", "weather(s) differ"})
    EXPECT_TRUE(judge(checks({AnswerCheck::language}), "How is the weather?", says(text), two_tools).accept) << text;
  EXPECT_TRUE(judge(checks(), "What does <tool_call> mean?", says("<tool_call> begins a call."), two_tools).accept);
}

TEST(Checks, CustomToolsAndMedia) {
  Completion custom = says("", "tool_calls");
  custom.tool_calls.push_back({"run", "ls -l"});
  custom.tool_calls[0].custom = true;
  EXPECT_TRUE(judge(checks(), "x", custom, two_tools).accept);
  Completion sound = says("");
  sound.media = true;
  EXPECT_TRUE(judge(checks(), "x", sound).accept);
  VerifierSpec strict = checks();
  options::options_in<ChecksSpec>(strict.options).required = "####";
  EXPECT_TRUE(judge(strict, "x", sound).accept);
  EXPECT_TRUE(judge(VerifierSpec{"self", SelfSpec{}}, "x", sound).accept);
  EXPECT_TRUE(judge(VerifierSpec{"logprob", LogprobSpec{}}, "x", sound).accept);
  EXPECT_TRUE(judge(VerifierSpec{"logprob", LogprobSpec{}}, "x", custom).accept);
  EXPECT_FALSE(judge(VerifierSpec{"logprob", LogprobSpec{}}, "x", says("Hello.")).accept);
  EXPECT_FALSE(judge(checks(), "x", says("")).accept);
}

}  // namespace
}  // namespace triage::verify
