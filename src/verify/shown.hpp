#pragma once
// What a judging model is shown, and the question that shows it.
//
//   system   what to judge by, then how to read and answer what follows
//   user     <<<request 91f3...>>>          the texts of the messages, their last 24,000 bytes
//            <<<end request 91f3...>>>
// <<<answer 91f3...>>>           the answer, its tool calls behind it; a long one without its middle
//            <<<end answer 91f3...>>>
//
// The markers' number is a hash of what they enclose, and "<<<" cannot occur in there: whatever the texts say, they
// stay inside.

#include "triage/chat_view.hpp"
#include "triage/completion.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::verify {

std::string shown_request(const ChatView& request);
std::string shown_answer(const Completion& answer);

/// A part's name, which is a constant, and its text from shown_request() or shown_answer().
struct ShownPart {
  std::string_view name;
  std::string text;
};

/// The body of a question at temperature 0. The reply must satisfy the JSON schema `reply_schema`.
std::string judging_body(std::string_view deployment, std::string_view system, const std::vector<ShownPart>& parts,
                         std::string_view reply_schema);

/// A member of a reply: an unescaped text, or a number as spelled.
struct ReplyValue {
  std::string text;
  bool is_number = false;
  /// The value as a number, if it is one in 0..1.
  [[nodiscard]] std::optional<double> share() const;
};

/// The members of a reply that must be one JSON object and nothing else, with each of `names` once, in this order, and
/// no other. nullopt: it is anything else.
std::optional<std::vector<ReplyValue>> read_reply(const Completion& reply,
                                                  std::initializer_list<std::string_view> names);

}  // namespace triage::verify
