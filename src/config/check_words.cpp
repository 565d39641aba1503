// Words of which there is a closed list, and patterns.
#include "config/values.hpp"

#include "http1/field_grammar.hpp"
#include "text/regex.hpp"
#include "triage/features.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::array<std::string_view, 6> task_classes{"simple", "complex", "codegen", "math", "chat", "extraction"};

template <class Words>
Refusal one_of(const Words& words, std::string_view text, std::string_view fix) {
  if (std::find(words.begin(), words.end(), text) != words.end()) return {};
  return {"it is not known", fix};
}

// The fix is "known WHAT: " and the words.
template <const auto& words>
Refusal one_of(std::string_view text, std::string_view what = "words") {
  static const std::string fix = [&] {
    std::string out = "known " + std::string(what) + ":";
    for (std::size_t i = 0; i < words.size(); ++i) out.append(i == 0 ? " " : ", ").append(words[i]);
    return out;
  }();
  return one_of(words, text, fix);
}

}  // namespace

Refusal check_keyword(std::string_view text) {
  if (text.empty()) return {"it is empty", "name a word or a phrase"};
  if (text.size() > 200) return {"it is longer than 200 bytes", "a keyword is a word or a short phrase"};
  if (text.front() == ' ' || text.back() == ' ')
    return {"it starts or ends with a blank", "remove the blank: keywords match whole words anyway"};
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20) return {"it has a control character", "name a word or a phrase"};
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

Refusal check_response_format(std::string_view text) {
  return one_of<response_format_names>(text, "formats");
}

Refusal check_check(std::string_view text) {
  return one_of<check_names>(text, "checks");
}

Refusal check_logprob_use(std::string_view text) {
  return one_of<logprob_uses>(text);
}

Refusal check_on_error(std::string_view text) {
  return one_of<on_error_names>(text);
}

Refusal check_compare(std::string_view text) {
  return one_of<compare_names>(text);
}

Refusal check_sees(std::string_view text) {
  return one_of<sees_names>(text);
}

Refusal check_hold(std::string_view text) {
  return one_of(hold_names, text, "write 'full', 'none', or '{tokens: 40, ms: 800}'");
}

Refusal check_rescue(std::string_view text) {
  return one_of<rescue_names>(text);
}

Refusal check_record_content(std::string_view text) {
  return one_of<record_content_names>(text);
}

Refusal check_host(std::string_view text) {
  constexpr std::string_view fix = "write what clients have in Host, without the port: gateway, 10.0.0.7 or [::1]";
  if (!grammar::valid_host(text)) return {"it is no host", fix};
  if (grammar::port_of(text)) return {"it has a port", fix};
  return {};
}

Refusal check_tls_version(std::string_view text) {
  return one_of<tls_versions>(text);
}

Refusal check_log_format(std::string_view text) {
  return one_of<log_format_names>(text);
}

Refusal check_sync(std::string_view text) {
  return one_of<sync_names>(text);
}

Refusal check_script(std::string_view text) {
  return one_of(
      script_names, text,
      "known scripts: latin, greek, cyrillic, hebrew, arabic, devanagari, thai, kana, cjk, hangul, other, none");
}

Refusal check_task_class(std::string_view text) {
  return one_of<task_classes>(text, "classes");
}

Refusal check_capability(std::string_view text) {
  return one_of<capability_names>(text);
}

std::optional<std::chrono::sys_days> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(from, count)) value = c >= '0' && c <= '9' ? value * 10 + (c - '0') : 10'000;
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

Refusal check_power(std::string_view text) {
  return one_of<key_powers>(text);
}

}  // namespace triage
