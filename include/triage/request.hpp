#pragma once
// A call of the OpenAI API that Triage understands. All others pass through unread.

#include "triage/error.hpp"
#include "triage/translation.hpp"
#include "triage/usage.hpp"
#include "triage/words.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct BlockRequest;

enum class Api : std::uint8_t { chat, completions, embeddings };

struct ApiPath {
  std::string_view path;
  Api api;
  WireForm form = WireForm::openai;
};
inline constexpr std::array<ApiPath, 5> api_paths{{{"/v1/chat/completions", Api::chat},
                                                   {"/v1/completions", Api::completions},
                                                   {"/v1/embeddings", Api::embeddings},
                                                   {"/v1/messages", Api::chat, WireForm::anthropic},
                                                   {"/v1/responses", Api::chat, WireForm::responses}}};
/// The same path below /v1, for clients whose base URL ends in front of it.
inline std::string_view with_version(std::string_view path) noexcept {
  constexpr std::string_view known[] = {"/v1/chat/completions", "/v1/completions", "/v1/embeddings",
                                        "/v1/responses",        "/v1/messages",    "/v1/messages/count_tokens",
                                        "/v1/models",           "/v1/realtime"};
  constexpr std::size_t version_bytes = 3;
  for (const std::string_view each : known)
    if (each.size() == path.size() + version_bytes && each.substr(version_bytes) == path) return each;
  return path;
}
/// Gemini's API says in the path what is done with which model: /v1beta/models/MODEL:generateContent.
struct ModelPath {
  std::string_view model;  ///< percent-encoded
  std::string_view method;
};
inline constexpr std::string_view gemini_prefix = "/v1beta/";
inline std::optional<ModelPath> model_path(std::string_view path) noexcept {
  constexpr std::string_view models = "models/";
  if (path.starts_with(gemini_prefix))
    path.remove_prefix(gemini_prefix.size());
  else if (path.starts_with("/v1/"))
    path.remove_prefix(std::string_view("/v1/").size());
  else
    return std::nullopt;
  if (!path.starts_with(models)) return std::nullopt;
  const std::size_t colon = path.rfind(':');
  if (colon == std::string_view::npos || colon <= models.size()) return std::nullopt;
  const ModelPath out{path.substr(models.size(), colon - models.size()), path.substr(colon + 1)};
  for (const std::string_view method : {"generateContent", "streamGenerateContent", "countTokens"})
    if (out.method == method) return out;
  return std::nullopt;
}

/// nullopt: the path belongs to another API, which passes through.
inline std::optional<Api> api_at(std::string_view path) noexcept {
  for (const ApiPath& each : api_paths)
    if (each.path == path) return each.api;
  if (const auto model = model_path(path); model && model->method != "countTokens") return Api::chat;
  return std::nullopt;
}
inline constexpr std::string_view count_tokens_path = "/v1/messages/count_tokens";
inline bool counts_tokens(std::string_view path) noexcept {
  const auto model = model_path(path);
  return path == count_tokens_path || (model && model->method == "countTokens");
}
/// The form of the API at that path.
inline WireForm form_at(std::string_view path) noexcept {
  for (const ApiPath& each : api_paths)
    if (each.path == path) return each.form;
  if (path == count_tokens_path) return WireForm::anthropic;
  return path.starts_with(gemini_prefix) || model_path(path) ? WireForm::gemini : WireForm::openai;
}

inline constexpr std::string_view feedback_path = "/v1/feedback";

/// A half-open byte range of the body.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] bool empty() const noexcept { return begin == end; }
};

enum class ResponseFormat : std::uint8_t { none, json_object, json_schema };
template <>
inline constexpr std::array<std::string_view, 3> words<ResponseFormat>{"none", "json_object", "json_schema"};
template <>
inline constexpr std::string_view word_noun<ResponseFormat> = "format";

/// What a body asks for, known without looking into its texts. A member of the wrong type counts as absent. The last
/// user turn is the newest message whose role is "user" (chat), the prompt (completions) or the input (embeddings).
struct RequestOutline {
  std::int64_t turns = 0;                  ///< user messages
  std::int64_t images = 0;                 ///< parts of type image_url or input_image, in all messages
  std::int64_t choices = 1;                ///< that are asked for: `n`, of each prompt
  std::optional<std::int64_t> max_tokens;  ///< max_completion_tokens, else max_tokens
  ResponseFormat response_format = ResponseFormat::none;
  bool system = false;    ///< a message of role system or developer
  bool tools = false;     ///< `tools` or `functions` is not empty
  bool logprobs = false;  ///< asks for log-probabilities
  bool audio = false;     ///< has a part of type input_audio
  bool search = false;    ///< asks for a search of the web
  std::optional<SearchSize> search_size;
  Span turn;            ///< value of the last user turn; empty if there is none
  Span metadata_value;  ///< an object; empty if absent
};

/// Who wrote a message.
enum class Role : std::uint8_t { other, system, user, assistant, tool };

/// One message, as byte ranges of the body. A `developer` message counts as system.
struct ChatMessage {
  Role role = Role::other;
  Span value;    ///< the whole message
  Span content;  ///< empty if absent
  Span calls;    ///< of tools or a function; empty if absent
};

/// A request that is not in OpenAI's words. Its ApiRequest describes the same as a chat completion.
struct OriginalRequest {
  std::string_view body;  ///< the client's bytes, followed by body_padding readable bytes
  Span model_value;       ///< in `body`: the JSON string, quotes included
  std::string chat;       ///< what the ApiRequest's body is a view of, with its padding
  bool array = false;     ///< the answer's stream is to be one JSON array (Gemini)
  std::string copy;       ///< what `body` is a view of, where it is not the client's own
};

/// What the gateway needs to know of a request body, and where each part is in the client's bytes, so that a provider
/// can be sent the same bytes with only those parts changed. Made by openai/request_body.hpp after a strict check of
/// the whole body.
struct ApiRequest {
  Api api = Api::chat;
  WireForm form = WireForm::openai;  ///< in whose words it is, and the answer is to be
  std::string_view body;             ///< the client's bytes, followed by body_padding readable bytes
  std::string model;                 ///< unescaped
  Span model_value;                  ///< the JSON string, quotes included
  bool stream = false;
  bool include_usage = false;    ///< stream_options.include_usage is true
  Span stream_options;           ///< the value (object or null); empty if absent
  Span include_usage_value;      ///< the value inside stream_options; empty if absent
  std::size_t object_begin = 0;  ///< offset just behind the top-level '{'
  std::vector<ChatMessage> messages;
  Span texts;        ///< the value of messages, prompt or input; empty if absent
  Span tools;        ///< a list; empty if absent
  Span functions;    ///< the older form of `tools`; empty if absent
  Span tool_choice;  ///< or the older function_call
  Span response_format;
  Span schema;          ///< the schema in response_format.json_schema: an object
  Span logprobs_value;  ///< the member `logprobs`
  Span service_tier;    ///< inside the quotes; empty if absent
  Span user;            ///< likewise
  RequestOutline outline;
  std::shared_ptr<const OriginalRequest> original{};  ///< null: `body` is the client's own
  /// Free of any dialect, once blocks_of() of clients/clients.hpp has been asked for it.
  mutable std::shared_ptr<const Result<BlockRequest>> blocks{};

  [[nodiscard]] std::string_view at(Span span) const noexcept { return body.substr(span.begin, span.end - span.begin); }
};

}  // namespace triage
