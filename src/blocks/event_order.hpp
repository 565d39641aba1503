#pragma once
// The grammar of an answer's events, checked: begin, then blocks of which one is open at a time, then finish, and usage
// anywhere behind begin. Tests and fuzzers share it.

#include "triage/blocks.hpp"

#include <string>

namespace triage {

class EventOrder {
 public:
  /// Takes the next event. "" if it may come now, else why not.
  std::string next(const BlockEvent& event);
  /// Whether the answer has come to its end.
  [[nodiscard]] bool finished() const noexcept { return finished_; }

 private:
  bool begun_ = false;
  bool open_ = false;
  bool finished_ = false;
  std::uint32_t blocks_ = 0;
  BlockKind kind_ = BlockKind::text;
};

}  // namespace triage
