#include "offline/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace triage::offline {
namespace {

std::string printed(const char* format, int decimals, double value) {
  char text[400];
  const int size = std::snprintf(text, sizeof text, format, decimals, value);
  return {text, static_cast<std::size_t>(std::clamp(size, 0, static_cast<int>(sizeof text) - 1))};
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - width_of(row[i]), ' ');
      line += "  " + (i == 0 ? row[i] + blanks : blanks + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string fixed(double value, int decimals) {
  return std::isfinite(value) ? printed("%.*f", decimals, value) : "-";
}

std::string with_sign(double value, int decimals) {
  return std::isfinite(value) ? printed("%+.*f", decimals, value) : "-";
}

std::string percent(double share) {
  return std::isfinite(share) ? printed("%.*f %%", 1, share * 100) : "-";
}

std::string usd(double amount) {
  if (!std::isfinite(amount)) return "-";
  int decimals = 2;
  for (double at = std::abs(amount); at > 0 && at < 1 && decimals < 9; at *= 10) ++decimals;
  const std::string text = printed("%.*f", decimals, std::abs(amount));
  const std::size_t whole = std::min(text.find('.'), text.size());
  const std::string digits =
      whole > 3 && whole < 19 ? grouped(std::stoull(text.substr(0, whole))) + text.substr(whole) : text;
  return (amount < 0 ? "-$" : "$") + digits;
}

std::string grouped(std::size_t count) {
  std::string out = std::to_string(count);
  for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, ",");
  return out;
}

std::string with_interval(const Estimate& estimate, int decimals) {
  std::string out = fixed(estimate.value, decimals);
  if (std::isfinite(estimate.value) && std::isfinite(estimate.interval.low))
    out += " [" + fixed(estimate.interval.low, decimals) + ", " + fixed(estimate.interval.high, decimals) + "]";
  return out;
}

}  // namespace triage::offline
