#pragma once
// What a request looks like to a router: read once from its body, and only if someone asks. wire/features.hpp reads it.
//
// The last user turn is the newest message whose role is "user" (chat), the prompt (completions) or the input
// (embeddings): of several texts, or of a message in parts, all of them with a line break between.

#include "triage/request.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

enum class ResponseFormat : std::uint8_t { none, json_object, json_schema };
inline constexpr std::array<std::string_view, 3> response_format_names{"none", "json_object", "json_schema"};

/// Writing system of the last user turn: the one that most of its letters belong to. Japanese counts as kana as soon as
/// a tenth of its letters are kana; Han alone is cjk.
enum class Script : std::uint8_t {
  none,
  latin,
  greek,
  cyrillic,
  hebrew,
  arabic,
  devanagari,
  thai,
  kana,
  cjk,
  hangul,
  other
};
inline constexpr std::array<std::string_view, 12> script_names{
    "none", "latin", "greek", "cyrillic", "hebrew", "arabic", "devanagari", "thai", "kana", "cjk", "hangul", "other"};

/// Neither copied nor moved: its views point into itself and into the request's body.
struct Features {
  Features() = default;
  Features(const Features&) = delete;
  Features& operator=(const Features&) = delete;

  std::int64_t tokens = 0;                 ///< of the last user turn; estimated, as all tokens here, in o200k's
  std::int64_t tokens_all = 0;             ///< of all messages, the tools and the schema; images are not counted
  std::int64_t turns = 0;                  ///< messages of the user
  std::int64_t images = 0;                 ///< parts of type image_url or input_image, in all messages
  std::int64_t choices = 1;                ///< `n`
  std::optional<std::int64_t> max_tokens;  ///< max_completion_tokens, else max_tokens
  ResponseFormat response_format = ResponseFormat::none;
  Script script = Script::none;
  bool system = false;    ///< a message of role system or developer
  bool tools = false;     ///< `tools` or `functions` is not empty
  bool logprobs = false;  ///< asks for them
  bool audio = false;     ///< a part of type input_audio
  std::string_view text;  ///< the last user turn, unescaped; body_padding readable bytes behind
  std::vector<std::pair<std::string, std::string>> metadata;  ///< of `metadata`, texts only

  std::string text_storage;  ///< what `text` points to, if it is not in the body itself
};

}  // namespace triage
