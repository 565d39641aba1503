#include "features/difficulty.hpp"

namespace triage::features {
namespace {

constexpr float count_high = 10;  // ln(1+n) of what fits into 8 KiB
constexpr float whole_high = 45;  // ln(1+n) of anything

constexpr std::array<Feature, difficulty_count> table{{
    {"bytes", "size of the turn, all of it", "ln(1+n)", 0, whole_high},
    {"words", "words of the stem", "ln(1+n)", 0, count_high},
    {"sentences", "sentences that end in the stem", "ln(1+n)", 0, count_high},
    {"lines", "lines that are not blank", "ln(1+n)", 0, count_high},
    {"word_length", "mean size of the stem's words, each counted as 40 at most", "bytes", 0, 40},
    {"long_words", "words of nine bytes or more", "share of words", 0, 1},
    {"distinct_words", "words that did not occur before", "share of words", 0, 1},
    {"function_words", "function words of English", "share of words", 0, 1},
    {"capitalised", "words with a capital that do not begin a line", "share of words", 0, 1},
    {"words_with_digits", "words that end in a digit, such as x2 or CO2", "share of words", 0, 1},
    {"single_letters", "words of one letter other than a and I", "share of words", 0, 1},
    {"words_in_ed", "words that end in -ed", "share of words", 0, 1},
    {"words_in_ing", "words that end in -ing", "share of words", 0, 1},
    {"first_person", "words like I, my, we", "share of words", 0, 1},
    {"third_person", "words like he, her, they", "share of words", 0, 1},
    {"numbers", "numbers in the stem", "ln(1+n)", 0, count_high},
    {"decimals", "numbers with a decimal fraction", "share of numbers", 0, 1},
    {"largest_number", "the stem's largest number", "ln(1+x)", 0, 70},
    {"number_words", "numbers in words", "ln(1+n)", 0, count_high},
    {"percent_signs", "the character %", "ln(1+n)", 0, count_high},
    {"dollar_signs", "the character $, of money or of LaTeX", "ln(1+n)", 0, count_high},
    {"operators", "+ * / = ^ < > and the mathematical operators of Unicode", "ln(1+n)", 0, count_high},
    {"backslashes", "the character \\, as in LaTeX", "ln(1+n)", 0, count_high},
    {"marks", "tokens that are neither words nor numbers", "share of tokens", 0, 1},
    {"question_marks", "the character ?", "ln(1+n)", 0, count_high},
    {"blanks", "gaps to be filled in: ____", "ln(1+n)", 0, count_high},
    {"quotes", "quotation marks, curly ones only where they open", "ln(1+n)", 0, count_high},
    {"brackets", "( and [", "ln(1+n)", 0, count_high},
    {"bars", "the character |, as in tables and \"Statement 1 |\"", "ln(1+n)", 0, count_high},
    {"asking", "tokens of the stem's last sentence", "ln(1+n)", 0, count_high},
    {"ends_open", "the stem ends without a mark, so that a choice continues it", "0 or 1", 0, 1},
    {"choices", "lettered choices", "count", 0, 16},
    {"choice_length", "mean size of a choice", "ln(1+bytes)", 0, count_high},
    {"choice_spread", "the longest choice's ln(1+bytes) less the shortest's", "difference", 0, count_high},
    {"choices_numeric", "choices with a digit among their first three characters", "share of choices", 0, 1},
    {"choices_with_comma", "choices with a comma", "share of choices", 0, 1},
    {"choices_collective", "\"none of the above\", \"I and II only\" and the like in the choices", "ln(1+n)", 0,
     count_high},
    {"choices_distinct", "words and numbers of the choices that no choice had before", "share", 0, 1},
    {"choices_asked", "words and numbers of the choices that the stem has, too", "share", 0, 1},
    {"says_negation", "words like not, except, false in the stem", "ln(1+n)", 0, count_high},
    {"says_condition", "words like if, suppose, would", "ln(1+n)", 0, count_high},
    {"says_rate", "words like each, twice, per, percent, more than", "ln(1+n)", 0, count_high},
    {"says_time", "words like hour, weekly, Monday", "ln(1+n)", 0, count_high},
    {"says_measure", "units and currencies", "ln(1+n)", 0, count_high},
    {"says_quantity", "asks for a quantity: how many, calculate", "ln(1+n)", 0, count_high},
    {"says_which", "words like which, what, identify", "ln(1+n)", 0, count_high},
    {"says_why", "words like why, how, explain, because", "ln(1+n)", 0, count_high},
    {"says_who", "words like who, when, where", "ln(1+n)", 0, count_high},
    {"says_maths", "terms of mathematics and physics", "ln(1+n)", 0, count_high},
    {"says_collective", "\"of these\", \"Statement 1\" and the like in the stem", "ln(1+n)", 0, count_high},
    {"says_alternation", "words like or, best, most likely", "ln(1+n)", 0, count_high},
    {"code", "contains code, or asks for it (the router heuristic's sign)", "0 or 1", 0, 1},
    {"math", "contains formulas or poses a mathematical task (the same)", "0 or 1", 0, 1},
    {"beyond_ascii", "bytes of characters beyond ASCII", "share of bytes", 0, 1},
    {"turns", "user messages of the conversation", "ln(1+n)", 0, whole_high},
    {"tools", "the request declares tools", "0 or 1", 0, 1},
    {"images", "images in all messages", "ln(1+n)", 0, whole_high},
}};

}  // namespace

std::span<const Feature> difficulty_table() noexcept {
  return table;
}

}  // namespace triage::features
