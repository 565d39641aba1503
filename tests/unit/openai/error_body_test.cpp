#include "openai/error_body.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace triage {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

json normalized(int status, std::string_view body, std::string_view content_type = "application/json",
                const std::vector<std::string_view>& secrets = {}) {
  const std::string text = normalized_error_body(status, content_type, body, secrets);
  const json parsed = json::parse(text, nullptr, false);
  EXPECT_TRUE(parsed.is_object() && parsed.contains("error") && parsed["error"].is_object()) << text;
  if (!parsed.is_object() || !parsed["error"].is_object()) return {};
  for (const char* key : {"message", "type", "param", "code"}) EXPECT_TRUE(parsed["error"].contains(key)) << text;
  EXPECT_TRUE(parsed["error"]["message"].is_string()) << text;
  return parsed["error"];
}

TEST(ErrorBody, HasAllFourKeys) {
  EXPECT_EQ(error_body(Error{ErrorCode::overloaded, "busy"}),
            R"({"error":{"message":"busy","type":"server_error","param":null,"code":"overloaded"}})");
  EXPECT_EQ(error_body(Error{ErrorCode::missing_parameter, "no \"model\"\n", "model"}),
            R"({"error":{"message":"no \"model\"\n","type":"invalid_request_error","param":"model",)"
            R"("code":"missing_required_parameter"}})");
}

TEST(ErrorBody, ReplacesWhatIsNoUtf8AndEscapesControls) {
  const std::string body = error_body(Error{ErrorCode::internal_error, std::string("a\xff\0\x1f\xe4\xbd", 6)});
  EXPECT_EQ(json::parse(body)["error"]["message"],
            "a\xef\xbf\xbd" + std::string("\0\x1f", 2) + "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(ErrorBody, EventIsOneDataLine) {
  const std::string event = error_event(Error{ErrorCode::upstream_truncated, "cut\noff"});
  EXPECT_EQ(event, "data: " + error_body(Error{ErrorCode::upstream_truncated, "cut\noff"}) + "\n\n");
  EXPECT_EQ(event.find('\n'), event.size() - 2);
}

TEST(NormalizedErrorBody, KeepsOpenaisShapeByteForByte) {
  for (const std::string body : {
           R"({"error":{"message":"m","type":"t","param":null,"code":null}})",
           R"( { "error" : {"code":"c", "x":[1.0], "param":"p","type":"t","message":"\u00e9"}, "y": 1e999 } )",
           R"({"error":{"message":"m","type":"t","param":null,"code":429}})",
       })
    EXPECT_EQ(normalized_error_body(400, "application/json", body, {}), body);
}

TEST(WithCode, ReplacesTheCode) {
  EXPECT_EQ(with_code(R"({"type":"error","error":{"type":"t","param":null,"code":null,"message":"m"},"code":1})", "c"),
            R"({"type":"error","error":{"type":"t","param":null,"code":"c","message":"m"},"code":1})");
  EXPECT_EQ(with_code(R"({"error":{"code":400,"message":"m"}})", "c"), R"({"error":{"code":"c","message":"m"}})");
  for (const char* body : {R"({"error":{"message":"m"}})", R"({"error":"m","code":null})", "m", ""})
    EXPECT_EQ(with_code(body, "c"), body);
}

TEST(NormalizedErrorBody, FillsMissingKeys) {
  EXPECT_EQ(normalized_error_body(400, "", R"({"error":{"message":"m"}})", {}),
            R"({"error":{"type":"invalid_request_error","param":null,"code":null,"message":"m"}})");
  EXPECT_EQ(normalized_error_body(500, "", R"({"error":{}})", {}),
            R"({"error":{"message":"the provider answered 500 without a message","type":"server_error",)"
            R"("param":null,"code":null}})");
  EXPECT_EQ(
      normalized_error_body(400, "", R"({"error":{"code":400,"message":"bad","status":"INVALID"},"k":1})", {}),
      R"({"error":{"type":"invalid_request_error","param":null,"code":400,"message":"bad","status":"INVALID"},"k":1})");
  EXPECT_EQ(normalized(500, R"({"error":{"message":null,"type":"t"}})")["message"],
            "the provider answered 500 without a message");
  EXPECT_EQ(normalized(500, R"({"error":{"message":{"a":1},"type":"t"}})")["message"], R"({"a":1})");
  EXPECT_EQ(normalized(500, R"({"error":{"message":"m","type":{"a":1}}})")["type"], json({{"a", 1}}));
}

TEST(NormalizedErrorBody, TypeFollowsTheStatus) {
  const auto type = [](int status) { return normalized(status, R"({"error":"x"})")["type"]; };
  EXPECT_EQ(type(400), "invalid_request_error");
  EXPECT_EQ(type(401), "authentication_error");
  EXPECT_EQ(type(403), "permission_error");
  EXPECT_EQ(type(429), "rate_limit_error");
  EXPECT_EQ(type(500), "server_error");
  EXPECT_EQ(type(302), "server_error");
}

TEST(NormalizedErrorBody, WrapsOtherJsonShapes) {
  const auto message = [](std::string_view body) { return normalized(400, body)["message"].get<std::string>(); };
  EXPECT_EQ(message(R"({"error":"model 'x' not found"})"), "model 'x' not found");
  EXPECT_EQ(message(R"({"message":"m"})"), "m");
  EXPECT_EQ(message(R"({"error":null,"message":"m"})"), "m");
  EXPECT_EQ(message(R"({"error":true,"message":"m"})"), "m");
  EXPECT_EQ(message(R"({"detail":"Not Found"})"), "Not Found");
  EXPECT_EQ(message(R"({"detail":[{"loc":["body"],"msg":"field required"}]})"),
            R"([{"loc":["body"],"msg":"field required"}])");
  EXPECT_EQ(message(R"([{"error":{"code":400,"message":"in an array"}}])"), "in an array");
  EXPECT_EQ(message(R"({"unknown":1})"),
            "the provider answered 400 with a body that tells nothing more (application/json)");
  EXPECT_EQ(message("[]"), "[]");
  EXPECT_EQ(message("\"text\""), "\"text\"");

  const json vllm =
      normalized(400, R"({"object":"error","message":"m","type":"BadRequestError","param":null,"code":400})");
  EXPECT_EQ(vllm["message"], "m");
  EXPECT_EQ(vllm["type"], "BadRequestError");
  EXPECT_EQ(vllm["code"], 400);
  const json mistral =
      normalized(422, R"({"object":"error","message":{"detail":[]},"type":"t","code":"1","param":["x"]})");
  EXPECT_EQ(mistral["message"], R"({"detail":[]})");
  EXPECT_EQ(mistral["code"], "1");
  EXPECT_TRUE(mistral["param"].is_null());
}

TEST(NormalizedErrorBody, WrapsWhatIsNoJson) {
  const auto message = [](std::string_view body) {
    return normalized(502, body, "text/html")["message"].get<std::string>();
  };
  EXPECT_EQ(message("upstream connect error"), "upstream connect error");
  EXPECT_EQ(message("<html><head><TITLE>502 Bad Gateway</Title></head></html>"), "502 Bad Gateway");
  EXPECT_EQ(message(" <html>no title"), "the provider answered 502 with a body that tells nothing more (text/html)");
  EXPECT_EQ(message("<title>unclosed"), "unclosed");
  EXPECT_EQ(message(""), "the provider answered 502 with an empty body (text/html)");
  EXPECT_EQ(message(" \n"), "the provider answered 502 with a body that tells nothing more (text/html)");
  EXPECT_EQ(message("{\"error\":{\"message\":\"cut o"), "{\"error\":{\"message\":\"cut o");
  EXPECT_EQ(message("bad \xff byte"), "bad \xef\xbf\xbd byte");
  EXPECT_EQ(message("{\"error\":{\"message\":\"\xff\"}}"), "\xef\xbf\xbd");
  EXPECT_EQ(message("{\"message\":\"m\",\"type\":\"\xff\",\"param\":\"\xff\",\"code\":\"\xff\"}"), "m");
  EXPECT_EQ(message(std::string(100'000, '[')).size(), 1024U);
}

TEST(NormalizedErrorBody, BoundsTheMessageAtACharacter) {
  std::string text = "a";
  for (int i = 0; i < 2000; ++i) text += "\xe4\xbd\xa0";
  for (const std::string& body : {text, R"({"error":")" + text + "\"}", R"({"message":")" + text + "\"}"}) {
    const std::string message = normalized(400, body)["message"];
    EXPECT_EQ(message.size(), 1024U);
    EXPECT_EQ(message, text.substr(0, 1024));
  }
}

TEST(NormalizedErrorBody, MasksSecrets) {
  const std::vector<std::string_view> secrets{"sk-secret", "", "a/b\"c"};
  for (const std::string body :
       {R"({"error":{"message":"bad key sk-secret","type":"t","param":null,"code":null}})", R"({"error":"sk-secret"})",
        R"({"message":"sk-\u0073ecret"})", "plain sk-secret sk-secret", R"({"error":"x a/b\"c"})",
        R"({"error":"x a\/b\"c"})", R"({"error":{"message":"key a\/b\"c","type":"t","param":null,"code":null}})"}) {
    const std::string text = normalized_error_body(401, "text/plain", body, secrets);
    EXPECT_THAT(text, HasSubstr("***")) << text;
    EXPECT_THAT(text, Not(HasSubstr("secret"))) << text;
    EXPECT_THAT(text, Not(HasSubstr("/b"))) << text;
    normalized(401, body, "text/plain", secrets);
  }
  // A secret that is part of the syntax cannot break the shape.
  for (const std::string_view secret : {"\"", "error", "{", "message", "e"})
    normalized(401, R"({"error":{"message":"m","type":"t","param":null,"code":null}})", "", {secret});
}

TEST(ReportedMessage, FindsIt) {
  const auto message = [](std::string text) {
    const std::size_t size = text.size();
    text.append(64, '"');
    return reported_message(std::string_view(text).substr(0, size));
  };
  EXPECT_EQ(message(R"({"error":{"message":"m"}})"), "m");
  EXPECT_EQ(message(R"({"error":"m"})"), "m");
  EXPECT_EQ(message(R"({"object":"error","message":"m"})"), "m");
  EXPECT_EQ(message(R"({"error":{"code":1}})"), R"({"code":1})");
  EXPECT_EQ(message("{}"), "");
  EXPECT_EQ(message("x"), "");
}

}  // namespace
}  // namespace triage
