// Says in words the first thing that keeps a condition from holding.
#include "routing/condition.hpp"

#include "base/glob.hpp"

#include <algorithm>

namespace triage::routing {
namespace {

std::string is(std::string_view name, std::string_view value) {
  return std::string(name).append(" is ").append(value);
}

}  // namespace

std::string Condition::obstacle(const ChatView& view, Matches& matches) const {
  for (const Count& count : counts_)
    if (const std::int64_t value = (view.*count.value)(); !count.range.holds(value))
      return is(count.name, std::to_string(value));
  for (const Number& number : numbers_)
    if (const std::int64_t value = view.*number.member; !number.range.holds(value))
      return is(number.name, std::to_string(value));
  for (const Flag& flag : flags_)
    if (view.*flag.member != flag.wanted) return is(flag.name, flag.wanted ? "false" : "true");
  if (max_tokens_ && !view.max_tokens) return "max_tokens is not set";
  if (max_tokens_ && !max_tokens_->holds(*view.max_tokens)) return is("max_tokens", std::to_string(*view.max_tokens));
  if (spec_.response_format && view.response_format != *spec_.response_format)
    return is("response_format", word(view.response_format));
  if (spec_.script && view.script() != *spec_.script) return is("script", word(view.script()));
  if (!globs_match(spec_.metadata, view.metadata())) return "its metadata does not fit";
  if (!called_one_of(spec_.called, view)) return "none of these tools was called since the last user turn";
  if (spec_.code && matches.signs().code != *spec_.code) return is("code", *spec_.code ? "false" : "true");
  if (spec_.math && matches.signs().math != *spec_.math) return is("math", *spec_.math ? "false" : "true");
  if (keywords_ >= 0 && !matches.keyword(keywords_)) return "none of its keywords is there";
  if (regex_ >= 0 && !matches.regex(regex_)) return "its regex does not match";
  return inner_obstacle(view, matches);
}

std::string Condition::inner_obstacle(const ChatView& view, Matches& matches) const {
  for (const Condition& inner : all_)
    if (std::string found = inner.obstacle(view, matches); !found.empty()) return found;
  std::string none;
  for (const Condition& inner : any_) {
    const std::string found = inner.obstacle(view, matches);
    if (found.empty()) {
      none.clear();
      break;
    }
    none += (none.empty() ? "" : " and ") + found;
  }
  if (!none.empty()) return none;
  const bool negated = std::ranges::any_of(not_, [&](const Condition& inner) { return inner.holds(view, matches); });
  return negated ? "what stands under its `not` holds" : "";
}

}  // namespace triage::routing
