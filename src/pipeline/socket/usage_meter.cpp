#include "pipeline/socket/usage_meter.hpp"

#include "answer/usage.hpp"
#include "openai/answer_usage.hpp"

#include <algorithm>

namespace triage {
namespace {

void add(const Usage& more, Usage& into) noexcept {
  into.input += more.input;
  into.input_cached += more.input_cached;
  into.cache_write += more.cache_write;
  into.output += more.output;
  into.reasoning += more.reasoning;
  into.input_audio += more.input_audio;
  into.output_audio += more.output_audio;
  into.cache_write_1h += more.cache_write_1h;
  into.citations += more.citations;
}

}  // namespace

void UsageMeter::sent(std::string_view event) noexcept {
  if (kind_of_event(event) == SocketEventKind::asks) ++asked_;
}

void UsageMeter::came(std::string_view event) {
  switch (kind_of_event(event)) {
    case SocketEventKind::begins:
      asked_ = std::max<std::int64_t>(0, asked_ - 1);
      ++begun_;
      return;
    case SocketEventKind::ends:
      if (begun_ == 0) asked_ = std::max<std::int64_t>(0, asked_ - 1);
      begun_ = std::max<std::int64_t>(0, begun_ - 1);
      return count(event, price_);
    case SocketEventKind::transcribes: return count(event, nullptr);
    case SocketEventKind::fails: asked_ = std::max<std::int64_t>(0, asked_ - 1); return;
    case SocketEventKind::asks:
    case SocketEventKind::other: return;
  }
}

void UsageMeter::count(std::string_view event, const Price* price) {
  AnswerUsage said(AnswerUsage::Form::json, event_bytes_max_);
  said.feed(event);
  said.end();
  if (!said.usage()) {
    unknown_ = news_.unknown = true;
    return;
  }
  const UsageReport& report = *said.usage();
  reported_ = true;
  const Usage tokens = settled(report);
  Extras extras;
  extras.service_tier = said.service_tier();
  extras.searches = std::max(report.searches, said.searches());
  extras.unpriced = report.unpriced + said.billed_tools();
  std::optional<std::int64_t> cost = price != nullptr ? cost_nano_usd(*price, tokens, extras) : std::nullopt;
  if (report.cost_nano_usd) provider_cost_ = provider_cost_.value_or(0) + *report.cost_nano_usd;
  if (!cost && report.cost_nano_usd) {
    cost = report.cost_nano_usd;
    by_provider_ = true;
  }
  add(tokens, tokens_);
  add(tokens, news_.tokens);
  cost_ += cost.value_or(0);
  news_.cost_nano_usd += cost.value_or(0);
  if (!cost) unknown_ = news_.unknown = true;
  searches_ += extras.searches;
  unpriced_ += extras.unpriced;
  if (!said.service_tier().empty()) service_tier_ = said.service_tier();
}

void UsageMeter::settle(AttemptRecord& record, Extras& extras) const {
  record.tokens = tokens_;
  if (reported_) record.usage_source = UsageSource::reported;
  record.provider_cost_nano_usd = provider_cost_;
  record.service_tier = service_tier_;
  extras.service_tier = record.service_tier;
  extras.searches = searches_;
  extras.unpriced = unpriced_;
  if (searches_ > 0) record.searches = searches_;
  record.cost_nano_usd.reset();
  if (unknown_ || busy()) return;
  record.cost_nano_usd = cost_;
  if (by_provider_) record.cost_source = "provider";
}

}  // namespace triage
