// A condition holds if everything that it names holds. Cheap parts are evaluated first, the text last.
#include "routing/condition.hpp"

#include "base/glob.hpp"

#include <algorithm>

namespace triage::routing {
namespace {

constexpr std::size_t text_read_max = 128 * 1024;

}  // namespace

Range range_of(const BoundsSpec& spec) noexcept {
  Range out;
  if (spec.gte) out.least = *spec.gte;
  if (spec.gt) out.least = std::max(out.least, *spec.gt == out.most ? out.most : *spec.gt + 1);
  if (spec.lte) out.most = *spec.lte;
  if (spec.lt) out.most = std::min(out.most, *spec.lt - 1);
  return out;
}

int Patterns::add_keywords(const std::vector<std::string>& words) {
  words_.insert(words_.end(), words.begin(), words.end());
  groups_.resize(words_.size(), group_count_);
  return group_count_++;
}

int Patterns::add_regex(const std::string& pattern) {
  regex_texts_.push_back(pattern);
  return static_cast<int>(regex_texts_.size()) - 1;
}

void Patterns::add_signs() {
  signs_ = true;
}

void Patterns::compile() {
  if (signs_) words_.insert(words_.end(), sign_words().begin(), sign_words().end());
  keywords_ = KeywordSet(words_);
  regexes_ = RegexSet(regex_texts_);
}

const FoldedText& Matches::folded() {
  if (!folded_) folded_.emplace(view_.text(), text_read_max);
  return *folded_;
}

void Matches::find_words() {
  groups_.assign(static_cast<std::size_t>(patterns_.group_count_), false);
  int left = patterns_.group_count_;
  for (const FoldedText::Part& part : folded().parts()) {
    patterns_.keywords_.find(part, [&](std::uint32_t word) {
      if (word >= patterns_.groups_.size()) {
        sign_count_.add_word(word - patterns_.groups_.size());
      } else if (auto group = groups_.begin() + patterns_.groups_[word]; !*group) {
        *group = true;
        --left;
      }
      return left > 0 || patterns_.signs_;
    });
  }
  words_found_ = true;
}

void Matches::find_regexes() {
  regexes_.assign(patterns_.regex_texts_.size(), false);
  std::vector<int> hits;
  for (const FoldedText::Part& part : folded().parts()) patterns_.regexes_.match(part, hits);
  for (const int hit : hits) regexes_[static_cast<std::size_t>(hit)] = true;
}

const TextSigns& Matches::signs() {
  if (!words_found_) find_words();
  if (!signs_) signs_ = sign_count_.read(folded());
  return *signs_;
}

bool Matches::keyword(int group) {
  if (!words_found_) find_words();
  return groups_[static_cast<std::size_t>(group)];
}

bool Matches::regex(int number) {
  if (regexes_.empty()) find_regexes();
  return regexes_[static_cast<std::size_t>(number)];
}

Condition::Condition(const ConditionSpec& spec, Patterns& patterns) : spec_(spec) {
  if (spec.tokens) counts_.push_back({"tokens", &ChatView::tokens, &ChatView::tokens_most, range_of(*spec.tokens)});
  if (spec.tokens_all)
    counts_.push_back({"tokens_all", &ChatView::tokens_all, &ChatView::tokens_all_most, range_of(*spec.tokens_all)});
  if (spec.tool_calls)
    counts_.push_back({"tool_calls", &ChatView::tool_calls, &ChatView::tool_calls_most, range_of(*spec.tool_calls)});
  if (spec.failed_calls)
    counts_.push_back(
        {"failed_calls", &ChatView::failed_tool_calls, &ChatView::tool_calls_most, range_of(*spec.failed_calls)});
  add("turns", spec.turns, &ChatView::turns);
  add("images", spec.images, &ChatView::images);
  add("system", spec.system, &ChatView::system);
  add("tools", spec.tools, &ChatView::tools);
  if (spec.max_tokens) max_tokens_ = range_of(*spec.max_tokens);
  if (spec.code || spec.math) patterns.add_signs();
  if (!spec.keywords.empty()) keywords_ = patterns.add_keywords(spec.keywords);
  if (spec.regex) regex_ = patterns.add_regex(*spec.regex);
  for (const ConditionSpec& inner : spec.all) all_.emplace_back(inner, patterns);
  for (const ConditionSpec& inner : spec.any) any_.emplace_back(inner, patterns);
  if (spec.negated) not_.emplace_back(*spec.negated, patterns);
}

void Condition::add(std::string_view name, const std::optional<BoundsSpec>& spec, std::int64_t ChatView::*member) {
  if (spec) numbers_.push_back({name, member, range_of(*spec)});
}

void Condition::add(std::string_view name, const std::optional<bool>& spec, bool ChatView::*member) {
  if (spec) flags_.push_back({name, member, *spec});
}

bool called_one_of(const std::vector<std::string>& globs, const ChatView& view) {
  if (globs.empty()) return true;
  if (view.tool_calls_most() == 0) return false;
  const auto fits = [&globs](const std::string& name) {
    return std::ranges::any_of(globs, [&name](const std::string& glob) { return glob_matches(glob, name); });
  };
  return std::ranges::any_of(view.tool_work().called, fits);
}

bool Condition::Count::holds(const ChatView& view) const {
  const std::int64_t bound = (view.*most)();
  if (range.least > bound) return false;
  if (range.least <= 0 && range.most >= bound) return true;
  return range.holds((view.*value)());
}

bool Condition::holds(const ChatView& view, Matches& matches) const {
  for (const Number& number : numbers_)
    if (!number.range.holds(view.*number.member)) return false;
  for (const Flag& flag : flags_)
    if (view.*flag.member != flag.wanted) return false;
  if (max_tokens_ && !(view.max_tokens && max_tokens_->holds(*view.max_tokens))) return false;
  if (spec_.response_format && view.response_format != *spec_.response_format) return false;
  if (!globs_match(spec_.metadata, view.metadata())) return false;
  const auto count_holds = [&](const Count& count) { return count.holds(view); };
  if (!std::ranges::all_of(counts_, count_holds)) return false;
  if (!called_one_of(spec_.called, view)) return false;
  if (spec_.script && view.script() != *spec_.script) return false;
  if (keywords_ >= 0 && !matches.keyword(keywords_)) return false;
  if (spec_.code && matches.signs().code != *spec_.code) return false;
  if (spec_.math && matches.signs().math != *spec_.math) return false;
  if (regex_ >= 0 && !matches.regex(regex_)) return false;
  const auto inner_holds = [&](const Condition& inner) { return inner.holds(view, matches); };
  if (!std::ranges::all_of(all_, inner_holds)) return false;
  if (!any_.empty() && !std::ranges::any_of(any_, inner_holds)) return false;
  return std::ranges::none_of(not_, inner_holds);
}

}  // namespace triage::routing
