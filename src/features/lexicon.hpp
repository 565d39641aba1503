#pragma once
// Words and pairs of words that mean something to a feature, found by their hash.

#include <cstdint>
#include <string_view>

namespace triage::features {

/// What a word or a pair says. One word may say several things.
enum Says : std::uint32_t {
  says_function = 1U << 0,       ///< a function word of English: "the", "of"
  says_negation = 1U << 1,       ///< "not", "except", "least likely"
  says_condition = 1U << 2,      ///< "if", "suppose", "assume"
  says_rate = 1U << 3,           ///< "each", "twice", "per", "percent", "more than"
  says_time = 1U << 4,           ///< "hours", "week"
  says_measure = 1U << 5,        ///< "miles", "pounds", "dollars"
  says_quantity = 1U << 6,       ///< asks for one: "how many"
  says_which = 1U << 7,          ///< "which", "what"
  says_why = 1U << 8,            ///< "why", "how", "explain"
  says_who = 1U << 9,            ///< "who", "when", "where"
  says_order = 1U << 10,         ///< "first", "then", "finally", "step"
  says_hedge = 1U << 11,         ///< "perhaps", "not sure", "approximately"
  says_refusal = 1U << 12,       ///< "i cannot", "unable to"
  says_maths = 1U << 13,         ///< "function", "integral", "probability"
  says_collective = 1U << 14,    ///< "none of", "all of", "the above"
  says_number = 1U << 15,        ///< a number in words: "three"
  says_conclusion = 1U << 16,    ///< "therefore", "so", "thus"
  says_alternation = 1U << 17,   ///< "or", "either", "best", "most"
  says_answer = 1U << 18,        ///< "answer"
  says_first_person = 1U << 19,  ///< "i", "my", "we"
  says_third_person = 1U << 20,  ///< "he", "her", "they"
};

/// All that the word or pair with this hash says; 0: nothing.
std::uint32_t says(std::uint64_t hash) noexcept;

}  // namespace triage::features
