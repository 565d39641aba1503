// What the assistant has done with tools since the last user turn.
#include "openai/request_body.hpp"
#include "support/padded.hpp"
#include "triage/chat_view.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using nlohmann::json;

const json user{{"role", "user"}, {"content", "Mend the build."}};

json call(std::vector<std::string> names) {
  json calls = json::array();
  for (const std::string& name : names)
    calls.push_back({{"id", "c"}, {"type", "function"}, {"function", {{"name", name}, {"arguments", "{}"}}}});
  return {{"role", "assistant"}, {"content", nullptr}, {"tool_calls", calls}};
}
json result(const json& content) {
  return {{"role", "tool"}, {"tool_call_id", "c"}, {"content", content}};
}

ToolWork work_of(const json& messages) {
  const test::Padded body(json{{"model", "auto"}, {"messages", messages}}.dump());
  const auto request = parse_request_body(Api::chat, body.view(), 64);
  EXPECT_TRUE(request);
  const ChatView view(*request);
  EXPECT_GE(view.tool_calls_most(), view.tool_calls());
  EXPECT_GE(view.tool_calls_most(), view.failed_tool_calls());
  return view.tool_work();
}

TEST(ToolWork, CountsFromTheLastUserTurnOn) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(work_of({user}).called, Names());
  EXPECT_EQ(work_of({user, call({"ls"}), result("a.c"), user}).called, Names()) << "a new task has begun";
  const ToolWork work = work_of({user, call({"ls"}), result("Error: x"), user, call({"read", "make"}), result("int x;"),
                                 result("Error: no rule to make target"), call({"make"}),
                                 result({{{"type", "text"}, {"text", "Failed."}}})});
  EXPECT_EQ(work.called, (Names{"read", "make", "make"}));
  EXPECT_EQ(work.failed, 2);
  EXPECT_EQ(work_of(json::array()).failed, 0);
}

TEST(ToolWork, ReadsTheOlderFormAndCustomTools) {
  const json older{
      {"role", "assistant"}, {"content", nullptr}, {"function_call", {{"name", "get"}, {"arguments", "{}"}}}};
  const json answer{{"role", "function"}, {"name", "get"}, {"content", "error: not found"}};
  const ToolWork work = work_of({user, older, answer});
  EXPECT_EQ(work.called, std::vector<std::string>{"get"});
  EXPECT_EQ(work.failed, 1);
  const json custom{{"role", "assistant"},
                    {"tool_calls", {{{"id", "1"}, {"type", "custom"}, {"custom", {{"name", "sh"}, {"input", "ls"}}}}}}};
  EXPECT_EQ(work_of({user, custom}).called, std::vector<std::string>{"sh"});
}

bool fails(const std::string& content) {
  return work_of({user, call({"x"}), result(content)}).failed == 1;
}

TEST(ToolWork, KnowsAFailureByHowItBegins) {
  for (const char* text :
       {"Error: no such table", "  ERROR\nmore", "Traceback (most recent call last):\n  File", "Command failed: make",
        "stdout:\n\nExit code: 2", "process exited with code -1", R"({"error":"not found"})",
        R"({"result":null,"error":{"code":404}})", R"({"is_error":true,"content":"x"})", R"({"isError": true})",
        R"({"success":false})", R"({"stdout":"","exit_code":127})", "fatal: not a git repository"})
    EXPECT_TRUE(fails(text)) << text;
  for (const char* text :
       {"", "3 files", "No errors were found.", "Exit code: 0\nError count: 0", R"({"error":null,"rows":[]})",
        R"({"error":""})", R"({"error":false})", R"({"errors":[]})", R"({"success":true})", R"({"exit_code":0})",
        R"({"success":0})", R"(["error"])", R"({"error")", "The user asked about an error: see below"})
    EXPECT_FALSE(fails(text)) << text;
}

}  // namespace
}  // namespace triage
