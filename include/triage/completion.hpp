#pragma once
// What a model answered, as verifiers and pickers read it: whole or so far, streamed or not.

#include <cstdint>
#include <string>
#include <vector>

namespace triage {

struct ToolCall {
  std::string name;
  std::string arguments;    ///< JSON, if the model complied; for a custom tool its input, any text
  std::string id{};         ///< empty: none given
  std::int64_t index = -1;  ///< of the call's pieces in a stream; -1: none given
  bool custom = false;      ///< of a tool that takes plain text
};

/// The first choice. Texts are unescaped UTF-8.
struct Completion {
  std::string text;
  std::string refusal;  ///< `message.refusal`: the model says that it refuses
  std::vector<ToolCall> tool_calls;
  std::string finish_reason;     ///< empty: not finished yet
  std::vector<double> logprobs;  ///< of the text's tokens, natural logarithms; empty: none given
  std::int64_t choices = 1;
  bool media = false;  ///< has audio or images
};

}  // namespace triage
