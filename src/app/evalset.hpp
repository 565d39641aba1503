#pragma once
// Evaluation sets: requests with reference answers, one a line:
//
//   {"id":"req_...","prompt":"What is 2 + 2?","reference":"4","deployment":"frontier","cost_usd":0.0012}
//
//   prompt       a text, or the list `messages` of a chat request
//   reference    a right answer; `evalset build` asks for those that are missing
//   deployment   that gave it
//   group        optional: a subject, for the reader
//
// Other members are kept as they are.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct EvalRow {
  std::string id;  ///< of the line's own, or a hash of the prompt
  nlohmann::ordered_json json;

  [[nodiscard]] const nlohmann::ordered_json& prompt() const { return json.at("prompt"); }
  [[nodiscard]] std::optional<std::string> reference() const;
};

struct EvalRows {
  std::vector<EvalRow> rows;
  std::vector<std::string> problems;  ///< "FILE:LINE: what is wrong; what to write", at most 20
};

/// Blank lines are skipped; of two rows with one id the first counts.
EvalRows read_evalset(std::string_view text, std::string_view name);

/// The row as a line.
std::string line_of(const EvalRow& row);

/// The chat request that asks `model` the row's question.
std::string request_body(const EvalRow& row, std::string_view model);

/// `count` of the rows, drawn by their ids: the same each time, in the order in which they were given. Pure.
std::vector<EvalRow> drawn_rows(std::vector<EvalRow> rows, std::size_t count);

/// Money that a command may spend. What is about to be spent is set aside, so that calls under way at the same time
/// stay within it together.
class Allowance {
 public:
  explicit Allowance(double usd);
  /// False: not enough is left.
  bool take(std::int64_t estimate_nano_usd);
  /// `actual` absent: the price is not known, the estimate counts.
  void settle(std::int64_t estimate, std::optional<std::int64_t> actual);
  [[nodiscard]] double spent_usd() const { return static_cast<double>(spent_) * 1e-9; }

 private:
  const std::int64_t most_;
  std::int64_t spent_ = 0;
  std::int64_t set_aside_ = 0;
};

}  // namespace triage
