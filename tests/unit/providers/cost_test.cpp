// tests/golden/prices/usage.json: usage as providers report it, a price, and the cost worked out by hand in nano-USD,
// as tokens times nano-USD each (0.15 USD per million tokens are 150 nano-USD each).
#include "support/padded.hpp"

#include "base/decimal.hpp"
#include "triage/price.hpp"
#include "unit/providers/reading.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace triage {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

template <class Money>
void read_money(const json& price, const char* key, int places, std::optional<Money>& out) {
  if (price.contains(key)) out = Money{parse_decimal(price.at(key).get<std::string>(), places)->units};
}

void read_rates(const json& price, Rates& out) {
  read_money(price, "input", 9, out.input);
  read_money(price, "output", 9, out.output);
  read_money(price, "input_cached", 9, out.input_cached);
  read_money(price, "cache_write", 9, out.cache_write);
  read_money(price, "reasoning", 9, out.reasoning);
  read_money(price, "input_audio", 9, out.input_audio);
  read_money(price, "output_audio", 9, out.output_audio);
  read_money(price, "cache_write_1h", 9, out.cache_write_1h);
  read_money(price, "citations", 9, out.citations);
}

Price price_of(const json& written) {
  Price out;
  read_rates(written, out);
  read_money(written, "image", 15, out.image);
  read_money(written, "request", 15, out.request);
  for (const json& step : written.value("steps", json::array())) {
    read_rates(step, out.steps.emplace_back());
    out.steps.back().above = step.at("above");
  }
  const json search = written.value("search", json::object());
  read_money(search, "low", 15, out.search.low);
  read_money(search, "medium", 15, out.search.medium);
  read_money(search, "high", 15, out.search.high);
  return out;
}

test::WholeReading read_usage(const json& usage) {
  return test::read_whole_answer(json{{"usage", usage}}.dump());
}

std::optional<Usage> usage_of(const json& usage) {
  return read_usage(usage).usage;
}

/// "812*150 + 120*37.5" in nano-USD, rounded half up at the end.
std::int64_t worked_out(const std::string& work) {
  std::int64_t femto = 0;
  std::istringstream terms(work);
  std::int64_t count = 0;
  char mark = 0;
  std::string each;
  while (terms >> count >> mark >> each) {
    EXPECT_EQ(mark, '*') << work;
    femto += count * parse_decimal(each, 6)->units;
    terms >> mark;
  }
  return (femto + 500'000) / 1'000'000;
}

TEST(GoldenCosts, AreWhatWasWorkedOutByHand) {
  const json cases = json::parse(contents(TRIAGE_SOURCE_DIR "/tests/golden/prices/usage.json"));
  EXPECT_GE(cases.size(), 60u);
  for (const json& one : cases) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const test::WholeReading read = read_usage(one.at("usage"));
    ASSERT_TRUE(read.usage);
    Extras extras;
    extras.images = one.value("images", 0);
    extras.searches = read.reported->searches;
    extras.search_size = read.reported->search_size;
    extras.unpriced = read.reported->unpriced;
    const auto cost = cost_nano_usd(price_of(one.at("price")), *read.usage, extras);
    if (one.contains("told_nano_usd")) {
      EXPECT_EQ(read.reported->cost_nano_usd, one.at("told_nano_usd").get<std::int64_t>());
    }
    if (one.at("nano_usd").is_null()) {
      EXPECT_EQ(cost, std::nullopt);
      continue;
    }
    EXPECT_EQ(cost, one.at("nano_usd").get<std::int64_t>());
    // Larger sums than 9.2e18 femto-USD do not fit what the test reckons with.
    if (cost && *cost < 9'000'000'000) {
      EXPECT_EQ(cost, worked_out(one.at("work")));
    }
  }
}

fs::path recordings() {
  const char* shared = std::getenv("TRIAGE_SHARED");
  return fs::path(shared ? shared : TRIAGE_SOURCE_DIR "/../shared") / "data" / "recordings";
}

/// Every usage of the OpenAI API in a recording: of a JSON body, or of one a line.
void find_usages(const json& body, std::vector<json>& out) {
  if (!body.is_object()) return;
  for (const json* holder : {&body, body.contains("x_groq") ? &body["x_groq"] : &body})
    if (holder->is_object() && holder->contains("usage") && (*holder)["usage"].is_object() &&
        (*holder)["usage"].contains("prompt_tokens"))
      out.push_back((*holder)["usage"]);
}

std::vector<json> recorded_usages() {
  std::vector<json> out;
  for (const auto& entry : fs::recursive_directory_iterator(recordings())) {
    if (!entry.is_regular_file()) continue;
    const std::string text = contents(entry.path());
    find_usages(json::parse(text, nullptr, false), out);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      find_usages(json::parse(line.starts_with("data: ") ? line.substr(6) : line, nullptr, false), out);
  }
  return out;
}

std::int64_t figure(const json& usage, const char* pointer) {
  const json::json_pointer at(pointer);
  return usage.contains(at) && usage[at].is_number() ? usage[at].get<std::int64_t>() : 0;
}

/// grok-3-mini, by which the recorded answers of xAI were billed.
Price grok_mini() {
  return price_of({{"input", "0.30"}, {"output", "0.50"}, {"input_cached", "0.075"}});
}

TEST(RecordedCosts, AreWhatTheFiguresSay) {
  if (!fs::exists(recordings())) GTEST_SKIP() << "no recordings at " << recordings() << " (set TRIAGE_SHARED)";
  const Price price = grok_mini();
  const auto usages = recorded_usages();
  EXPECT_GE(usages.size(), 30u);
  for (const json& usage : usages) {
    const std::int64_t input = figure(usage, "/prompt_tokens");
    std::int64_t output = figure(usage, "/completion_tokens");
    if (const std::int64_t total = figure(usage, "/total_tokens"); total > 0) output = total - input;
    std::int64_t cached = figure(usage, "/prompt_tokens_details/cached_tokens");
    for (const char* other : {"/prompt_cache_hit_tokens", "/cached_tokens"})
      cached = std::max(cached, figure(usage, other));
    const auto read = usage_of(usage);
    ASSERT_TRUE(read) << usage;
    EXPECT_EQ(cost_nano_usd(price, *read), (input - cached) * 300 + cached * 75 + output * 500) << usage;
  }
}

TEST(RecordedCosts, AreWhatXaiBilled) {
  if (!fs::exists(recordings())) GTEST_SKIP() << "no recordings at " << recordings() << " (set TRIAGE_SHARED)";
  int bills = 0;
  for (const json& usage : recorded_usages()) {
    if (!usage.contains("cost_in_usd_ticks")) continue;
    ++bills;
    EXPECT_EQ(*cost_nano_usd(grok_mini(), *usage_of(usage)) * 10, usage["cost_in_usd_ticks"].get<std::int64_t>())
        << usage;
  }
  EXPECT_GE(bills, 5);
}

}  // namespace
}  // namespace triage
