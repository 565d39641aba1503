#pragma once
// Reads a judge's reply: one JSON object of the form asked for and nothing else, with the nonce of its question.

#include "triage/completion.hpp"
#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage::judge {

/// What the judge says of one answer.
struct PointReply {
  std::optional<double> score;  ///< 0..1; absent: it cannot tell
  std::string reason;           ///< in its words, which may quote the texts
};
/// nullopt: the reply is anything else.
std::optional<PointReply> read_point(const Completion& reply, std::string_view nonce);

enum class Better : std::uint8_t { first, second, tie, unknown };

/// What the judge says of two answers.
struct PairReply {
  Better better = Better::unknown;
  std::string reason;
};
std::optional<PairReply> read_pair(const Completion& reply, std::string_view nonce);

}  // namespace triage::judge

namespace triage {
template <>
inline constexpr std::array<std::string_view, 4> words<judge::Better>{"first", "second", "tie", "unknown"};
}  // namespace triage
