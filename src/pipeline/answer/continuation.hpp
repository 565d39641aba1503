#pragma once
// Fits a second answer's text to what the client has of a first one that was cut off. Pure.
//
//   sent "Paris is", asked again:        "Pa" "ris is the"   -> "" " the"
//                                        "Par" "ma"          -> another answer
//   sent "Paris is", asked to go on:     " the"              -> " the"
//                                        "Paris" " is the"   -> "" " the"    an echo of all that was sent is dropped
//                                        "Pa" "nama"         -> "" "Panama"  it only began like one

#include <cstddef>
#include <optional>
#include <string_view>

namespace triage {

class Continuation {
 public:
  enum class Asked : unsigned char { again, to_go_on };

  /// `sent` must outlive it.
  Continuation(std::string_view sent, Asked asked) : sent_(sent), asked_(asked), settled_(sent.empty()) {}

  /// For the client: what was kept back, then this.
  struct Next {
    std::string_view kept;  ///< into what was sent
    std::string_view rest;  ///< into the piece
  };
  /// Of the second answer's next piece of text; nullopt: it is another answer.
  std::optional<Next> next(std::string_view piece);

  /// No more text will come: what is still kept back for the client; nullopt: it was too short.
  std::optional<std::string_view> end();

  /// All that follows goes to the client.
  [[nodiscard]] bool settled() const noexcept { return settled_; }
  /// It began with all that was sent.
  [[nodiscard]] bool repeated() const noexcept { return matched_ == sent_.size(); }
  /// Bytes that it has in common with what was sent, from the beginning.
  [[nodiscard]] std::size_t matched() const noexcept { return matched_; }

 private:
  std::string_view sent_;
  Asked asked_;
  std::size_t matched_ = 0;
  bool settled_;
};

}  // namespace triage
