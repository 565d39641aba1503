#include "openai/event_edit.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using nlohmann::json;

json edited(const std::string& event, std::optional<std::string_view> text, bool role) {
  const auto out = edited_stream_event(event, {R"("first")", "1", ""}, text, role);
  EXPECT_TRUE(out && out->starts_with("data: ") && out->ends_with("\n\n"));
  return json::parse(out->substr(6));
}

TEST(StreamPiece, AnEventOfAnotherStream) {
  const std::string event =
      R"({"id":"b","created":2,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"ab"},"finish_reason":null}],"x":1.50})";
  json wanted = json::parse(event);
  wanted["id"] = "first";
  wanted["created"] = 1;
  EXPECT_EQ(edited(event, std::nullopt, true), wanted);
  wanted["choices"][0]["delta"] = {{"content", "b"}};
  EXPECT_EQ(edited(event, "b", false), wanted);
  const std::string finish = R"({"choices":[{"delta":{},"finish_reason":"stop"}]})";
  EXPECT_EQ(edited(finish, "z", false)["choices"][0]["delta"]["content"], "z");
  EXPECT_EQ(edited(R"({"choices":[{"text":"ab"}]})", "b", false)["choices"][0]["text"], "b");
  EXPECT_EQ(edited(R"({"choices":[],"usage":{}})", std::nullopt, false)["id"], "first");
  EXPECT_EQ(edited_stream_event("[1]", {}, std::nullopt, false), std::nullopt);
  EXPECT_EQ(edited_stream_event(R"({"choices":[{"delta":{"content":"\ud800"}}]})", {}, std::nullopt, false),
            std::nullopt)
      << "half a surrogate pair has no UTF-8";
}

}  // namespace
}  // namespace triage
