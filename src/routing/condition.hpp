#pragma once
// The conditions of a heuristic's rules, ready to evaluate. All their keywords, and the words that are signs of code
// and maths, are searched for in one pass over the last user turn, all their regular expressions in another, and each
// pass only if a condition depends on it.

#include "routing/rules.hpp"
#include "text/folded_text.hpp"
#include "text/keywords.hpp"
#include "text/regex.hpp"
#include "text/text_signs.hpp"
#include "triage/chat_view.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::routing {

/// Includes both ends.
struct Range {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  [[nodiscard]] bool holds(std::int64_t value) const noexcept { return value >= least && value <= most; }
};

/// What all conditions search the text for.
class Patterns {
 public:
  int add_keywords(const std::vector<std::string>& words);  ///< returns the group's index
  int add_regex(const std::string& pattern);                ///< returns its index
  void add_signs();                                         ///< words that are signs of code and maths
  void compile();                                           ///< call it after the last add

 private:
  friend class Matches;
  std::vector<std::string> words_;
  std::vector<int> groups_;  // the group of each word; the signs' words follow
  bool signs_ = false;
  std::vector<std::string> regex_texts_;
  int group_count_ = 0;
  KeywordSet keywords_;
  RegexSet regexes_{{}};
};

/// What is found in the last user turn, found when first asked for. Of a longer text only the first and last 64 KiB are
/// read, to bound the time that a client can take.
class Matches {
 public:
  Matches(const Patterns& patterns, const ChatView& view) : patterns_(patterns), view_(view) {}
  bool keyword(int group);
  bool regex(int number);
  const TextSigns& signs();

 private:
  const FoldedText& folded();
  void find_words();
  void find_regexes();

  const Patterns& patterns_;
  const ChatView& view_;
  std::optional<FoldedText> folded_;
  bool words_found_ = false;
  std::vector<bool> groups_;
  std::vector<bool> regexes_;
  SignCount sign_count_;
  std::optional<TextSigns> signs_;
};

/// One condition and those nested in it.
class Condition {
 public:
  /// Registers its keywords and expressions in `patterns`. `spec` must outlive the condition.
  Condition(const ConditionSpec& spec, Patterns& patterns);
  [[nodiscard]] bool holds(const ChatView& view, Matches& matches) const;
  /// Which part of the condition does not hold, for people: "tokens is 12". Empty exactly if the condition holds.
  [[nodiscard]] std::string obstacle(const ChatView& view, Matches& matches) const;

 private:
  struct Number {
    std::string_view name;
    std::int64_t ChatView::*member;
    Range range;
  };
  struct Count {  // costs a pass over a text, unless its upper bound decides
    std::string_view name;
    std::int64_t (ChatView::*value)() const;
    std::int64_t (ChatView::*most)() const;
    Range range;
    [[nodiscard]] bool holds(const ChatView& view) const;
  };
  struct Flag {
    std::string_view name;
    bool ChatView::*member;
    bool wanted;
  };
  void add(std::string_view name, const std::optional<BoundsSpec>& spec, std::int64_t ChatView::*member);
  void add(std::string_view name, const std::optional<bool>& spec, bool ChatView::*member);
  [[nodiscard]] std::string inner_obstacle(const ChatView& view, Matches& matches) const;

  const ConditionSpec& spec_;
  std::vector<Count> counts_;
  std::vector<Number> numbers_;
  std::vector<Flag> flags_;
  std::optional<Range> max_tokens_;
  int keywords_ = -1;
  int regex_ = -1;
  std::vector<Condition> all_;
  std::vector<Condition> any_;
  std::vector<Condition> not_;  // one or none
};

Range range_of(const BoundsSpec& spec) noexcept;

/// Whether a tool that one of the globs names was called since the last user turn; true if there are no globs.
bool called_one_of(const std::vector<std::string>& globs, const ChatView& view);

}  // namespace triage::routing
