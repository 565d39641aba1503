#pragma once
// Fits the text of a second answer to what the client has of a first one that was cut off. Pure.
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

  /// `sent` must outlive this object.
  Continuation(std::string_view sent, Asked asked) : sent_(sent), asked_(asked), settled_(sent.empty()) {}

  /// What to send to the client: `kept`, which was withheld so far, then `rest`.
  struct Next {
    std::string_view kept;  ///< into what was sent
    std::string_view rest;  ///< into the piece
  };
  /// Takes the next piece of the second answer's text. nullopt: it is a different answer.
  std::optional<Next> next(std::string_view piece);

  /// To be called when no more text will come. Returns what is still withheld; nullopt: the second answer was too
  /// short.
  std::optional<std::string_view> end();

  /// Whether all further text goes to the client.
  [[nodiscard]] bool settled() const noexcept { return settled_; }
  /// Whether the second answer began with everything that was sent.
  [[nodiscard]] bool repeated() const noexcept { return matched_ == sent_.size(); }
  /// How many bytes from its beginning the second answer has in common with what was sent.
  [[nodiscard]] std::size_t matched() const noexcept { return matched_; }

 private:
  std::string_view sent_;
  Asked asked_;
  std::size_t matched_ = 0;
  bool settled_;
};

}  // namespace triage
