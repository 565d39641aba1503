#pragma once
// A request as routers and verifiers see it: its outline, its texts, its tools. The body was walked once, when it was
// parsed; what costs a pass over a text is read from its place there when it is first asked for.
//
// The last user turn's text: of several texts, or of a message in parts, all of them with a line break between. All
// tokens are estimates, in o200k's.

#include "triage/request.hpp"
#include "triage/script.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

/// A tool that the request declares.
struct DeclaredTool {
  std::string name;
  std::string_view parameters;  ///< a JSON Schema; empty: none is declared, or the tool takes plain text
  bool json = true;             ///< its arguments are JSON
};

/// Which tools may be called.
struct ToolChoice {
  bool none = false;      ///< no tool may be
  bool required = false;  ///< one must be
  std::string name;       ///< it must be this one; empty: any
};

/// Of one request and one thread. Neither copied nor moved: its views point into itself and into the request's body.
/// Implemented by openai/chat_view.cpp and openai/chat_tools.cpp.
class ChatView : public RequestOutline {
 public:
  ChatView() = default;  ///< of a request that says nothing
  /// `request` comes from a ClientApi and must outlive this: its body is valid JSON, but its members may be of any
  /// type; one that is not what the API wants counts as absent.
  explicit ChatView(const ApiRequest& request) : RequestOutline(request.outline), request_(&request) {}
  ChatView(const ChatView&) = delete;
  ChatView& operator=(const ChatView&) = delete;

  /// The last user turn, unescaped; body_padding readable bytes behind.
  [[nodiscard]] std::string_view text() const { return last_turn().text; }
  [[nodiscard]] std::int64_t tokens() const { return ids_only() ? tokens_all() : count(); }  ///< of it
  [[nodiscard]] Script script() const;                                                       ///< of it
  /// Whether text() is a copy, because it has escapes or parts.
  [[nodiscard]] bool text_is_copied() const { return !last_turn().storage.empty(); }
  /// Of all messages, the tools and the schema; images are not counted.
  [[nodiscard]] std::int64_t tokens_all() const { return count_rest() + count(); }

  // What tokens() and tokens_all() are at most, for nothing: "é1é1" comes nearest, with 1.29 tokens a byte, and an
  // empty message counts 4 for its 3 bytes.
  [[nodiscard]] std::int64_t tokens_most() const {
    return is_chat() ? most_of(turn.end - turn.begin) : tokens_all_most();
  }
  [[nodiscard]] std::int64_t tokens_all_most() const {
    return request_ != nullptr ? most_of(request_->body.size()) : 0;
  }

  /// Of `metadata`, texts only.
  using Metadata = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] const Metadata& metadata() const;

  /// Null: of a request that says nothing.
  [[nodiscard]] const ApiRequest* request() const noexcept { return request_; }

  /// Calls text() with each text of the messages (or of the prompt), unescaped; stops when it returns false. The view
  /// is valid during the call.
  using TextVisitor = std::function<bool(std::string_view text)>;
  void each_text(const TextVisitor& text) const;
  /// The same, of one of the request's messages.
  void each_text(const ChatMessage& message, const TextVisitor& text) const;

  /// The JSON of the schema that the answer has to keep to; empty: there is none.
  [[nodiscard]] std::string_view schema() const { return request_ != nullptr ? request_->at(request_->schema) : ""; }

  /// Calls tool() with each tool that the request declares; stops when it returns false.
  void each_tool(const std::function<bool(const DeclaredTool& tool)>& tool) const;
  [[nodiscard]] ToolChoice tool_choice() const;

  /// What has cost a pass over texts so far.
  struct Reads {
    bool text = false;
    bool tokens = false;
    bool script = false;
    bool rest = false;  ///< all but the last user turn
    bool operator==(const Reads&) const = default;
  };
  [[nodiscard]] Reads reads() const noexcept {
    return {turn_.has_value(), count_.has_value(), script_.has_value(), rest_.has_value()};
  }

 private:
  struct Turn {
    std::string_view text;
    std::string storage;  // what `text` points to, if it is not in the body itself
  };

  [[nodiscard]] bool is_chat() const noexcept { return request_ == nullptr || request_->api == Api::chat; }
  // Prompts and inputs may be given as tokens' numbers.
  [[nodiscard]] bool ids_only() const { return !is_chat() && text().empty(); }
  [[nodiscard]] const Turn& last_turn() const {
    if (!turn_) read_turn(turn_.emplace());
    return *turn_;
  }
  void read_turn(Turn& out) const;
  [[nodiscard]] std::int64_t count() const;
  [[nodiscard]] std::int64_t count_rest() const;
  static std::int64_t most_of(std::size_t bytes) noexcept { return static_cast<std::int64_t>(bytes + bytes / 3 + 2); }

  const ApiRequest* request_ = nullptr;
  mutable std::optional<Turn> turn_;
  mutable std::optional<std::int64_t> count_;
  mutable std::optional<Script> script_;
  mutable std::optional<std::int64_t> rest_;
  mutable std::optional<Metadata> metadata_;
};

}  // namespace triage
