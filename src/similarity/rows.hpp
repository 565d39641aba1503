#pragma once
// Prompts with what is known of them, one JSON object a line (JSON Lines): the examples of the router `similarity`, and
// rows to choose its threshold by.
//
//   {"prompt": "Prove that ...", "tier": "large", "class": "math", "label": "proof", "vector": [0.1, ...]}   an example
//   {"prompt": [{"role": "user", "content": "..."}], "weak": 0, "strong": 1, "vector": [0.1, ...]}           a row
//
// Of messages the last user turn counts, as with requests. Blank lines are passed over.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage::similarity {

inline constexpr std::size_t rows_max = 100'000;
inline constexpr std::size_t dimensions_max = 8'192;
inline constexpr std::size_t numbers_max = 64U << 20;  ///< of all vectors together
inline constexpr std::size_t file_bytes_max = 512U << 20;

/// What is wrong with a line, and how to mend it.
struct Problem {
  int line = 1;  ///< from 1
  std::string message;
  std::string fix;
};

/// So many problems are reported; more are no help.
inline constexpr std::size_t problems_max = 20;

struct Row {
  int line = 1;               ///< from 1
  std::string text;           ///< of the prompt; not empty
  std::vector<float> vector;  ///< of length 1; empty: none is given
};

struct Example : Row {
  std::string tier;        ///< empty: none
  std::string task_class;  ///< empty: none
  std::string label;       ///< empty: none
};

struct GradedRow : Row {
  double weak = 0;    ///< 0..1, how good the weak model's answer is
  double strong = 0;  ///< likewise
  /// Whether the prompt should have gone to the strong model: it is right and the weak one wrong.
  [[nodiscard]] bool hard() const noexcept { return strong >= 0.5 && weak < 0.5; }
};

/// Reads all lines of `text`, which must be followed by body_padding readable bytes. What is wrong is added to
/// `problems`, at most problems_max of them; the lines that have no problem are returned. Members with another name are
/// a problem in an example; a graded row may have more of them, for other tools.
std::vector<Example> read_examples(std::string_view text, std::vector<Problem>& problems);
std::vector<GradedRow> read_graded(std::string_view text, std::vector<Problem>& problems);

}  // namespace triage::similarity
