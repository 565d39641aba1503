// Answers that come compressed though nobody asked, and answers that are almost JSON.
#include "support/fake_ledger.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

#include <zlib.h>

namespace triage::gateway_test {
namespace {

constexpr std::string_view config_of_two = R"(
providers:
  p: {base_url: "http://127.0.0.1:1/base/v1", api_key: sk-provider-secret}
deployments:
  cheap: {provider: p, price: {input: 1, output: 10}}
  dear: {provider: p, price: {input: 1, output: 10}}
tiers: [small, large]
limits: {reply: 1MiB}
routes:
  chat: {match: {models: [auto]}, tiers: {small: [cheap], large: [dear]}, routers: [{fixed: {tier: small}}], retry: {attempts: 4}}
  files: {match: {paths: ["/v1/files*"]}, tiers: {small: [cheap]}}
)";

constexpr int gzip = 15 + 16;
constexpr int zlib = 15;
constexpr int bare = -15;

// With a flush behind each piece, as a server streams.
std::vector<std::string> compressed(const std::vector<std::string>& pieces, int window = gzip) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::string& to = out.emplace_back(deflateBound(&stream, pieces[i].size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(pieces[i].data()));
    stream.avail_in = static_cast<uInt>(pieces[i].size());
    stream.next_out = reinterpret_cast<Bytef*>(to.data());
    stream.avail_out = static_cast<uInt>(to.size());
    deflate(&stream, i + 1 < pieces.size() ? Z_SYNC_FLUSH : Z_FINISH);
    to.resize(to.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return out;
}

const std::string usage = R"("usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110})";
const std::string answer =
    R"({"choices":[{"index":0,"message":{"role":"assistant","content":"Paris"},"finish_reason":"stop"}],)" + usage +
    "}";
constexpr std::int64_t cost = 100 * 1'000 + 10 * 10'000;

class EncodingTest : public GatewayTest {
 protected:
  EncodingTest() { use(std::string(config_of_two), &ledger_); }

  std::unique_ptr<FakeExchange> ask(Canned canned, bool stream = false, const std::string& path = "") {
    upstream_.sent.clear();
    ledger_.records.clear();
    upstream_.answers = {std::move(canned)};
    const std::string streamed = stream ? R"(,"stream":true)" : "";
    auto exchange = std::make_unique<FakeExchange>(
        "POST", path.empty() ? "/v1/chat/completions" : path,
        R"({"model":"auto","messages":[{"role":"user","content":"hi"}])" + streamed + "}",
        std::vector<test::OwnedField>{{"accept-encoding", "gzip, deflate, br, zstd"}});
    run(*exchange);
    EXPECT_EQ(ledger_.records.size(), 1U);
    return exchange;
  }
  static Canned encoded(Canned of, const std::string& coding, int window = gzip) {
    of.fields.emplace_back("content-encoding", coding);
    of.pieces = compressed(of.pieces, window);
    return of;
  }
  static Canned body(const std::string& text) {
    Canned out;
    out.pieces = {text};
    return out;
  }
  [[nodiscard]] const json& attempt() const { return ledger_.records.front()["attempts"][0]; }

  test::FakeLedger ledger_;
};

TEST_F(EncodingTest, ACompressedAnswerIsReadAndBilled) {
  struct Form {
    const char* coding;
    int window;
  };
  for (const Form& form : {Form{"gzip", gzip}, Form{"x-gzip", gzip}, Form{"deflate", zlib}, Form{"deflate", bare}}) {
    const auto exchange = ask(encoded(body(answer), form.coding, form.window));
    EXPECT_EQ(exchange->status(), 200) << form.coding;
    EXPECT_EQ(exchange->body(), answer);
    EXPECT_FALSE(exchange->field("content-encoding"));
    EXPECT_EQ(attempt()["usage_source"], "reported");
    EXPECT_EQ(attempt()["cost_nano_usd"], cost);
    EXPECT_EQ(upstream_.sent.size(), 1U);
    EXPECT_EQ(upstream_.sent.front().field("accept-encoding"), "identity");
  }
}

TEST_F(EncodingTest, ACompressedStreamIsReadAsItComes) {
  const std::string usage_only = R"(data: {"choices":[],)" + usage + "}\n\n";
  const auto exchange = ask(encoded(stream({event("Par"), event("is", "stop"), usage_only, done}), "gzip"), true);
  EXPECT_EQ(exchange->status(), 200);
  EXPECT_EQ(exchange->body(), event("Par") + event("is", "stop") + done);
  EXPECT_FALSE(exchange->field("content-encoding"));
  EXPECT_EQ(attempt()["cost_nano_usd"], cost);
  EXPECT_EQ(upstream_.sent.size(), 1U);
}

TEST_F(EncodingTest, ACompressedErrorCanBeRead) {
  Canned error = body(R"({"error":{"message":"'temperature' must be at most 2","code":"bad"}})");
  error.status = 400;
  for (const std::string path : {"", "/v1/files"}) {
    const auto exchange = ask(encoded(error, "gzip"), false, path);
    EXPECT_EQ(exchange->status(), 400);
    EXPECT_EQ(json::parse(exchange->body())["error"]["message"], "'temperature' must be at most 2") << path;
    EXPECT_FALSE(exchange->field("content-encoding"));
    EXPECT_EQ(upstream_.sent.size(), 1U);
  }
}

TEST_F(EncodingTest, WhatPassesThroughStaysAsItCameAndAsksForWhatCanBeRead) {
  const Canned canned = encoded(body(answer), "gzip");
  const auto exchange = ask(canned, false, "/v1/files");
  EXPECT_EQ(exchange->body(), canned.pieces.front());
  EXPECT_EQ(exchange->field("content-encoding"), "gzip");
  EXPECT_EQ(upstream_.sent.front().field("accept-encoding"), "gzip, deflate");
}

TEST_F(EncodingTest, AnAnswerThatGrowsBeyondTheLimitIsAnError) {
  ask(encoded(body(answer + std::string(20'000'000, ' ')), "gzip"));
  EXPECT_EQ(attempt()["error"], "upstream_too_large");
}

TEST_F(EncodingTest, ABrokenOrCutCompressionIsAFailure) {
  std::string config(config_of_two);
  config.replace(config.find("attempts: 4"), 11, "attempts: 1");  // no pause
  use(config, &ledger_);
  Canned cut = encoded(body(answer), "gzip");
  cut.pieces.front().resize(cut.pieces.front().size() / 2);
  ask(cut);
  EXPECT_EQ(attempt()["error"], "upstream_truncated");
  Canned broken = encoded(body(answer), "gzip");
  broken.pieces.front()[14] ^= 0x55;
  ask(broken);
  EXPECT_EQ(attempt()["error"], "upstream_bad_response");
}

TEST_F(EncodingTest, WhatCannotBeReadIsGivenAsItIsAtAnUnknownCost) {
  Canned unknown = body("\x01\xff\xfe\x03");
  unknown.fields.emplace_back("content-encoding", "br");
  const auto exchange = ask(unknown);
  EXPECT_EQ(exchange->body(), "\x01\xff\xfe\x03");
  EXPECT_EQ(exchange->field("content-encoding"), "br");
  EXPECT_TRUE(attempt()["cost_nano_usd"].is_null());
  Canned streamed = stream({"\x01\xff\xfe\x03"});
  streamed.fields.emplace_back("content-encoding", "br");
  ask(streamed, true);
  EXPECT_EQ(attempt()["error"], "upstream_bad_response");
  EXPECT_EQ(upstream_.sent.size(), 2U);  // elsewhere, not there again
}

TEST_F(EncodingTest, ANumberThatIsNoneIsNoFault) {
  for (const std::string value : {"NaN", "Infinity", "-Infinity"}) {
    const std::string logprobs = R"("logprobs":{"content":[{"token":"Paris","logprob":)" + value +
                                 R"(,"top_logprobs":[{"token":"x","logprob":)" + value + "}]}]}";
    const auto plain = ask(body(R"({"choices":[{"index":0,"message":{"role":"assistant","content":"Paris"},)" +
                                logprobs + R"(,"finish_reason":"stop"}],)" + usage + "}"));
    EXPECT_EQ(plain->status(), 200) << value;
    EXPECT_EQ(upstream_.sent.size(), 1U);
    const json said = json::parse(plain->body(), nullptr, false);
    EXPECT_TRUE(said["choices"][0]["logprobs"]["content"][0]["logprob"].is_null()) << plain->body();
    EXPECT_EQ(said["choices"][0]["message"]["content"], "Paris");
    EXPECT_EQ(attempt()["cost_nano_usd"], cost);
    const std::string chunk = R"(data: {"choices":[{"index":0,"delta":{"content":"Paris"},)" + logprobs +
                              R"(,"finish_reason":"stop"}],)" + usage + "}\n\n";
    const auto streamed = ask(stream({chunk, done}), true);
    EXPECT_EQ(streamed->status(), 200) << value;
    EXPECT_EQ(upstream_.sent.size(), 1U);
    EXPECT_TRUE(streamed->body().starts_with("data: {") && streamed->body().ends_with("}\n\n" + done));
    EXPECT_EQ(streamed->body().find(value), std::string::npos);
    EXPECT_NE(streamed->body().find("Paris"), std::string::npos);
    EXPECT_EQ(attempt()["cost_nano_usd"], cost);
  }
  const auto vectors =
      ask(body(R"({"data":[{"embedding":[0.5,NaN]}],"usage":{"prompt_tokens":4}})"), false, "/v1/embeddings");
  EXPECT_EQ(vectors->body(), R"({"data":[{"embedding":[0.5,null]}],"usage":{"prompt_tokens":4}})");
}

TEST_F(EncodingTest, InvalidUtf8BecomesTheReplacementCharacter) {
  const std::string said = "Par\xc3is";
  const std::string mended = "Par\xef\xbf\xbdis";
  const auto plain = ask(body(R"({"choices":[{"index":0,"message":{"role":"assistant","content":")" + said +
                              R"("},"finish_reason":"stop"}],)" + usage + "}"));
  EXPECT_EQ(plain->status(), 200);
  EXPECT_EQ(json::parse(plain->body(), nullptr, false)["choices"][0]["message"]["content"], mended);
  EXPECT_EQ(attempt()["cost_nano_usd"], cost);
  const std::string chunk = R"(data: {"choices":[{"index":0,"delta":{"content":")" + said +
                            R"("},"finish_reason":"stop"}],)" + usage + "}\n\n";
  const auto streamed = ask(stream({chunk, done}), true);
  EXPECT_EQ(streamed->status(), 200);
  EXPECT_NE(streamed->body().find(mended), std::string::npos);
  EXPECT_EQ(upstream_.sent.size(), 1U);
}

}  // namespace
}  // namespace triage::gateway_test
