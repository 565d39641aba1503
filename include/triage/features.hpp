#pragma once
// What a request looks like to a router. What costs a pass over its texts is read when it is first asked for.
//
// The last user turn's text: of several texts, or of a message in parts, all of them with a line break between.

#include "triage/request.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

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
template <>
inline constexpr std::array<std::string_view, 12> words<Script>{
    "none", "latin", "greek", "cyrillic", "hebrew", "arabic", "devanagari", "thai", "kana", "cjk", "hangul", "other"};
template <>
inline constexpr std::string_view word_noun<Script> = "script";

/// How texts are read: openai/features.cpp.
struct TextReader {
  struct Turn {
    std::string_view text;  ///< body_padding readable bytes behind
    std::string storage;    ///< what `text` points to, if it is not in the body itself
  };
  void (*read_turn)(const ApiRequest& request, Turn& out);
  std::int64_t (*count)(std::string_view text);           ///< its tokens
  Script (*script)(std::string_view text);                ///< as read_turn() gives it
  std::int64_t (*count_rest)(const ApiRequest& request);  ///< tokens of all but the last user turn's text
};

/// Neither copied nor moved: its views point into itself and into the request's body. All tokens are estimates, in
/// o200k's.
class Features : public RequestOutline {
 public:
  Features() = default;  ///< of a request that says nothing
  Features(const Features&) = delete;
  Features& operator=(const Features&) = delete;

  /// `request` and `reader` must outlive this.
  void see(const ApiRequest& request, const TextReader& reader) {
    static_cast<RequestOutline&>(*this) = request.outline;
    request_ = &request;
    reader_ = &reader;
  }

  std::vector<std::pair<std::string, std::string>> metadata;  ///< of `metadata`, texts only

  /// The last user turn, unescaped; body_padding readable bytes behind.
  [[nodiscard]] std::string_view text() const { return read_turn().text; }
  /// Whether it is no copy.
  [[nodiscard]] bool text_in_body() const { return read_turn().storage.empty(); }
  [[nodiscard]] std::int64_t tokens() const { return ids_only() ? tokens_all() : count(); }  ///< of it
  [[nodiscard]] Script script() const {                                                      ///< of it
    if (!script_) script_ = reader_ != nullptr ? reader_->script(text()) : Script::none;
    return *script_;
  }
  /// Of all messages, the tools and the schema; images are not counted.
  [[nodiscard]] std::int64_t tokens_all() const {
    if (!rest_) rest_ = reader_ != nullptr ? reader_->count_rest(*request_) : 0;
    return *rest_ + count();
  }

  // What tokens() and tokens_all() are at most, for nothing: "é1é1" comes nearest, with 1.29 tokens a byte, and an
  // empty message counts 4 for its 3 bytes.
  [[nodiscard]] std::int64_t tokens_most() const {
    return is_chat() ? most_of(turn.end - turn.begin) : tokens_all_most();
  }
  [[nodiscard]] std::int64_t tokens_all_most() const {
    return request_ != nullptr ? most_of(request_->body.size()) : 0;
  }

 private:
  [[nodiscard]] bool is_chat() const noexcept { return request_ == nullptr || request_->api == Api::chat; }
  // Prompts and inputs may be given as tokens' numbers.
  [[nodiscard]] bool ids_only() const { return !is_chat() && text().empty(); }
  [[nodiscard]] const TextReader::Turn& read_turn() const {
    if (!turn_) {
      turn_.emplace();
      if (reader_ != nullptr) reader_->read_turn(*request_, *turn_);
    }
    return *turn_;
  }
  [[nodiscard]] std::int64_t count() const {
    if (!count_) count_ = reader_ != nullptr ? reader_->count(text()) : 0;
    return *count_;
  }
  static std::int64_t most_of(std::size_t bytes) noexcept { return static_cast<std::int64_t>(bytes + bytes / 3 + 2); }

  const ApiRequest* request_ = nullptr;
  const TextReader* reader_ = nullptr;
  mutable std::optional<TextReader::Turn> turn_;
  mutable std::optional<std::int64_t> count_;
  mutable std::optional<Script> script_;
  mutable std::optional<std::int64_t> rest_;
};

}  // namespace triage
