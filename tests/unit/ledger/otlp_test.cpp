// Records as OpenTelemetry has them. Names are those of the semantic conventions for generative AI.
#include "ledger/otlp.hpp"

#include "base/span_id.hpp"
#include "support/padded.hpp"
#include "support/sample_record.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage::ledger {
namespace {

using nlohmann::json;

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const OtlpService service{"triage", "1.2.3"};

class OtlpTest : public testing::Test {
 protected:
  OtlpTest() {
    Provider provider;
    provider.name = "openai";
    provider.dialect = "openai";
    provider.base_url = {true, "api.openai.com", 443, "/v1"};
    providers_ = otlp_providers({provider});
    record_.trace_id = trace;
    record_.trace_sampled = true;
  }
  // As it is read back from the journal.
  const StoredRecord& stored() {
    text_.emplace(json_of(record_));
    EXPECT_TRUE(reader_.read(text_->view(), stored_));
    return stored_;
  }
  json spans() { return json::parse("[" + spans_of(stored(), providers_) + "]"); }
  static json attribute(const json& span, const std::string& key) {
    for (const json& each : span.at("attributes"))
      if (each.at("key") == key) return *each.at("value").begin();
    return nullptr;
  }

  LedgerRecord record_ = sample_record("req_1", 3);
  OtlpProviders providers_;
  RecordReader reader_;
  StoredRecord stored_;
  std::optional<test::Padded> text_;
};

TEST_F(OtlpTest, ARequestIsASpanWithOneForEachAttempt) {
  record_.trace_parent = "00f067aa0ba902b7";
  const json all = spans();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["spanId"], span_id("req_1", 0));
  EXPECT_EQ(all[0]["parentSpanId"], "00f067aa0ba902b7");
  EXPECT_EQ(all[0]["startTimeUnixNano"], "1795000000003000000");
  EXPECT_EQ(all[0]["endTimeUnixNano"], "1795000000934003000");
  EXPECT_EQ(all[0]["events"][0]["name"], "triage.router");
  EXPECT_EQ(all[1]["spanId"], span_id("req_1", 1));
  EXPECT_EQ(all[1]["status"]["code"], 2);
  const json& last = all[2];
  EXPECT_EQ(last["traceId"], trace);
  EXPECT_EQ(last["parentSpanId"], all[0]["spanId"]);
  EXPECT_EQ(last["name"], "chat gpt-4o");
  EXPECT_EQ(last["kind"], 3);
  EXPECT_EQ(last["startTimeUnixNano"], "1795000000033500000");
  EXPECT_EQ(attribute(last, "gen_ai.provider.name"), "openai");
  EXPECT_EQ(attribute(last, "gen_ai.usage.input_tokens"), "812");
  EXPECT_EQ(attribute(last, "gen_ai.usage.cache_read.input_tokens"), "100");
  EXPECT_EQ(attribute(last, "gen_ai.usage.reasoning.output_tokens"), "7");
  EXPECT_EQ(attribute(last, "server.address"), "api.openai.com");
  EXPECT_EQ(attribute(last, "server.port"), "443");
  EXPECT_EQ(attribute(last, "gen_ai.response.time_to_first_chunk"), 0.21);
}

TEST_F(OtlpTest, QuestionsOfRoutersAndVerifiersHaveSpansAroundThem) {
  record_.attempts[0].purpose = Purpose::route;
  record_.attempts[1].purpose = Purpose::verify;
  const json all = spans();
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[1]["name"], "router");
  EXPECT_EQ(all[2]["parentSpanId"], all[1]["spanId"]);
  EXPECT_EQ(all[3]["name"], "verifier");
  EXPECT_EQ(all[4]["parentSpanId"], all[3]["spanId"]);
  EXPECT_EQ(all[3]["parentSpanId"], all[0]["spanId"]);
}

TEST_F(OtlpTest, OnlyWhatIsSampledIsSent) {
  record_.trace_sampled = false;
  EXPECT_EQ(spans_of(stored(), providers_), "");
  record_.trace_sampled = true;
  record_.trace_id = {};
  EXPECT_EQ(spans_of(stored(), providers_), "");
}

TEST_F(OtlpTest, AnExportIsJsonWhateverWasSaid) {
  record_.model_requested = "a\xff\"b";
  const json body = json::parse(traces_body(service, spans_of(stored(), providers_)));
  EXPECT_EQ(body["resourceSpans"][0]["scopeSpans"][0]["spans"].size(), 3u);
  EXPECT_EQ(attribute(body["resourceSpans"][0]["resource"], "service.name"), "triage");
  EXPECT_EQ(body["resourceSpans"][0]["scopeSpans"][0]["scope"]["version"], "1.2.3");
}

TEST_F(OtlpTest, ProvidersHaveTheirWellKnownNames) {
  const struct {
    const char* dialect;
    const char* host;
    const char* name;
  } cases[] = {{"anthropic", "x", "anthropic"},
               {"bedrock", "x", "aws.bedrock"},
               {"vertex", "x", "gcp.vertex_ai"},
               {"gemini", "x", "gcp.gemini"},
               {"azure", "x", "azure.ai.openai"},
               {"openai", "api.openai.com", "openai"},
               {"openai", "api.mistral.ai", "mistral_ai"},
               {"openai", "llm.internal", "mine"}};
  for (const auto& each : cases) {
    Provider provider;
    provider.name = "mine";
    provider.dialect = each.dialect;
    provider.base_url.host = each.host;
    EXPECT_EQ(otlp_providers({provider}).at("mine").name, each.name);
  }
}

TEST_F(OtlpTest, CallsAreHistograms) {
  OtlpMetrics metrics(1'795'000'000'000);
  EXPECT_TRUE(metrics.empty());
  for (int i = 0; i < 2; ++i) metrics.add(stored(), providers_);
  const json body = json::parse(metrics.body(service, 1'795'000'060'000));
  const json& all = body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"];
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["name"], "gen_ai.client.token.usage");
  EXPECT_EQ(all[0]["unit"], "{token}");
  ASSERT_EQ(all[0]["histogram"]["dataPoints"].size(), 2u);  // input and output
  for (const json& point : all[0]["histogram"]["dataPoints"]) {
    EXPECT_EQ(point["count"], "2");
    EXPECT_EQ(point["sum"], attribute(point, "gen_ai.token.type") == "input" ? 1624 : 240);
    EXPECT_EQ(point["bucketCounts"].size(), point["explicitBounds"].size() + 1);
    EXPECT_EQ(point["startTimeUnixNano"], "1795000000000000000");
    EXPECT_EQ(point["timeUnixNano"], "1795000060000000000");
  }
  EXPECT_EQ(all[1]["name"], "gen_ai.client.operation.duration");
  ASSERT_EQ(all[1]["histogram"]["dataPoints"].size(), 2u);  // with an error and without
  EXPECT_EQ(all[2]["name"], "gen_ai.client.operation.time_to_first_chunk");
}

TEST_F(OtlpTest, WhatClientsNameMakesNoSeries) {
  OtlpMetrics metrics(0);
  for (const char* model : {"one", "two", "three"}) {
    for (AttemptRecord& attempt : record_.attempts) {
      attempt.deployment = {};
      attempt.model = model;
    }
    metrics.add(stored(), providers_);
  }
  const json body = json::parse(metrics.body(service, 1));
  EXPECT_EQ(body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["histogram"]["dataPoints"].size(), 2u);
}

}  // namespace
}  // namespace triage::ledger
