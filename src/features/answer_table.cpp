#include "features/answer.hpp"

namespace triage::features {
namespace {

constexpr float count_high = 11;      // ln(1+n) of what fits into 16 KiB
constexpr float whole_high = 45;      // ln(1+n) of anything
constexpr float magnitude_high = 70;  // ln(1+1e30)

constexpr std::array<Feature, answer_count> table{{
    {"bytes", "size of the answer, without white space around it", "ln(1+n)", 0, whole_high},
    {"words", "words", "ln(1+n)", 0, count_high},
    {"lines", "lines that are not blank", "ln(1+n)", 0, count_high},
    {"words_to_question", "ln(1+words) less that of the question", "difference", -count_high, count_high},
    {"cut_off", "the provider says that a token limit ended the answer", "0 or 1", 0, 1},
    {"ends_open", "ends where no sentence, number or bracket does", "0 or 1", 0, 1},
    {"is_json", "begins with { or [", "0 or 1", 0, 1},
    {"repeated", "runs of six words that occurred before", "share of runs", 0, 1},
    {"overlap", "distinct words that the question has, too", "share of words", 0, 1},
    {"says_hedge", "words like maybe, approximately, however, not sure", "ln(1+n)", 0, count_high},
    {"says_refusal", "words like \"I cannot\", \"unable to\"", "ln(1+n)", 0, count_high},
    {"says_negation", "words like not, except, false", "ln(1+n)", 0, count_high},
    {"says_order", "words like first, then, step", "ln(1+n)", 0, count_high},
    {"says_conclusion", "words like therefore, so", "ln(1+n)", 0, count_high},
    {"final_marker", "how the final answer is marked: 0 not, 1 \"answer is\", 2 ####, 3 \\boxed", "0 to 3", 0, 3},
    {"final_kind", "what the final answer is: 0 none found, 1 a number, 2 a letter", "0 to 2", 0, 2},
    {"final_behind", "tokens behind the final answer", "ln(1+n)", 0, count_high},
    {"final_magnitude", "the final number", "ln(1+|x|), signed", -magnitude_high, magnitude_high},
    {"final_decimals", "decimals of the final number", "count", 0, 15},
    {"final_asked", "the final number is in the question", "0 or 1", 0, 1},
    {"final_result", "the final number follows the last = (1), another = (0.5), none though there is one (-1)",
     "-1 to 1", -1, 1},
    {"final_mentions", "how often the final number occurs before", "ln(1+n)", 0, count_high},
    {"final_to_largest", "ln(1+|x|) of the final number, signed, less that of the question's largest", "difference",
     -2 * magnitude_high, 2 * magnitude_high},
    {"numbers", "numbers in the answer, the first 256", "ln(1+n)", 0, count_high},
    {"statements", "arithmetic statements with both sides", "ln(1+n)", 0, count_high},
    {"statements_wrong", "of these, whose sides differ by more than 1 %", "ln(1+n)", 0, count_high},
    {"statements_scaled", "of these, that multiply or divide", "share of statements", 0, 1},
    {"results_fractional", "of these, whose result is no integer", "ln(1+n)", 0, count_high},
    {"question_number_words", "numbers in words in the question's stem", "ln(1+n)", 0, count_high},
    {"numbers_used", "the stem's first 64 numbers that occur in the answer; 1 if there are none", "share of numbers", 0,
     1},
    {"numbers_unused", "those that do not", "ln(1+n)", 0, count_high},
    {"numbers_unexplained", "the answer's first 64 numbers above 2 that are neither asked about nor a result",
     "share of numbers", 0, 1},
    {"results_unused", "the first 64 results that occur only once", "share of results", 0, 1},
    {"choices", "lettered choices of the question", "count", 0, 16},
    {"choice", "the chosen letter, from 1 for A; 0: none of the choices", "count", 0, 16},
    {"choice_missing", "the question has choices, and the answer names none", "0 or 1", 0, 1},
    {"choices_named", "letters in parentheses before the final answer, each counted once", "ln(1+n)", 0, count_high},
    {"choice_support", "words and numbers of the chosen choice that occur in the answer", "share", 0, 1},
    {"choice_margin", "this less the greatest such share of another choice", "difference", -1, 1},
    {"choices_support", "mean of these shares over all choices", "share", 0, 1},
    {"question_tokens", "tokens of the question's stem", "ln(1+n)", 0, count_high},
    {"question_sentences", ". ? and ! in the stem", "ln(1+n)", 0, count_high},
    {"question_numbers", "numbers in the stem, the first 256", "ln(1+n)", 0, count_high},
    {"question_decimals", "numbers with a decimal fraction in the stem", "ln(1+n)", 0, count_high},
    {"question_percents", "the character % in the stem", "ln(1+n)", 0, count_high},
    {"question_backslashes", "the character \\ in the stem", "ln(1+n)", 0, count_high},
    {"question_quantity", "the stem asks for a quantity: how many, calculate", "ln(1+n)", 0, count_high},
    {"question_rate", "words like each, twice, per in the stem", "ln(1+n)", 0, count_high},
    {"question_condition", "words like if, suppose, would in the stem", "ln(1+n)", 0, count_high},
    {"question_time", "words like hour, weekly in the stem", "ln(1+n)", 0, count_high},
    {"question_maths", "terms of mathematics and physics in the stem", "ln(1+n)", 0, count_high},
    {"question_negation", "words like not, except in the stem", "ln(1+n)", 0, count_high},
    {"second_agrees", "a second answer comes to the same: 1 yes, 0.5 cannot be told, 0 no, -1 there is none", "-1 to 1",
     -1, 1},
    {"second_length", "ln(1+bytes) of the second answer less that of the answer", "difference", -whole_high,
     whole_high},
}};

}  // namespace

std::span<const Feature> answer_table() noexcept {
  return table;
}

}  // namespace triage::features
