// Patterns, hosts and dates.
#include "options/values.hpp"

#include "base/ascii.hpp"
#include "http1/field_grammar.hpp"
#include "text/regex.hpp"

#include <algorithm>

namespace triage {

Refusal check_keyword(std::string_view text) {
  if (text.empty()) return {"it is empty", "name a word or a phrase"};
  if (text.size() > 200) return {"it is longer than 200 bytes", "a keyword is a word or a short phrase"};
  if (text.front() == ' ' || text.back() == ' ')
    return {"it starts or ends with a blank", "remove the blank: keywords match whole words anyway"};
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20) return {"it has a control character", "name a word or a phrase"};
  return {};
}

Refusal check_host(std::string_view text) {
  constexpr std::string_view fix = "write what clients have in Host, without the port: gateway, 10.0.0.7 or [::1]";
  if (!grammar::valid_host(text)) return {"it is no host", fix};
  if (grammar::port_of(text)) return {"it has a port", fix};
  return {};
}

Refusal check_regex(std::string_view text) {
  thread_local std::string problem;
  if (text.empty()) return {"it is empty and matches everything", "remove it, or write an expression"};
  const auto found = regex_problem(std::string(text));
  if (!found) return {};
  problem = *found;
  std::replace_if(
      problem.begin(), problem.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return {problem, "write it as RE2 reads it: https://github.com/google/re2/wiki/Syntax"};
}

std::optional<std::chrono::sys_days> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(from, count)) value = is_digit(c) ? value * 10 + (c - '0') : 10'000;
    return value;
  };
  if (number(0, 4) > 9'999 || number(5, 2) > 12 || number(8, 2) > 31) return std::nullopt;
  const std::chrono::year_month_day day(std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2))));
  return day.ok() ? std::optional(std::chrono::sys_days(day)) : std::nullopt;
}

Refusal check_date(std::string_view text) {
  return parse_date(text) ? Refusal{} : Refusal{"it is no date", "write it as YYYY-MM-DD, as in 2026-11-22"};
}
}  // namespace triage
