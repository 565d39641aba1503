#pragma once
// What a model answered, as those who judge it read it: whole or as far as it has come, streamed or not.

#include <cstdint>
#include <string>
#include <vector>

namespace triage {

struct ToolCall {
  std::string name;
  std::string arguments;    ///< JSON, if the model has kept to it; of a custom tool its input, any text
  std::string id{};         ///< empty: none was given
  std::int64_t index = -1;  ///< of its pieces in a stream; -1: none was given
  bool custom = false;      ///< of a tool that takes text
};

/// Of the first choice. Texts are unescaped UTF-8.
struct Completion {
  std::string text;
  std::string refusal;  ///< `message.refusal`: the model's own word for it
  std::vector<ToolCall> tool_calls;
  std::string finish_reason;     ///< empty: it has not finished
  std::vector<double> logprobs;  ///< of the text's tokens, natural logarithms; empty: none were given
  std::int64_t choices = 1;
  bool media = false;  ///< it has sound or pictures
};

}  // namespace triage
