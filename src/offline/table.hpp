#pragma once
// Tables and figures for people.

#include "offline/bootstrap.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage::offline {

/// Rows of cells; the first column is aligned to the left, the others to the right.
class Table {
 public:
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// Each row as a line, indented by two spaces.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// A number with so many decimals; "-" for NaN.
std::string fixed(double value, int decimals);
/// The same with its sign.
std::string with_sign(double value, int decimals);
/// "34.2 %" for 0.342; "-" for NaN.
std::string percent(double share);
/// "$0.00123": three digits that matter, at least to the cent; "-" for NaN.
std::string usd(double amount);
/// "1,234,567"
std::string grouped(std::size_t count);
/// "0.690 [0.681, 0.699]"; without an interval only the value.
std::string with_interval(const Estimate& estimate, int decimals);

}  // namespace triage::offline
