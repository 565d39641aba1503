#include "config/quirk_table.hpp"

#include "config/load.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace triage::config {
namespace {

Deployment loaded(const std::string& provider, const std::string& deployment) {
  const Loaded out = load_text(
      "providers: {p: {" + provider + "}}\ndeployments: {d: {provider: p, " + deployment + "}}\n", "triage.yaml");
  for (const Diagnostic& each : out.diagnostics)
    if (each.severity == Diagnostic::error) ADD_FAILURE() << to_string(each);
  return out.spec.deployments.empty() ? Deployment() : out.spec.deployments.front();
}

const std::string anywhere = "base_url: \"https://x.example/v1\"";

TEST(BuiltinQuirks, AreWholeAndDated) {
  Report report;
  const QuirkTable table = read_quirk_table(builtin_quirk_yaml(), "config/quirks.yaml", report);
  for (const Diagnostic& each : report.take()) ADD_FAILURE() << to_string(each);
  EXPECT_EQ(table.date.size(), 10U);
  EXPECT_GE(table.rows.size(), 40U);
  std::set<std::string> above;
  for (const QuirkRow& row : table.rows) {
    EXPECT_TRUE(row.source.starts_with("https://")) << row.name;
    EXPECT_TRUE(row.of.empty() || above.contains(row.of)) << row.name;
    EXPECT_FALSE(row.hosts.empty() && row.models.empty() && row.dialects.empty()) << row.name;
    above.insert(row.name);
  }
}

TEST(Quirks, AreThoseOfTheServersHost) {
  const Deployment mistral = loaded("base_url: \"https://api.mistral.ai/v1\"", "model: mistral-large-latest");
  EXPECT_EQ(mistral.quirks.call_ids, CallIds::nine);
  EXPECT_EQ(mistral.quirks.reply_to_results, true);
  EXPECT_EQ(loaded("base_url: \"https://api.openai.com/v1\"", "model: gpt-4o").quirks.limit,
            LimitWord::max_completion_tokens);
  EXPECT_EQ(loaded("base_url: \"http://127.0.0.1:11434/v1\"", "model: llama3").quirks.image_urls, false);
  EXPECT_FALSE(loaded(anywhere, "model: llama3").quirks.limit);
}

TEST(Quirks, AreThoseOfTheServerThatDialectNames) {
  const Loaded out = load_text(
      "providers: {p: {dialect: cohere, " + anywhere + "}}\ndeployments: {d: {provider: p, model: command-a}}\n",
      "triage.yaml");
  EXPECT_TRUE(out.ok());
  EXPECT_EQ(out.spec.providers.front().dialect, "openai");
  EXPECT_EQ(out.spec.providers.front().server, "cohere");
  EXPECT_EQ(out.spec.deployments.front().quirks.tool_choices, (std::vector{ChoiceWord::none, ChoiceWord::required}));
  EXPECT_FALSE(
      load_text("providers: {p: {dialect: nobody, " + anywhere + "}}\ndeployments: {d: {provider: p}}\n", "triage.yaml")
          .ok());
}

TEST(Quirks, AreThoseOfTheModelsFamilyWhereverItIsServed) {
  for (const char* const model :
       {"claude-opus-4-7", "anthropic/claude-opus-4.7", "us.anthropic.claude-opus-4-7-v1:0"}) {
    const Deployment claude = loaded(anywhere, "model: \"" + std::string(model) + "\"");
    EXPECT_EQ(claude.thinking, Thinking::adaptive) << model;
    EXPECT_EQ(claude.sampling, false) << model;
    EXPECT_EQ(claude.quirks.prefill, false) << model;
  }
  EXPECT_EQ(loaded(anywhere, "model: claude-sonnet-4-5").thinking, Thinking::budget);
  EXPECT_EQ(loaded(anywhere, "model: claude-fable-5").quirks.tool_choices, std::vector{ChoiceWord::none});
  EXPECT_EQ(loaded(anywhere, "model: gemini-2.5-flash").thinking, Thinking::budget);
  const Deployment gemini = loaded(anywhere, "model: gemini-3-pro-preview");
  EXPECT_EQ(gemini.thinking, Thinking::level);
  EXPECT_EQ(gemini.quirks.unsigned_calls, "skip_thought_signature_validator");
  EXPECT_EQ(loaded(anywhere, "model: o3-mini").quirks.limit, LimitWord::max_completion_tokens);
  EXPECT_EQ(loaded(anywhere, "model: gpt-5.1").quirks.sampling_with_thinking, false);
  EXPECT_EQ(loaded(anywhere, "model: gpt-5-mini").sampling, false);
}

TEST(Quirks, OwnOnesGoBeforeThoseOfTheProviderAndThoseBeforeTheTable) {
  const std::string provider = "base_url: \"https://api.mistral.ai/v1\", quirks: {call_ids: any, seed: rs}";
  const Deployment first = loaded(provider, "model: m");
  EXPECT_EQ(first.quirks.call_ids, CallIds::any);
  EXPECT_EQ(first.quirks.seed, "rs");
  EXPECT_EQ(first.quirks.reply_to_results, true);
  const Deployment second = loaded(provider, "model: m, quirks: {seed: own, tool_choices: [], sent_thoughts: none}");
  EXPECT_EQ(second.quirks.seed, "own");
  EXPECT_EQ(second.quirks.tool_choices, std::vector<ChoiceWord>());
  EXPECT_EQ(second.quirks.sent_thoughts, SentThoughts::no);
}

TEST(Quirks, WhatTheConfigurationSaysOfThinkingStays) {
  const Deployment claude = loaded(anywhere, "model: claude-opus-4-7, thinking: budget, sampling: true");
  EXPECT_EQ(claude.thinking, Thinking::budget);
  EXPECT_EQ(claude.sampling, true);
}

TEST(Quirks, ARowOfAnotherHoldsWhereThatOneDoes) {
  const auto rows = [](const std::string& host, const std::string& model) {
    Provider provider;
    provider.base_url.host = host;
    Deployment deployment;
    deployment.model = model;
    std::set<std::string> out;
    for (const QuirkRow* const row : rows_for(builtin_quirks(), deployment, provider)) out.insert(row->name);
    return out;
  };
  EXPECT_EQ(rows("api.groq.com", "qwen/qwen3-32b"), (std::set<std::string>{"groq", "groq-qwen"}));
  EXPECT_EQ(rows("x.example", "qwen/qwen3-32b"), std::set<std::string>());
}

}  // namespace
}  // namespace triage::config
