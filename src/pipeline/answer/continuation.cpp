#include "pipeline/answer/continuation.hpp"

#include <algorithm>

namespace triage {

std::optional<Continuation::Next> Continuation::next(std::string_view piece) {
  if (settled_) return Next{{}, piece};
  const std::size_t before = matched_;
  const std::string_view expected = sent_.substr(before, piece.size());
  const auto same = std::ranges::mismatch(piece, expected).in1 - piece.begin();
  matched_ += static_cast<std::size_t>(same);
  if (repeated()) {
    settled_ = true;
    return Next{{}, piece.substr(matched_ - before)};
  }
  if (matched_ - before == piece.size()) return Next{};
  if (asked_ == Asked::again) return std::nullopt;
  settled_ = true;
  return Next{sent_.substr(0, before), piece};
}

std::optional<std::string_view> Continuation::end() {
  if (settled_) return std::string_view();
  if (asked_ == Asked::again) return std::nullopt;
  settled_ = true;
  return sent_.substr(0, matched_);
}

}  // namespace triage
