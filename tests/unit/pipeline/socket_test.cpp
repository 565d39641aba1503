// What the relay of WebSockets knows of events, models and usage.
#include "pipeline/socket/event.hpp"
#include "pipeline/socket/model_guard.hpp"
#include "pipeline/socket/socket_route.hpp"
#include "pipeline/socket/usage_meter.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

using test::Padded;

TEST(SocketEvents, TheirTypeIsFoundWhereverItStands) {
  const auto kind = [](std::string_view text) { return kind_of_event(Padded(text).view()); };
  EXPECT_EQ(kind(R"({"type":"response.create"})"), SocketEventKind::asks);
  EXPECT_EQ(kind(R"({"response":{"type":"response.done"},"type":"response.created"})"), SocketEventKind::begins);
  EXPECT_EQ(kind(R"({"event_id":"e","type":"response\u002edone","response":{}})"), SocketEventKind::ends);
  EXPECT_EQ(kind(R"({"type":"response.completed"})"), SocketEventKind::ends);
  EXPECT_EQ(kind(R"({"type":"error"})"), SocketEventKind::fails);
  for (const char* other : {"", "{", "[]", "1", R"({"type":1})", R"({"type":"response.output_text.delta"})",
                            R"({"typ":"error"})", R"({"type":"response.done)", "{\"a\":[}"})
    EXPECT_EQ(kind(other), SocketEventKind::other) << other;
}

TEST(SocketEvents, AnErrorIsAnEvent) {
  EXPECT_EQ(error_as_event(400, R"({"error":{"message":"m"}})"),
            R"({"type":"error","status":400,"error":{"message":"m"}})");
}

std::string passed(const ModelGuard& guard, std::string_view event) {
  const Padded padded(event);
  std::string storage;
  const auto result = guard.pass(padded.view(), storage);
  return result ? std::string(*result) : "refused: " + std::string(traits(result.error().code).name);
}

TEST(ModelGuard, TheModelOfTheConnectionIsReplacedInPlace) {
  const ModelGuard guard("auto", "gpt-\"1\"", true, 64);
  EXPECT_EQ(passed(guard, R"( {"type":"response.create", "model" : "auto" ,"input":"Z\u00f6"} )"),
            R"( {"type":"response.create", "model" : "gpt-\"1\"" ,"input":"Z\u00f6"} )");
  EXPECT_EQ(passed(guard, R"({"type":"session.update","session":{"model":"a\u0075to","x":1}})"),
            R"({"type":"session.update","session":{"model":"gpt-\"1\"","x":1}})");
  EXPECT_EQ(passed(guard, R"({"model":"gpt-\"1\""})"), R"({"model":"gpt-\"1\""})");
  EXPECT_EQ(passed(guard, R"({"type":"response.create"})"), R"({"type":"response.create"})");
  EXPECT_EQ(passed(guard, R"({"session":{"audio":{"input":{"transcription":{"model":"whisper-1"}}}}})"),
            R"({"session":{"audio":{"input":{"transcription":{"model":"whisper-1"}}}}})");
}

TEST(ModelGuard, WhatCannotBeToldIsRefusedWhereItMatters) {
  const char* const odd[] = {R"({"model":"other"})",
                             R"({"session":{"model":"other"}})",
                             R"({"model":"auto","session":{"model":"auto"}})",
                             R"({"model":["auto"]})",
                             R"({"Model":"other"})",
                             R"({"models":["other"]})",
                             R"({"model":""})"};
  const ModelGuard bound("auto", "own", true, 64);
  const ModelGuard unbound("auto", "auto", false, 64);
  for (const char* event : odd) {
    EXPECT_EQ(passed(bound, event), "refused: invalid_value") << event;
    EXPECT_EQ(passed(unbound, event), event);
  }
  EXPECT_EQ(passed(bound, R"({"model":"own","model":"other"})"), "refused: invalid_json");
  EXPECT_EQ(passed(bound, "{no"), "refused: invalid_json");
  EXPECT_EQ(passed(unbound, "{no"), "{no");
}

Price price() {
  Price out;
  out.input = Rate{4'000'000'000};
  out.input_cached = Rate{400'000'000};
  out.output = Rate{16'000'000'000};
  out.input_audio = Rate{32'000'000'000};
  out.output_audio = Rate{64'000'000'000};
  return out;
}

// OpenAI's API reference, "response.done".
constexpr const char* done =
    R"({"type":"response.done","response":{"id":"r","usage":{"total_tokens":253,"input_tokens":132,"output_tokens":121,
"input_token_details":{"text_tokens":119,"audio_tokens":13,"image_tokens":0,"cached_tokens":64,
"cached_tokens_details":{"text_tokens":60,"audio_tokens":4,"image_tokens":0}},
"output_token_details":{"text_tokens":30,"audio_tokens":91}}}})";
constexpr std::int64_t done_cost = 59 * 4000 + 64 * 400 + 9 * 32'000 + 30 * 16'000 + 91 * 64'000;

struct Settled {
  AttemptRecord record;
  Extras extras;
  explicit Settled(const UsageMeter& meter) { meter.settle(record, extras); }
};

TEST(UsageMeter, EachTokenOfATalkIsBilledOnce) {
  const Price rates = price();
  UsageMeter meter(&rates, 1 << 20);
  EXPECT_EQ(Settled(meter).record.cost_nano_usd, 0);
  meter.sent(Padded(R"({"type":"response.create"})").view());
  EXPECT_TRUE(meter.busy());
  EXPECT_EQ(Settled(meter).record.cost_nano_usd, std::nullopt);
  meter.came(Padded(R"({"type":"response.created"})").view());
  meter.came(Padded(R"({"type":"response.output_text.delta","delta":"x"})").view());
  EXPECT_TRUE(meter.busy());
  meter.came(Padded(done).view());
  EXPECT_FALSE(meter.busy());
  EXPECT_EQ(Settled(meter).record.cost_nano_usd, done_cost);
  EXPECT_EQ(meter.take_news().cost_nano_usd, done_cost);
  EXPECT_EQ(meter.take_news().cost_nano_usd, 0);
  meter.came(Padded(done).view());
  EXPECT_EQ(Settled(meter).record.cost_nano_usd, 2 * done_cost);
  EXPECT_EQ(Settled(meter).record.tokens.output, 2 * 121);
  EXPECT_EQ(Settled(meter).record.usage_source, UsageSource::reported);
}

TEST(UsageMeter, OneResponseOfUnknownCostMakesAllUnknown) {
  const Price rates = price();
  UsageMeter meter(&rates, 1 << 20);
  meter.came(Padded(done).view());
  meter.came(Padded(R"({"type":"response.done","response":{"usage":null}})").view());
  EXPECT_EQ(Settled(meter).record.cost_nano_usd, std::nullopt);
  EXPECT_TRUE(meter.take_news().unknown);
  UsageMeter foreign(nullptr, 1 << 20);
  foreign.came(Padded(done).view());
  EXPECT_EQ(Settled(foreign).record.cost_nano_usd, std::nullopt);
  EXPECT_EQ(Settled(foreign).record.tokens.input, 132);
}

TEST(UsageMeter, AnErrorAnswersWhatWasAskedFor) {
  UsageMeter meter(nullptr, 1 << 20);
  meter.sent(Padded(R"({"type":"response.create"})").view());
  meter.came(Padded(R"({"type":"error","error":{}})").view());
  EXPECT_FALSE(meter.busy());
  EXPECT_EQ(Settled(meter).record.cost_nano_usd, 0);
}

TEST(SocketRoute, TheModelInAQueryIsFoundAndReplaced) {
  EXPECT_EQ(*model_in_query(""), "");
  EXPECT_EQ(*model_in_query("a=b&model=gpt%2Freal+time&c"), "gpt/real time");
  EXPECT_EQ(*model_in_query("%6dodel=x"), "x");
  EXPECT_FALSE(model_in_query("model=a&model=b"));
  EXPECT_EQ(query_with_model("a=b&model=auto&c=%20&api-key=tk-1", "my/model 1"), "a=b&model=my%2Fmodel%201&c=%20");
  EXPECT_EQ(query_with_model("model=auto", ""), "model=auto");
  EXPECT_EQ(query_with_model("call_id=rtc_1", "m"), "call_id=rtc_1");
}

}  // namespace
}  // namespace triage
