// Where the clouds' dialects send what, and with which keys.
#include "json/json.hpp"
#include "openai/block_reader.hpp"
#include "openai/request_body.hpp"
#include "providers/azure.hpp"
#include "providers/base_url.hpp"
#include "providers/providers.hpp"
#include "providers/vertex.hpp"
#include "support/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <forward_list>

#include <list>

namespace triage {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;
using test::Padded;
using testing::HasSubstr;

const system_clock::time_point noon{seconds(1796040000)};  // 2026-11-30T12:00:00Z

Provider provider(const std::string& dialect, const std::string& host, const std::string& path = "") {
  Provider out;
  out.name = "p";
  out.dialect = dialect;
  out.base_url = {true, host, 443, path};
  return out;
}

Deployment deployment(const std::string& model, const std::string& publisher = "") {
  Deployment out;
  out.name = "d";
  out.model = model;
  out.publisher = publisher;
  out.max_output = 1000;
  return out;
}

std::string field(const EncodedCall& call, std::string_view name) {
  return std::string(find_field(call.call.fields, name).value_or(""));
}

std::string body_of(const EncodedCall& call) {
  std::string out;
  for (const std::string_view piece : call.call.body) out += piece;
  return out;
}

// A chat completion, as it is encoded for that deployment.
class Chat {
 public:
  explicit Chat(const std::string& members = "")
      : text_(kept_text(R"({"model":"auto",)" + members + R"("messages":[{"role":"user","content":"Hi"}]})")),
        request_(*parse_request_body(Api::chat, text_, 64)) {
    request_.blocks = std::make_shared<const Result<BlockRequest>>(openai::read_blocks(request_));
    head_.method = "POST";
    head_.target = head_.path = "/v1/chat/completions";
    head_.fields = {{"Authorization", "Bearer gateway"}, {"User-Agent", "app"}};
  }

  EncodedCall operator()(const Deployment& to, const Provider& at) const {
    auto call = dialect_for(at, to)->encode(request_, head_, to, at, noon);
    EXPECT_TRUE(call) << call.error().message;
    return call ? std::move(*call) : EncodedCall();
  }

 private:
  // A call's views point into it, and most of these objects end before the call is looked at.
  static std::string_view kept_text(const std::string& text) {
    static std::forward_list<Padded> kept;
    return kept.emplace_front(text).view();
  }

  std::string_view text_;
  ApiRequest request_;
  RequestHead head_;
};

TEST(BaseUrl, IsThatOfTheRegion) {
  Provider at;
  at.dialect = "bedrock";
  EXPECT_EQ(default_base_url(at).host, "");
  at.region = "eu-central-1";
  EXPECT_EQ(default_base_url(at), (Url{true, "bedrock-runtime.eu-central-1.amazonaws.com", 443, ""}));
  at.region = "cn-north-1";
  EXPECT_EQ(default_base_url(at).host, "bedrock-runtime.cn-north-1.amazonaws.com.cn");
  at.dialect = "vertex";
  for (const auto& [location, host] :
       {std::pair("us-east5", "us-east5-aiplatform.googleapis.com"), std::pair("global", "aiplatform.googleapis.com"),
        std::pair("eu", "aiplatform.eu.rep.googleapis.com")}) {
    at.location = location;
    EXPECT_EQ(default_base_url(at).host, host);
  }
}

TEST(BaseUrl, NamesTheRegion) {
  EXPECT_EQ(region_of(provider("bedrock", "bedrock-runtime.us-west-2.amazonaws.com")), "us-west-2");
  EXPECT_EQ(region_of(provider("bedrock", "proxy.example.com")), "");
  EXPECT_EQ(host_field({true, "h", 443, ""}), "h");
  EXPECT_EQ(host_field({false, "::1", 8080, ""}), "[::1]:8080");
}

TEST(Bedrock, AsksWithAnApiKey) {
  Provider at = provider("bedrock", "bedrock-runtime.us-east-1.amazonaws.com");
  at.api_key = Secret("bedrock-key");
  const EncodedCall call = Chat()(deployment("us.anthropic.claude-x-v1:0"), at);
  EXPECT_EQ(call.call.target, "/model/us.anthropic.claude-x-v1%3A0/converse");
  EXPECT_EQ(field(call, "authorization"), "Bearer bedrock-key");
  EXPECT_EQ(field(call, "user-agent"), "triage");
  EXPECT_EQ(body_of(call), R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}]})");
  EXPECT_EQ(Chat(R"("stream":true,)")(deployment("arn:aws:bedrock:us-east-1:1:inference-profile/x"), at).call.target,
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/converse-stream");
}

// The signatures are botocore's of the same request at the same time.
TEST(Bedrock, SignsWithAwsKeys) {
  Provider at = provider("bedrock", "bedrock-runtime.us-east-1.amazonaws.com");
  at.access_key_id = Secret("AKIDEXAMPLE");
  at.secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  const Chat chat;
  const EncodedCall call = chat(deployment("us.anthropic.claude-x-v1:0"), at);
  EXPECT_EQ(field(call, "x-amz-date"), "20261130T120000Z");
  EXPECT_EQ(field(call, "authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261130/us-east-1/bedrock/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5a3eced232d1ebddbaad7abef50bb56d8dfd7d12a2d5c265fbe21c72e0194e78");
  at.session_token = Secret("SESSION/TOKEN==");
  const EncodedCall temporary = chat(deployment("us.anthropic.claude-x-v1:0"), at);
  EXPECT_EQ(field(temporary, "x-amz-security-token"), "SESSION/TOKEN==");
  EXPECT_THAT(field(temporary, "authorization"),
              HasSubstr("242066fd967e896b200f042da6c6c8a5322b207ef6ad8d74d48b1140dd241784"));
}

TEST(Bedrock, JudgesFailures) {
  const Dialect& bedrock = *find_dialect("bedrock");
  EXPECT_EQ(bedrock.classify(400, R"({"message":"The provided model identifier is invalid."})"), Remedy::elsewhere);
  EXPECT_EQ(bedrock.classify(400, R"({"message":"Input is too long for requested model."})"), Remedy::larger_window);
  EXPECT_EQ(bedrock.classify(400, R"({"message":"Malformed input request"})"), Remedy::none);
  EXPECT_EQ(bedrock.classify(424, R"({"message":"x"})"), Remedy::elsewhere);
  EXPECT_EQ(bedrock.classify(429, R"({"message":"Too many requests"})"), Remedy::anywhere);
  EXPECT_TRUE(bedrock.is_stream({200, {{"Content-Type", "application/vnd.amazon.eventstream"}}}));
  EXPECT_FALSE(bedrock.is_stream({200, {{"Content-Type", "application/json"}}}));
}

TEST(Azure, AsksByPathOfEitherForm) {
  Provider at = provider("azure", "r.openai.azure.com");
  at.api_key = Secret("azure-key");
  const EncodedCall plain = Chat()(deployment("my-gpt"), at);
  EXPECT_EQ(plain.call.target, "/openai/v1/chat/completions");
  EXPECT_EQ(field(plain, "api-key"), "azure-key");
  EXPECT_EQ(field(plain, "authorization"), "");
  EXPECT_THAT(body_of(plain), HasSubstr(R"("model":"my-gpt")"));
  at.api_version = "2024-10-21";
  EXPECT_EQ(Chat()(deployment("my gpt"), at).call.target,
            "/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21");
}

TEST(Azure, KnowsEveryBaseUrl) {
  Provider at = provider("azure", "r.openai.azure.com");
  const auto target = [&](const std::string& path, const std::string& version,
                          std::string_view of = "/chat/completions") {
    at.base_url.path = path;
    at.api_version = version;
    return azure::target_of(at, of, "", "m");
  };
  for (const char* path : {"", "/openai", "/openai/v1"}) {
    EXPECT_EQ(target(path, ""), "/openai/v1/chat/completions");
    EXPECT_EQ(target(path, "preview"), "/openai/v1/chat/completions?api-version=preview");
    EXPECT_EQ(target(path, "2024-10-21"), "/openai/deployments/m/chat/completions?api-version=2024-10-21");
    EXPECT_EQ(target(path, "2025-03-01-preview", "/responses"), "/openai/responses?api-version=2025-03-01-preview");
  }
  EXPECT_EQ(target("/models", "2024-05-01-preview"), "/models/chat/completions?api-version=2024-05-01-preview");
  EXPECT_EQ(azure::target_of(at, "/files", "limit=1", ""), "/models/files?api-version=2024-05-01-preview&limit=1");
}

Provider vertex() {
  Provider out = provider("vertex", "aiplatform.googleapis.com");
  out.project = "my-project";
  out.location = "global";
  return out;
}
const std::string place = "/projects/my-project/locations/global";

TEST(Vertex, AsksGeminiInItsOwnWords) {
  const EncodedCall call = Chat()(deployment("gemini-x"), vertex());
  EXPECT_EQ(call.call.target, "/v1beta1" + place + "/publishers/google/models/gemini-x:generateContent");
  EXPECT_THAT(body_of(call), HasSubstr(R"("contents":)"));
  EXPECT_EQ(Chat(R"("stream":true,)")(deployment("google/gemini-x"), vertex()).call.target,
            "/v1beta1" + place + "/publishers/google/models/gemini-x:streamGenerateContent?alt=sse");
  Provider express = vertex();
  express.project = "";
  express.api_key = Secret("key");
  const EncodedCall by_key = Chat()(deployment("gemini-x"), express);
  EXPECT_EQ(by_key.call.target, "/v1beta1/publishers/google/models/gemini-x:generateContent");
  EXPECT_EQ(field(by_key, "x-goog-api-key"), "key");
}

TEST(Vertex, AsksClaudeInAnthropicsWords) {
  const EncodedCall call = Chat()(deployment("claude-x@20250929", "anthropic"), vertex());
  EXPECT_EQ(call.call.target, "/v1" + place + "/publishers/anthropic/models/claude-x@20250929:rawPredict");
  EXPECT_EQ(body_of(call), R"({"anthropic_version":"vertex-2023-10-16","max_tokens":1000,)"
                           R"("messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]})");
  EXPECT_EQ(field(call, "x-api-key"), "");
  EXPECT_EQ(Chat(R"("stream":true,)")(deployment("anthropic/claude-x"), vertex()).call.target,
            "/v1" + place + "/publishers/anthropic/models/claude-x:streamRawPredict");
}

// The client's own bytes, but for the member that Vertex has in the path.
TEST(Vertex, PassesMessagesOn) {
  const std::string text =
      R"({"max_tokens":9, "model" : "claude", "new_thing":[1, 2],"messages":[{"role":"user","content":"Hi"}]})";
  const Padded padded(text);
  ApiRequest request;
  request.form = WireForm::anthropic;
  request.model = "claude";
  auto original = std::make_shared<OriginalRequest>();
  original->body = padded.view();
  original->model_value = {text.find("\"claude\""), text.find("\"claude\"") + 8};
  request.original = original;
  RequestHead head;
  head.method = "POST";
  head.path = head.target = "/v1/messages";
  head.fields = {{"anthropic-beta", "x"}, {"anthropic-version", "2023-06-01"}};
  const Deployment to = deployment("claude-x", "anthropic");
  const Provider at = vertex();
  const auto call = dialect_for(at, to)->encode(request, head, to, at, noon);
  ASSERT_TRUE(call);
  EXPECT_EQ(body_of(*call), R"({"max_tokens":9, "anthropic_version":"vertex-2023-10-16", "new_thing":[1, 2],)"
                            R"("messages":[{"role":"user","content":"Hi"}]})");
  EXPECT_EQ(field(*call, "anthropic-beta"), "x");
}

TEST(Vertex, AsksAllOthersInChatCompletions) {
  const EncodedCall call = Chat()(deployment("meta/llama-x-maas"), vertex());
  EXPECT_EQ(call.call.target, "/v1" + place + "/endpoints/openapi/chat/completions");
  EXPECT_THAT(body_of(call), HasSubstr(R"("model":"meta/llama-x-maas")"));
  EXPECT_EQ(field(call, "openai-project"), "");
}

TEST(Vertex, CountsTokens) {
  RequestHead head;
  head.method = "POST";
  head.path = head.target = "/v1/messages/count_tokens";
  const Provider at = vertex();
  EXPECT_EQ(dialect_for(at, deployment("x", "anthropic"))->pass_through(head, at).call.target,
            "/v1" + place + "/publishers/anthropic/models/count-tokens:rawPredict");
  head.path = head.target = "/v1beta/models/gemini-x:countTokens";
  EXPECT_EQ(dialect_for(at, deployment("gemini-x"))->pass_through(head, at).call.target,
            "/v1beta1" + place + "/publishers/google/models/gemini-x:countTokens");
}

}  // namespace
}  // namespace triage
