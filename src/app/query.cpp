#include "app/query.hpp"

#include "base/percent.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace triage {
namespace {

std::string decoded(std::string_view text) {
  std::string out(text);
  std::ranges::replace(out, '+', ' ');
  return percent_decoded(out);
}

template <class Number>
std::optional<Number> number(const std::optional<std::string>& text, const std::string& name) {
  if (!text || text->empty()) return std::nullopt;
  Number value{};
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size())
    throw BadQuery{{ErrorCode::invalid_value, name + " is no number: give one", name}};
  return value;
}

}  // namespace

Query::Query(std::string_view query) {
  while (!query.empty()) {
    const auto end = static_cast<std::size_t>(std::ranges::find(query, '&') - query.begin());
    const std::string_view pair = query.substr(0, end);
    const auto equals = static_cast<std::size_t>(std::ranges::find(pair, '=') - pair.begin());
    if (equals > 0) values_[decoded(pair.substr(0, equals))] = decoded(pair.substr(std::min(equals + 1, pair.size())));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
}

std::optional<std::string> Query::text(const std::string& name) const {
  const auto found = values_.find(name);
  return found != values_.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<std::int64_t> Query::whole(const std::string& name) const {
  return number<std::int64_t>(text(name), name);
}

std::optional<double> Query::decimal(const std::string& name) const {
  const auto value = number<double>(text(name), name);
  if (value && !std::isfinite(*value))
    throw BadQuery{{ErrorCode::invalid_value, name + " is not finite: give a number", name}};
  return value;
}

}  // namespace triage
