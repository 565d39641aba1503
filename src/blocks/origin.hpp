#pragma once
// Who made what only its maker can read: a thought's signature, a call's, a redacted thought. Where an answer is
// translated, such a string goes to the client with a mark of its origin inside, for that string is all that clients
// keep as it is. On its way back it is unmarked for the model that made it, and dropped for all others.
//
//   tRiAge FORM SPELLING PRINT PAYLOAD      the mark is 16 letters and digits
//
// The whole is base64, since clients of Gemini's API decode it and encode it anew, perhaps in the other alphabet.
// SPELLING says how the payload was spelled: s as base64, u as base64 in the URL alphabet, e otherwise; the payload is
// then the base64 of it.

#include "triage/json_string.hpp"
#include "triage/translation.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

struct Origin {
  WireForm form = WireForm::openai;
  std::array<char, 8> print{};  ///< letters and digits: a hash of provider and model
  bool operator==(const Origin&) const = default;
};

/// `provider` is its name in the configuration, `model` the provider's id of it.
Origin origin_of(WireForm form, std::string_view provider, std::string_view model);

/// `text` with the mark in front. It needs no escapes in JSON.
std::string marked(std::string_view text, const Origin& origin);

/// A string that had a mark.
struct Unmarked {
  Origin origin;
  std::string text;  ///< as it was before it was marked
};
/// nullopt: `text` has no mark.
std::optional<Unmarked> unmarked(std::string_view text);

/// Whether a mark may be anywhere in `body`.
bool holds_mark(std::string_view body) noexcept;

}  // namespace triage
