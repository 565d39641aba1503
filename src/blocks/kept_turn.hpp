#pragma once
// What an assistant's turn held that only its model can read, for clients that do not send it back, and how the turn is
// known again when it comes back: by the ids of its calls and by what it says, for ids alone are made anew by some
// clients, and the same for many conversations by some providers.

#include "blocks/origin.hpp"
#include "triage/blocks.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// A thought that is signed or redacted. Strings are the insides of JSON strings.
struct KeptThought {
  BlockKind kind = BlockKind::thought;
  std::string text;
  std::string signature;
};

struct KeptTurn {
  Origin origin;
  std::vector<KeptThought> thoughts;    ///< in the order in which they came, all in front of the calls
  std::vector<std::string> signatures;  ///< of the calls, in their order; empty: none

  [[nodiscard]] std::size_t bytes() const noexcept;
  [[nodiscard]] bool says() const noexcept;  ///< whether there is anything to keep
};

/// A hash of what was said since the assistant spoke last, before `turns[end]`: the question that its turn answers.
std::uint64_t question_print(std::span<const BlockTurn> turns, std::size_t end);

/// Makes the key of a turn that calls tools, from its question and its calls in their order. Arguments that say the
/// same give the same key, however they are spelled and in whatever order.
class TurnKey {
 public:
  explicit TurnKey(std::uint64_t question) noexcept : hash_(question) {}
  void add_call(const JsonString& id, const JsonString& name, std::string_view arguments);
  [[nodiscard]] bool empty() const noexcept { return calls_ == 0; }
  [[nodiscard]] std::uint64_t value() const noexcept { return hash_; }

 private:
  std::uint64_t hash_;
  std::size_t calls_ = 0;
};

}  // namespace triage
