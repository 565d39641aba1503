#pragma once
// A request as routers and verifiers see it: its outline, its texts, its tools. The body was walked once, when it was
// parsed. Anything that costs a pass over a text is computed when it is first asked for.
//
// If the last user turn has several texts, or a message has parts, its text is all of them, joined by line breaks.
// All token counts are estimates, in tokens of o200k.

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
  std::string_view parameters;  ///< a JSON Schema; empty: none declared, or the tool takes plain text
  bool json = true;             ///< its arguments are JSON
};

/// Which tools may be called.
struct ToolChoice {
  bool none = false;                                ///< no tool may be called
  bool required = false;                            ///< some tool must be called
  std::string name;                                 ///< the tool that must be called; empty: any
  std::optional<std::vector<std::string>> allowed;  ///< no other tool may be called; absent: any may
};

/// What the assistant has done with tools since the last user turn.
struct ToolWork {
  std::vector<std::string> called;  ///< the tool of each call, in order
  std::int64_t failed = 0;          ///< results that report a failure: openai/tool_work.cpp says by what
};

/// Belongs to one request and one thread. It is neither copied nor moved: its views point into itself and into the
/// request's body. Implemented by openai/chat_view.cpp, chat_tools.cpp and tool_work.cpp.
class ChatView : public RequestOutline {
 public:
  ChatView() = default;  ///< of an empty request
  /// `request` comes from a ClientApi and must outlive this object. Its body is valid JSON, but its members may have
  /// any type; a member of the wrong type counts as absent.
  explicit ChatView(const ApiRequest& request) : RequestOutline(request.outline), request_(&request) {}
  ChatView(const ChatView&) = delete;
  ChatView& operator=(const ChatView&) = delete;

  /// The text of the last user turn, unescaped, followed by body_padding readable bytes.
  [[nodiscard]] std::string_view text() const { return last_turn().text; }
  [[nodiscard]] std::int64_t tokens() const { return ids_only() ? tokens_all() : count(); }  ///< of text()
  [[nodiscard]] Script script() const;                                                       ///< of text()
  /// Whether text() is a copy, because it has escapes or parts.
  [[nodiscard]] bool text_is_copied() const { return !last_turn().storage.empty(); }
  /// Tokens of all messages, the tools and the schema. Images are not counted.
  [[nodiscard]] std::int64_t tokens_all() const { return count_rest() + count(); }

  // Upper bounds of tokens() and tokens_all() that cost nothing. The worst text known is "𠀀1𠀀1", with 1.30 tokens a
  // byte; an empty message counts 4 for its 3 bytes.
  [[nodiscard]] std::int64_t tokens_most() const {
    return is_chat() ? most_of(turn.end - turn.begin) : tokens_all_most();
  }
  [[nodiscard]] std::int64_t tokens_all_most() const {
    return request_ != nullptr ? most_of(request_->body.size()) : 0;
  }

  /// The members of `metadata` that are strings.
  using Metadata = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] const Metadata& metadata() const;

  /// Null for an empty request.
  [[nodiscard]] const ApiRequest* request() const noexcept { return request_; }

  /// Calls text() with each text of the messages (or of the prompt), unescaped, until it returns false. The view is
  /// valid during the call.
  using TextVisitor = std::function<bool(std::string_view text)>;
  void each_text(const TextVisitor& text) const;
  /// The same for one of the request's messages.
  void each_text(const ChatMessage& message, const TextVisitor& text) const;

  /// The JSON schema that the answer must satisfy; empty: none.
  [[nodiscard]] std::string_view schema() const { return request_ != nullptr ? request_->at(request_->schema) : ""; }

  /// Calls tool() with each tool that the request declares, until it returns false.
  void each_tool(const std::function<bool(const DeclaredTool& tool)>& tool) const;
  [[nodiscard]] ToolChoice tool_choice() const;

  [[nodiscard]] const ToolWork& tool_work() const {
    if (!tool_work_) read_tool_work(tool_work_.emplace());
    return *tool_work_;
  }
  [[nodiscard]] std::int64_t tool_calls() const { return static_cast<std::int64_t>(tool_work().called.size()); }
  [[nodiscard]] std::int64_t failed_tool_calls() const { return tool_work().failed; }
  /// An upper bound of both that costs nothing.
  [[nodiscard]] std::int64_t tool_calls_most() const {
    const bool works =
        request_ != nullptr && !request_->messages.empty() && request_->messages.back().role != Role::user;
    return works ? static_cast<std::int64_t>(request_->body.size()) : 0;
  }

  /// Which passes over texts have been made so far.
  struct Reads {
    bool text = false;
    bool tokens = false;
    bool script = false;
    bool rest = false;  ///< everything but the last user turn
    bool operator==(const Reads&) const = default;
  };
  [[nodiscard]] Reads reads() const noexcept {
    return {turn_.has_value(), count_.has_value(), script_.has_value(), rest_.has_value()};
  }

 private:
  struct Turn {
    std::string_view text;
    std::string storage;  // what `text` points to, unless that is the body itself
  };

  [[nodiscard]] bool is_chat() const noexcept { return request_ == nullptr || request_->api == Api::chat; }
  // Prompts and inputs may be given as token ids.
  [[nodiscard]] bool ids_only() const { return !is_chat() && text().empty(); }
  [[nodiscard]] const Turn& last_turn() const {
    if (!turn_) read_turn(turn_.emplace());
    return *turn_;
  }
  void read_turn(Turn& out) const;
  void read_tool_work(ToolWork& out) const;
  [[nodiscard]] std::int64_t count() const;
  [[nodiscard]] std::int64_t count_rest() const;
  static std::int64_t most_of(std::size_t bytes) noexcept { return static_cast<std::int64_t>(bytes + bytes / 3 + 2); }

  const ApiRequest* request_ = nullptr;
  mutable std::optional<Turn> turn_;
  mutable std::optional<std::int64_t> count_;
  mutable std::optional<Script> script_;
  mutable std::optional<std::int64_t> rest_;
  mutable std::optional<Metadata> metadata_;
  mutable std::optional<ToolWork> tool_work_;
};

}  // namespace triage
