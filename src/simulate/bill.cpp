#include "simulate/bill.hpp"

#include "base/text.hpp"

namespace triage::simulate {

void BillSum::add(const Usage& usage, std::int64_t cost_nano_usd) noexcept {
  const std::int64_t amounts[count] = {1, usage.prompt, usage.completion, usage.cached, usage.reasoning, cost_nano_usd};
  for (std::size_t i = 0; i < count; ++i) sums_[i].fetch_add(amounts[i], std::memory_order_relaxed);
}

BillSum& BillSum::operator+=(const BillSum& more) noexcept {
  for (std::size_t i = 0; i < count; ++i)
    sums_[i].fetch_add(more.sums_[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
  return *this;
}

void BillSum::append_members(std::string& out, bool price_known) const {
  constexpr const char* names[count] = {"requests",      "prompt_tokens",    "completion_tokens",
                                        "cached_tokens", "reasoning_tokens", "cost_nano_usd"};
  for (std::size_t i = 0; i < count; ++i) {
    out.append(i > 0 ? ",\"" : "\"").append(names[i]).append("\":");
    if (i + 1 == count && !price_known)
      out += "null";
    else
      append_number(out, sums_[i].load(std::memory_order_relaxed));
  }
}

void Bill::add(const Usage& usage, bool reported) noexcept {
  triage::Usage billed;
  billed.input = usage.prompt;
  billed.input_cached = usage.cached;
  billed.output = usage.completion;
  billed.reasoning = usage.reasoning;
  (reported ? reported_ : unreported_).add(usage, cost_nano_usd(price_, billed).value_or(0));
}

void Bill::append_members(std::string& out) const {
  const bool price_known = cost_nano_usd(price_, triage::Usage()).has_value();
  BillSum all;
  all += reported_;
  all += unreported_;
  all.append_members(out, price_known);
  out += ",\"reported\":{";
  reported_.append_members(out, price_known);
  out += "},\"unreported\":{";
  unreported_.append_members(out, price_known);
  out += '}';
}

}  // namespace triage::simulate
