#include "triage/price.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace triage {
namespace {

constexpr std::int64_t nano = 1'000'000;  // femto-USD
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

// In nano-USD per token, as 0.15 USD per million tokens is 150.
Rate per_token(std::int64_t nano_usd) {
  return Rate{nano_usd * nano};
}

Price mini() {
  Price price;
  price.input = per_token(150);
  price.output = per_token(600);
  return price;
}

Usage tokens(std::int64_t input, std::int64_t output) {
  Usage usage;
  usage.input = input;
  usage.output = output;
  return usage;
}

Extras images(std::int64_t count) {
  Extras extras;
  extras.images = count;
  return extras;
}

TEST(Cost, IsTokensTimesRates) {
  EXPECT_EQ(cost_nano_usd(mini(), tokens(812, 120)), 812 * 150 + 120 * 600);
  EXPECT_EQ(cost_nano_usd(mini(), Usage()), 0);
}

TEST(Cost, IsNotKnownWithoutARateOfBothKinds) {
  EXPECT_EQ(cost_nano_usd(Price(), tokens(1, 1)), std::nullopt);
  EXPECT_EQ(cost_nano_usd(Price(), Usage()), std::nullopt);
  Price price = mini();
  price.output.reset();
  EXPECT_EQ(cost_nano_usd(price, tokens(1, 0)), std::nullopt);
  price = mini();
  price.input.reset();
  EXPECT_EQ(cost_nano_usd(price, tokens(0, 1)), std::nullopt);
}

TEST(Cost, OfZeroRatesIsZero) {
  Price price;
  price.input = Rate{0};
  price.output = Rate{0};
  EXPECT_EQ(cost_nano_usd(price, tokens(1'000'000, 1'000'000)), 0);
}

TEST(Cost, CachedAndWrittenTokensArePartOfTheInput) {
  Price price = mini();
  price.input_cached = per_token(75);
  price.cache_write = per_token(200);
  Usage usage = tokens(1'000, 10);
  usage.input_cached = 600;
  usage.cache_write = 100;
  EXPECT_EQ(cost_nano_usd(price, usage), 300 * 150 + 600 * 75 + 100 * 200 + 10 * 600);
  price.input_cached.reset();  // without a rate of their own they cost what input costs
  price.cache_write.reset();
  EXPECT_EQ(cost_nano_usd(price, usage), 1'000 * 150 + 10 * 600);
}

TEST(Cost, ReasoningIsPartOfTheOutput) {
  Price price = mini();
  Usage usage = tokens(0, 100);
  usage.reasoning = 80;
  EXPECT_EQ(cost_nano_usd(price, usage), 100 * 600);
  price.reasoning = per_token(1'000);
  EXPECT_EQ(cost_nano_usd(price, usage), 20 * 600 + 80 * 1'000);
}

TEST(Cost, AudioNeedsARateOfItsOwn) {
  Price price = mini();
  Usage usage = tokens(100, 50);
  usage.input_audio = 30;
  EXPECT_EQ(cost_nano_usd(price, usage), std::nullopt);
  price.input_audio = per_token(10'000);
  EXPECT_EQ(cost_nano_usd(price, usage), 70 * 150 + 30 * 10'000 + 50 * 600);
  usage.output_audio = 20;
  EXPECT_EQ(cost_nano_usd(price, usage), std::nullopt);
  price.output_audio = per_token(20'000);
  EXPECT_EQ(cost_nano_usd(price, usage), 70 * 150 + 30 * 10'000 + 30 * 600 + 20 * 20'000);
}

TEST(Cost, LongRequestsAreBilledAsAWholeAtTheUpperRate) {
  Price price = mini();
  price.input_cached = per_token(15);
  PriceStep& step = price.steps.emplace_back();
  step.above = 200'000;
  step.input = per_token(300);
  step.output = per_token(900);
  EXPECT_EQ(cost_nano_usd(price, tokens(200'000, 10)), 200'000 * 150 + 10 * 600);
  EXPECT_EQ(cost_nano_usd(price, tokens(200'001, 10)), 200'001 * 300 + 10 * 900);
  Usage usage = tokens(200'001, 10);
  usage.input_cached = 1;  // the step names no cached rate: it stays
  EXPECT_EQ(cost_nano_usd(price, usage), 200'000 * 300 + 15 + 10 * 900);
  price.input_cached.reset();  // nor has the price one: as the step's input
  EXPECT_EQ(cost_nano_usd(price, usage), 200'001 * 300 + 10 * 900);
}

TEST(Cost, OfSeveralStepsTheHighestPassedCounts) {
  Price price = mini();
  for (const std::int64_t above : {256'000, 32'000, 128'000}) {  // in any order
    PriceStep& step = price.steps.emplace_back();
    step.above = above;
    step.input = per_token(above / 1'000);
  }
  price.steps[1].output = per_token(700);
  EXPECT_EQ(cost_nano_usd(price, tokens(32'000, 0)), 32'000 * 150);
  EXPECT_EQ(cost_nano_usd(price, tokens(32'001, 1)), 32'001 * 32 + 700);
  EXPECT_EQ(cost_nano_usd(price, tokens(128'001, 1)), 128'001 * 128 + 700);
  EXPECT_EQ(cost_nano_usd(price, tokens(256'001, 1)), 256'001 * 256 + 700);
}

TEST(Cost, ImagesAndRequestsAreCharged) {
  Price price = mini();
  price.image = Charge{2'000 * nano};
  price.request = Charge{5'000'000 * nano};
  EXPECT_EQ(cost_nano_usd(price, tokens(10, 1), images(3)), 10 * 150 + 600 + 3 * 2'000 + 5'000'000);
  EXPECT_EQ(cost_nano_usd(price, tokens(10, 1), images(-3)), 10 * 150 + 600 + 5'000'000);
}

TEST(Cost, WhatIsWrittenForAnHourNeedsARateOfItsOwn) {
  Price price = mini();
  price.cache_write = per_token(200);
  Usage usage = tokens(1'000, 10);
  usage.cache_write = 700;
  usage.cache_write_1h = 300;
  EXPECT_EQ(cost_nano_usd(price, usage), std::nullopt);
  price.cache_write_1h = per_token(400);
  EXPECT_EQ(cost_nano_usd(price, usage), 300 * 150 + 400 * 200 + 300 * 400 + 10 * 600);
  usage.cache_write_1h = 5'000;  // more than was written at all
  EXPECT_EQ(cost_nano_usd(price, usage), 300 * 150 + 700 * 400 + 10 * 600);
}

TEST(Cost, CitationsAndSearchesNeedPricesOfTheirOwn) {
  Price price = mini();
  Usage usage = tokens(10, 1);
  usage.citations = 100;
  EXPECT_EQ(cost_nano_usd(price, usage), std::nullopt);
  price.citations = per_token(20);
  EXPECT_EQ(cost_nano_usd(price, usage), 10 * 150 + 600 + 100 * 20);
  Extras extras;
  extras.searches = 3;
  EXPECT_EQ(cost_nano_usd(price, tokens(10, 1), extras), std::nullopt);
  price.search.low = Charge{5'000 * nano};
  EXPECT_EQ(cost_nano_usd(price, tokens(10, 1), extras), std::nullopt);  // without a size it is medium
  price.search.medium = Charge{8'000 * nano};
  EXPECT_EQ(cost_nano_usd(price, tokens(10, 1), extras), 10 * 150 + 600 + 3 * 8'000);
  extras.search_size = SearchSize::low;
  EXPECT_EQ(cost_nano_usd(price, tokens(10, 1), extras), 10 * 150 + 600 + 3 * 5'000);
  extras.search_size = SearchSize::high;
  EXPECT_EQ(cost_nano_usd(price, tokens(10, 1), extras), std::nullopt);
  extras.searches = 0;
  EXPECT_EQ(cost_nano_usd(price, tokens(10, 1), extras), 10 * 150 + 600);
  extras.unpriced = 1;
  EXPECT_EQ(cost_nano_usd(price, tokens(10, 1), extras), std::nullopt);
}

TEST(Cost, OfAServiceTierIsItsOwnOrNotKnown) {
  Price price = mini();
  PriceStep& step = price.steps.emplace_back();
  step.above = 1'000;
  step.input = per_token(300);
  ServiceTierPrice& flex = price.service_tiers.emplace_back();
  flex.name = "flex";
  flex.input = per_token(75);
  flex.output = per_token(300);
  Extras extras;
  for (const char* usual : {"", "default", "standard", "auto", "on_demand"}) {
    extras.service_tier = usual;
    EXPECT_EQ(cost_nano_usd(price, tokens(10, 1), extras), 10 * 150 + 600) << usual;
  }
  for (const char* unknown : {"priority", "batch", "scale", "Flex"}) {
    extras.service_tier = unknown;
    EXPECT_EQ(cost_nano_usd(price, tokens(10, 1), extras), std::nullopt) << unknown;
  }
  extras.service_tier = "flex";
  EXPECT_EQ(cost_nano_usd(price, tokens(10, 1), extras), 10 * 75 + 300);
  Usage cached = tokens(10, 1);
  cached.input_cached = 4;
  price.input_cached = per_token(1);  // of the usual price
  EXPECT_EQ(cost_nano_usd(price, cached, extras), 10 * 75 + 300);
  EXPECT_EQ(cost_nano_usd(price, tokens(1'000, 0), extras), 1'000 * 75);
  EXPECT_EQ(cost_nano_usd(price, tokens(1'001, 0), extras), std::nullopt);  // flex has no step of its own
  PriceStep& long_flex = price.service_tiers.front().steps.emplace_back();
  long_flex.above = 1'000;
  long_flex.input = per_token(150);
  EXPECT_EQ(cost_nano_usd(price, tokens(1'001, 1), extras), 1'001 * 150 + 300);
  price.service_tiers.front().name = "priority";
  extras.service_tier = "fast";
  EXPECT_EQ(cost_nano_usd(price, tokens(10, 1), extras), 10 * 75 + 300);
}

TEST(Cost, IsRoundedOnceHalfUp) {
  Price price;
  price.input = Rate{nano / 2};
  price.output = Rate{nano / 2};
  EXPECT_EQ(cost_nano_usd(price, tokens(1, 0)), 1);  // half up
  EXPECT_EQ(cost_nano_usd(price, tokens(1, 1)), 1);  // not twice
  EXPECT_EQ(cost_nano_usd(price, tokens(2, 1)), 2);
  price.input = Rate{nano / 2 - 1};
  price.output = Rate{1};
  EXPECT_EQ(cost_nano_usd(price, tokens(1, 0)), 0);
  EXPECT_EQ(cost_nano_usd(price, tokens(1, 1)), 1);
  EXPECT_EQ(cost_nano_usd(price, tokens(0, 499'999)), 0);
  EXPECT_EQ(cost_nano_usd(price, tokens(0, 500'000)), 1);
  EXPECT_EQ(cost_nano_usd(price, tokens(0, 1'499'999)), 1);
}

TEST(Cost, NoTokenIsBilledTwiceWhateverTheFigures) {
  Price price = mini();
  price.input_cached = per_token(15);
  price.cache_write = per_token(200);
  price.input_audio = per_token(1'000);
  Usage usage = tokens(100, 10);
  usage.input_cached = 500;  // more than the input
  usage.cache_write = 50;
  usage.input_audio = 7;
  usage.reasoning = 40;
  EXPECT_EQ(cost_nano_usd(price, usage), 100 * 15 + 10 * 600);
  usage.input_cached = 70;
  EXPECT_EQ(cost_nano_usd(price, usage), 70 * 15 + 30 * 200 + 10 * 600);
  usage = tokens(-5, -5);
  usage.input_cached = -100;
  usage.reasoning = -100;
  EXPECT_EQ(cost_nano_usd(price, usage), 0);
}

TEST(Cost, OfHugeCountsNeitherOverflowsNorWraps) {
  Price price = mini();
  EXPECT_EQ(cost_nano_usd(price, tokens(billed_tokens_max, 0)), billed_tokens_max * 150);
  EXPECT_EQ(cost_nano_usd(price, tokens(most, 0)), billed_tokens_max * 150);
  price.input = Rate{most};
  price.output = Rate{most};
  price.image = Charge{most};
  price.request = Charge{most};
  EXPECT_EQ(cost_nano_usd(price, tokens(most, most), images(most)), most);
  Usage usage = tokens(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::min());
  price = mini();
  EXPECT_EQ(cost_nano_usd(price, usage), 0);
}

}  // namespace
}  // namespace triage
