// Providers differ in which counts include which others, and the counts themselves have to tell. P, C, T: input,
// output, total; K, W: tokens read from and written to a cache; R: reasoning; I: citations.
//
//   T = P + C            OpenAI: P includes K and W, C includes R
//   T = P + C + R        xAI: C excludes R. Gemini does not report R: it is what T has beyond P and C
//   T = P + C + K + W    gateways to Anthropic and Bedrock: P excludes K and W, or one of them
//   K + W > P, R > C     P excludes K and W, C excludes R, whatever T is
//   no T, input_tokens   Anthropic's own API: P excludes K and W
//   hits + misses        DeepSeek: their sum is P
//   R beside C, I        Perplexity: C excludes R, T excludes R and I
#include "answer/usage.hpp"

#include <algorithm>

namespace triage {
namespace {

using Report = UsageReport;
constexpr std::int64_t Report::*counts[] = {
    &Report::input,       &Report::output,       &Report::total,      &Report::cached,    &Report::missed,
    &Report::written,     &Report::written_5m,   &Report::written_1h, &Report::reasoning, &Report::reasoning_beside,
    &Report::input_audio, &Report::output_audio, &Report::citations,  &Report::searches,  &Report::unpriced};
constexpr std::int64_t Report::*of_output[] = {&Report::output, &Report::reasoning, &Report::reasoning_beside,
                                               &Report::output_audio};

/// The cached and written tokens that the input excludes. `unnamed`: what the total has beyond input and output.
std::int64_t cached_beside(const Report& said, std::int64_t written, std::int64_t reasoning, std::int64_t unnamed) {
  const std::int64_t all = said.cached + written;
  for (const std::int64_t some : {all, said.cached, written})
    if (some > 0 && (unnamed == some || unnamed == some + reasoning)) return some;
  return all > said.input || (said.anthropic && said.total == 0) ? all : 0;
}

}  // namespace

void merge(const UsageReport& more, UsageReport& into) noexcept {
  for (const auto count : counts) into.*count = std::max(into.*count, more.*count);
  if (more.cost_nano_usd) into.cost_nano_usd = std::max(into.cost_nano_usd, more.cost_nano_usd);
  if (more.search_size) into.search_size = more.search_size;
  into.anthropic = into.anthropic || more.anthropic;
}

void add_choice(const UsageReport& choice, UsageReport& into) noexcept {
  UsageReport sum = choice;
  for (const auto count : of_output) sum.*count += into.*count;
  if (choice.total > 0 && into.total > 0) sum.total = into.total + choice.output;
  merge(sum, into);
}

Usage settled(const UsageReport& said) noexcept {
  Usage out;
  const std::int64_t written = std::max(said.written, said.written_5m + said.written_1h);
  out.input = said.missed > 0 ? std::max(said.input, said.cached + said.missed) : said.input;
  if (out.input == 0) out.input = std::max<std::int64_t>(0, said.total - said.output);
  out.input_cached = said.cached;
  out.cache_write = written;
  out.cache_write_1h = said.written_1h;
  out.input_audio = said.input_audio;
  out.output = said.output;
  out.output_audio = said.output_audio;
  out.reasoning = std::max(said.reasoning, said.reasoning_beside);
  out.citations = said.citations;

  std::int64_t unnamed = std::max<std::int64_t>(0, said.total - out.input - out.output);
  if (unnamed == said.citations || unnamed == said.citations + out.reasoning) unnamed -= said.citations;
  UsageReport found = said;
  found.input = out.input;
  if (const std::int64_t beside = cached_beside(found, written, out.reasoning, unnamed); beside > 0) {
    out.input += beside;
    unnamed = std::max<std::int64_t>(0, unnamed - beside);
  }
  if (out.reasoning == 0) out.reasoning = unnamed;
  const bool searched = said.citations > 0 || said.searches > 0 || said.search_size;
  const bool apart = out.reasoning > said.output || (unnamed > 0 && out.reasoning == unnamed) ||
                     (said.reasoning_beside > 0 && searched);
  if (apart) out.output += out.reasoning;
  return out;
}

}  // namespace triage
