#pragma once
// What a reasoning item's encrypted_content holds. It is the only place of a Responses conversation where a client
// keeps what only a model can read, and it comes home with the items around it:
//
//   TEXT            of this thought
//   redacted#TEXT   a redacted thought; the item has nothing else
//   item#TEXT       the signature of the item in front, a call or a text
//   text#TEXT       the signature of an empty text
//
// A provider's own answers have the first form. There the text belongs to the item's id and is refused beside another
// one, so the two travel through other dialects as one: ID#TEXT.

#include "triage/json_string.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace triage::responses {

enum class OpaqueKind : std::uint8_t { thought, redacted, of_item, of_text };

struct Opaque {
  OpaqueKind kind = OpaqueKind::thought;
  JsonString text;
};

/// What a client's reasoning item keeps, and how it is to be written.
Opaque read_opaque(const JsonString& encrypted_content);
std::string_view opaque_prefix(OpaqueKind kind) noexcept;

/// The signature of a provider's reasoning item. Both are as spelled in JSON.
std::string join_signature(std::string_view id, std::string_view encrypted_content);

struct SplitSignature {
  std::string_view id;  ///< empty: it has none
  std::string_view encrypted_content;
};
SplitSignature split_signature(std::string_view signature) noexcept;

}  // namespace triage::responses
