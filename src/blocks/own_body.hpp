#pragma once
// Origins in a body that is passed on, because its provider speaks the client's dialect: what other models made is cut
// out, and nothing else changes.

#include "blocks/origin.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace triage {

struct OwnBody {
  std::string text;
  bool dropped = false;  ///< something of another origin was cut out
};

/// `body` is a request in JSON, checked, and followed by body_padding readable bytes. Marked strings of `origin` lose
/// their marks. Of others go: thoughts as a whole (Anthropic's and LiteLLM's blocks, Responses' reasoning items,
/// Gemini's parts); citations of texts; the signatures of what else a part holds; what is left without content. Unless
/// it is empty, `unsigned_calls` then stands at Gemini's calls that have no signature, of each turn's the first.
/// nullopt: nothing changes.
std::optional<OwnBody> own_body(std::string_view body, const Origin& origin, std::string_view unsigned_calls);

}  // namespace triage
