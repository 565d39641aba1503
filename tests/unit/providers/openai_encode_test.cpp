#include "../../support/padded.hpp"
#include "openai/request_body.hpp"
#include "providers/providers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace triage {
namespace {

using test::Padded;
using testing::ElementsAre;

const Dialect& dialect() {
  return *find_dialect("openai");
}

Provider provider(const std::string& path = "/v1") {
  Provider out;
  out.name = "p";
  out.dialect = "openai";
  out.base_url = {true, "api.example.com", 443, path};
  out.api_key = Secret("sk-provider");
  return out;
}

Deployment deployment(const std::string& model) {
  Deployment out;
  out.name = "d";
  out.provider = "p";
  out.model = model;
  return out;
}

RequestHead client_head(std::vector<Field> fields = {}) {
  RequestHead head;
  head.method = "POST";
  head.target = head.path = "/v1/chat/completions";
  head.fields = std::move(fields);
  return head;
}

std::string joined(const std::vector<std::string_view>& pieces) {
  std::string out;
  for (const std::string_view piece : pieces) out += piece;
  return out;
}

std::vector<std::string> lines(const std::vector<Field>& fields) {
  std::vector<std::string> out;
  for (const Field& field : fields) out.push_back(std::string(field.name) + ": " + std::string(field.value));
  return out;
}

EncodedCall encode(const ApiRequest& request, const RequestHead& client, const Deployment& target, const Provider& to) {
  auto encoded = dialect().encode(request, client, target, to, {});
  EXPECT_TRUE(encoded);
  return std::move(*encoded);
}

/// What the provider is sent for `text`, the deployment's model being `model`.
std::string sent(const std::string& text, const std::string& model = "gpt-4o", Api api = Api::chat) {
  const Padded body(text);
  const auto request = parse_request_body(api, body.view(), 64);
  EXPECT_TRUE(request) << request.error().message;
  if (!request) return "";
  const RequestHead client = client_head();
  const Deployment target = deployment(model);
  const Provider to = provider();
  const EncodedCall call = encode(*request, client, target, to);
  // Pieces that are the client's are not copies.
  for (const std::string_view piece : call.call.body) {
    const bool inside = piece.data() >= body.view().data() && piece.data() < body.view().data() + text.size();
    EXPECT_TRUE(inside || piece.size() <= 43) << piece;
  }
  return joined(call.call.body);
}

/// The fields that travel on for these, without those that are always added.
std::vector<std::string> travelling(std::vector<Field> fields) {
  Provider to = provider();
  to.api_key = Secret();
  return lines(dialect().pass_through(client_head(std::move(fields)), to).call.fields);
}

TEST(Providers, FindsDialectsByName) {
  EXPECT_THAT(dialect_names(), ElementsAre("openai", "responses", "anthropic", "azure", "bedrock", "gemini", "vertex"));
  EXPECT_EQ(find_dialect("openai")->name(), "openai");
  EXPECT_EQ(find_dialect("nope"), nullptr);
  EXPECT_EQ(find_dialect(""), nullptr);
}

TEST(OpenaiEncode, ReplacesOnlyTheModel) {
  EXPECT_EQ(sent(R"({ "model" : "auto", "n":1.50,"x":"\u00e9" , "y":1e400})"),
            R"({ "model" : "gpt-4o", "n":1.50,"x":"\u00e9" , "y":1e400})");
  EXPECT_EQ(sent(R"({"messages":[],"model":"auto"})"), R"({"messages":[],"model":"gpt-4o"})");
  EXPECT_EQ(sent(R"({"model":"auto"})", "a\"b\\c\n"), R"({"model":"a\"b\\c\n"})");
}

TEST(OpenaiEncode, SameModelLeavesTheBytesAlone) {
  EXPECT_EQ(sent(R"({"model":"gpt-4o"})"), R"({"model":"gpt-4o"})");
  EXPECT_EQ(sent("{\"model\":\"gpt\\u002d4o\"}"), "{\"model\":\"gpt\\u002d4o\"}");
}

TEST(OpenaiEncode, AsksForUsageOfStreams) {
  EXPECT_EQ(sent(R"({"model":"auto","stream":true})"),
            R"({"stream_options":{"include_usage":true},"model":"gpt-4o","stream":true})");
  EXPECT_EQ(sent("{\n  \"stream\":true,\"model\":\"auto\"}"),
            "{\"stream_options\":{\"include_usage\":true},\n  \"stream\":true,\"model\":\"gpt-4o\"}");
  EXPECT_EQ(sent(R"({"model":"gpt-4o","stream":true})"),
            R"({"stream_options":{"include_usage":true},"model":"gpt-4o","stream":true})");
  EXPECT_EQ(sent(R"({"model":"auto","stream":true,"stream_options":{}})"),
            R"({"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(sent("{\"stream_options\":{ \n },\"model\":\"auto\",\"stream\":true}"),
            "{\"stream_options\":{\"include_usage\":true \n },\"model\":\"gpt-4o\",\"stream\":true}");
  EXPECT_EQ(sent(R"({"model":"auto","stream":true,"stream_options":{ "x":1}})"),
            R"({"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true, "x":1}})");
  EXPECT_EQ(sent(R"({"stream_options":{"include_usage": false ,"x":1},"model":"auto","stream":true})"),
            R"({"stream_options":{"include_usage": true ,"x":1},"model":"gpt-4o","stream":true})");
  EXPECT_EQ(sent(R"({"model":"auto","stream":true,"stream_options":{"include_usage":null}})"),
            R"({"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(sent(R"({"model":"auto","stream":true,"stream_options": null})"),
            R"({"model":"gpt-4o","stream":true,"stream_options": {"include_usage":true}})");
  EXPECT_EQ(sent(R"({"model":"auto","stream":true})", "gpt-4o", Api::completions),
            R"({"stream_options":{"include_usage":true},"model":"gpt-4o","stream":true})");
}

TEST(OpenaiEncode, DoesNotAskForUsageOtherwise) {
  for (const std::string rest :
       {R"("stream":false)", R"("stream":null)", R"("stream":true,"stream_options":{"include_usage":true})",
        R"("stream":false,"stream_options":{"include_usage":false})"})
    EXPECT_EQ(sent("{\"model\":\"auto\"," + rest + "}"), "{\"model\":\"gpt-4o\"," + rest + "}");
  EXPECT_EQ(sent(R"({"model":"auto","stream":true})", "gpt-4o", Api::embeddings),
            R"({"model":"gpt-4o","stream":true})");
}

TEST(OpenaiEncode, TargetIsTheBaseUrlsPathAndTheApisAndTheQuery) {
  const Padded body(R"({"model":"m"})");
  const auto target_of = [&](Api api, const std::string& path, std::string_view query) {
    const auto request = parse_request_body(api, body.view(), 64);
    RequestHead client = client_head();
    client.query = query;
    const Deployment target = deployment("m");
    return encode(*request, client, target, provider(path)).call.target;
  };
  EXPECT_EQ(target_of(Api::chat, "/v1", ""), "/v1/chat/completions");
  EXPECT_EQ(target_of(Api::completions, "/openai/v1", ""), "/openai/v1/completions");
  EXPECT_EQ(target_of(Api::embeddings, "", "api-version=1&x=%20"), "/embeddings?api-version=1&x=%20");
}

TEST(OpenaiEncode, Fields) {
  const Padded body(R"({"model":"m"})");
  const auto request = parse_request_body(Api::chat, body.view(), 64);
  Provider to = provider();
  to.organization = "org-1";
  to.project = "proj-1";
  to.headers = {{"X-Title", Secret("gateway")}, {"user-agent", Secret("mine")}};
  const RequestHead client = client_head({{"Host", "gateway"},
                                          {"Authorization", "Bearer client"},
                                          {"User-Agent", "OpenAI/Python"},
                                          {"Content-Type", "application/json; charset=utf-8"},
                                          {"Content-Length", "13"},
                                          {"Accept", "text/event-stream"},
                                          {"Accept-Encoding", "gzip, br"},
                                          {"x-title", "theirs"},
                                          {"OpenAI-Organization", "org-client"},
                                          {"X-Stainless-Lang", "python"},
                                          {"Idempotency-Key", "k"}});
  const Deployment target = deployment("m");
  const EncodedCall call = encode(*request, client, target, to);
  EXPECT_EQ(call.call.method, "POST");
  EXPECT_TRUE(call.call.replayable);
  EXPECT_EQ(call.call.body_source, nullptr);
  EXPECT_THAT(lines(call.call.fields),
              ElementsAre("Content-Type: application/json; charset=utf-8", "Accept: text/event-stream",
                          "X-Stainless-Lang: python", "Idempotency-Key: k", "Accept-Encoding: identity",
                          "Authorization: Bearer sk-provider", "OpenAI-Organization: org-1", "OpenAI-Project: proj-1",
                          "X-Title: gateway", "user-agent: mine"));
}

TEST(OpenaiEncode, TheBodyIsJsonWhateverTheClientCalledIt) {
  const Padded body(R"({"model":"m"})");
  const auto request = parse_request_body(Api::chat, body.view(), 64);
  const Deployment target = deployment("m");
  Provider to = provider();
  to.api_key = Secret();
  for (const std::string_view type : {"text/plain", "application/jsonx", "", "multipart/form-data; boundary=x"}) {
    const RequestHead client = client_head({{"Content-Type", type}});
    EXPECT_THAT(lines(encode(*request, client, target, to).call.fields),
                ElementsAre("Content-Type: application/json", "Accept-Encoding: identity"))
        << type;
  }
  const RequestHead none = client_head();
  EXPECT_THAT(lines(encode(*request, none, target, to).call.fields),
              ElementsAre("Content-Type: application/json", "Accept-Encoding: identity"));
}

TEST(OpenaiFields, WhatStaysHere) {
  for (const std::string_view name : {"Connection",
                                      "Keep-Alive",
                                      "Proxy-Authorization",
                                      "proxy-connection",
                                      "TE",
                                      "Trailer",
                                      "Transfer-Encoding",
                                      "Upgrade",
                                      "Host",
                                      "Content-Length",
                                      "Authorization",
                                      "api-key",
                                      "X-API-Key",
                                      "x-goog-api-key",
                                      "Cookie",
                                      "Expect",
                                      "Forwarded",
                                      "X-Forwarded-For",
                                      "x-forwarded-proto",
                                      "OpenAI-Organization",
                                      "openai-project",
                                      "x-triage-tier",
                                      "X-Triage-Anything",
                                      "x-request-id",
                                      "X-Real-IP",
                                      "X-HTTP-Method-Override",
                                      "X-HTTP-Method",
                                      "X-Method-Override",
                                      "X-Original-URL",
                                      "X-Rewrite-URL",
                                      "Origin",
                                      "Referer",
                                      "Sec-Fetch-Site",
                                      "Sec-WebSocket-Protocol",
                                      "CF-Connecting-IP",
                                      "Cf-Access-Jwt-Assertion",
                                      "True-Client-IP",
                                      "X-Client-IP",
                                      "X-Goog-IAP-JWT-Assertion",
                                      "X-Amzn-Oidc-Data",
                                      "X-MS-TOKEN-AAD-ID-TOKEN",
                                      "X-Auth-Request-Access-Token",
                                      "x-user-id",
                                      "Acceptance",
                                      "openai",
                                      "anthropic"}) {
    EXPECT_THAT(travelling({{name, "v"}}), ElementsAre()) << name;
    std::string lower(name);
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_THAT(travelling({{lower, "v"}}), ElementsAre()) << lower;
  }
}

TEST(OpenaiFields, WhatTravelsOn) {
  for (const std::string name :
       {"Content-Type", "Accept", "Accept-Language", "User-Agent", "OpenAI-Beta", "anthropic-version", "traceparent",
        "tracestate", "Idempotency-Key", "X-Stainless-Retry-Count", "x-client-request-id", "x-goog-api-client", "x-app",
        "Range", "If-None-Match", "Content-Disposition", "x-simulate"})
    EXPECT_THAT(travelling({{name, "v"}}), ElementsAre(name + ": v")) << name;
  EXPECT_THAT(travelling({{"Accept-Encoding", "gzip, br;q=0.5, deflate"}}),
              ElementsAre("Accept-Encoding: gzip, deflate"));
  EXPECT_THAT(travelling({{"Accept-Encoding", "zstd"}}), ElementsAre("Accept-Encoding: identity"));
}

TEST(OpenaiFields, WhatConnectionListsStaysHere) {
  EXPECT_THAT(travelling({{"Connection", "close, X-Stainless-OS ,,"},
                          {"x-stainless-os", "1"},
                          {"x-stainless-lang", "2"},
                          {"CONNECTION", "range"},
                          {"Range", "bytes=0-"}}),
              ElementsAre("x-stainless-lang: 2"));
}

TEST(OpenaiFields, WhatTheConfigurationForwards) {
  Provider to = provider();
  to.api_key = Secret();
  to.forward = {"HTTP-Referer", "x-app-*"};
  const auto sent = [&to](std::vector<Field> fields) {
    return lines(dialect().pass_through(client_head(std::move(fields)), to).call.fields);
  };
  EXPECT_THAT(sent({{"http-referer", "a"}, {"Referer", "b"}, {"X-App-Name", "c"}, {"x-ap", "d"}}),
              ElementsAre("http-referer: a", "X-App-Name: c"));
  to.forward = {"*"};
  EXPECT_THAT(sent({{"Authorization", "a"}, {"x-api-key", "b"}, {"x-triage-tier", "c"}, {"TE", "d"}, {"x-any", "e"}}),
              ElementsAre("x-any: e"));
}

TEST(OpenaiPassThrough, TargetFieldsAndLength) {
  RequestHead client = client_head({{"Authorization", "Bearer client"},
                                    {"Accept-Encoding", "gzip"},
                                    {"Content-Type", "multipart/form-data; boundary=x"}});
  client.path = "/v1/files/f-1/content";
  client.query = "a=b";
  client.content_length = 12;
  const Provider to = provider("/openai/v1");
  const EncodedCall call = dialect().pass_through(client, to);
  EXPECT_EQ(call.call.target, "/openai/v1/files/f-1/content?a=b");
  EXPECT_EQ(call.call.method, "POST");
  EXPECT_EQ(call.call.body_length, 12U);
  EXPECT_FALSE(call.call.replayable);
  EXPECT_TRUE(call.call.body.empty());
  EXPECT_THAT(lines(call.call.fields),
              ElementsAre("Accept-Encoding: gzip", "Content-Type: multipart/form-data; boundary=x",
                          "Authorization: Bearer sk-provider"));
  RequestHead get;
  get.method = "GET";
  get.path = "/v1/models";
  EXPECT_TRUE(dialect().pass_through(get, to).call.replayable);
  EXPECT_EQ(dialect().pass_through(get, provider("")).call.target, "/models");
  get.path = "/v1";
  EXPECT_EQ(dialect().pass_through(get, provider("")).call.target, "/");
}

TEST(OpenaiEncode, TheCallOutlivesBeingMoved) {
  const Padded body(R"({"model":"auto"})");
  const auto request = parse_request_body(Api::chat, body.view(), 64);
  const RequestHead client = client_head();
  const Deployment target = deployment("m");
  const Provider to = provider();
  EncodedCall first = encode(*request, client, target, to);
  const EncodedCall second = std::move(first);
  EXPECT_EQ(joined(second.call.body), R"({"model":"m"})");
  EXPECT_EQ(second.call.fields.back().value, "Bearer sk-provider");
}

}  // namespace
}  // namespace triage
