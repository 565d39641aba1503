// Each form is a pattern in which some letters stand for what is read there; everything else stands for itself:
//
//   w day of the week, short    W the same, long    d day, two digits    e day, blank-padded    m month
//   Y year, four digits         y year, two digits  t hh:mm:ss
#include "http1/http_date.hpp"

#include "http1/field_grammar.hpp"

#include <array>

namespace triage {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 3> forms{"w, d m Y t GMT", "W, d-m-y t GMT", "w m e t Y"};
constexpr std::array<std::string_view, 7> short_days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> long_days{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                    "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Parts {
  int year = 0;
  bool short_year = false;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

// Removes `count` digits from the front.
bool take_number(std::string_view& text, std::size_t count, auto& out) {
  if (text.size() < count) return false;
  int number = 0;
  for (const char c : text.substr(0, count)) {
    if (!is_digit(c)) return false;
    number = number * 10 + (c - '0');
  }
  out = static_cast<std::remove_reference_t<decltype(out)>>(number);
  text.remove_prefix(count);
  return true;
}

// Removes one of `words` from the front. Returns its index, from 1; 0: none.
template <std::size_t Count>
unsigned take_word(std::string_view& text, const std::array<std::string_view, Count>& words) {
  for (std::size_t i = 0; i < Count; ++i)
    if (text.starts_with(words[i])) {
      text.remove_prefix(words[i].size());
      return static_cast<unsigned>(i + 1);
    }
  return 0;
}

bool take_char(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

bool take_time(std::string_view& text, Parts& out) {
  return take_number(text, 2, out.hour) && take_char(text, ':') && take_number(text, 2, out.minute) &&
         take_char(text, ':') && take_number(text, 2, out.second);
}

bool take(std::string_view& text, char form, Parts& out) {
  switch (form) {
    case 'w': return take_word(text, short_days) != 0;
    case 'W': return take_word(text, long_days) != 0;
    case 'd': return take_number(text, 2, out.day);
    case 'e': return take_number(text, take_char(text, ' ') ? 1 : 2, out.day);
    case 'm': return (out.month = take_word(text, months)) != 0;
    case 'Y': return take_number(text, 4, out.year);
    case 'y': return out.short_year = take_number(text, 2, out.year);
    case 't': return take_time(text, out);
    default: return take_char(text, form);
  }
}

std::optional<Parts> read(std::string_view text, std::string_view form) {
  Parts out;
  for (const char c : form)
    if (!take(text, c, out)) return std::nullopt;
  return text.empty() ? std::optional(out) : std::nullopt;
}

// 60 is a leap second: the one after it.
std::optional<sys_seconds> time_of(const Parts& parts) {
  const year_month_day date{year(parts.year), month(parts.month), day(parts.day)};
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
  return sys_days(date) + hours(parts.hour) + minutes(parts.minute) + seconds(parts.second);
}

}  // namespace

std::optional<sys_seconds> parse_http_date(std::string_view text, sys_seconds now) {
  for (const std::string_view form : forms) {
    auto parts = read(text, form);
    if (!parts) continue;
    if (!parts->short_year) return time_of(*parts);
    const int this_year = static_cast<int>(year_month_day(floor<days>(now)).year());
    parts->year += this_year / 100 * 100;
    if (parts->year > this_year + 50) parts->year -= 100;
    if (parts->year <= this_year - 50) parts->year += 100;
    return time_of(*parts);
  }
  return std::nullopt;
}

}  // namespace triage
