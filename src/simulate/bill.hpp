#pragma once
// What a model has billed, at its own price, by the rule of triage/price.hpp.

#include "simulate/answer.hpp"

#include "triage/price.hpp"

#include <atomic>
#include <cstdint>
#include <string>

namespace triage::simulate {

/// The sum over calls. Each call's cost is rounded by itself.
class BillSum {
 public:
  void add(const Usage& usage, std::int64_t cost_nano_usd) noexcept;
  BillSum& operator+=(const BillSum& more) noexcept;

  /// `"requests":1,"prompt_tokens":2,...,"cost_nano_usd":3`; null if the price is not known.
  void append_members(std::string& out, bool price_known) const;

 private:
  static constexpr std::size_t count = 6;  // requests, prompt, completion, cached, reasoning, cost
  std::atomic<std::int64_t> sums_[count]{};
};

class Bill {
 public:
  explicit Bill(const Price& price) noexcept : price_(price) {}

  /// `reported`: this usage reached the caller. Otherwise the caller had left, or was not told.
  void add(const Usage& usage, bool reported) noexcept;

  /// All usage, then {"reported":{...},"unreported":{...}}, as members of an object.
  void append_members(std::string& out) const;

 private:
  const Price& price_;
  BillSum reported_;
  BillSum unreported_;
};

}  // namespace triage::simulate
