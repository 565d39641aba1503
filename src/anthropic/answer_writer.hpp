#pragma once
// Writes an answer of another dialect as Anthropic's Messages API has it, streamed or whole.

#include "triage/blocks.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage::anthropic {

/// The error type that belongs to an HTTP status, as Anthropic's documentation, "Errors", has them.
std::string_view error_type(int status) noexcept;
/// Whether it is one of Anthropic's error types.
bool is_error_type(std::string_view text) noexcept;

class MessageWriter {
 public:
  /// `input_tokens` is an estimate: clients count by what message_start says, and the truth comes at the end. `model`
  /// is the one that the answer names, unescaped; empty: the provider's. Claude Code does not send back what a model
  /// thought that it did not ask for.
  explicit MessageWriter(std::int64_t input_tokens, std::string_view model = {})
      : input_tokens_(input_tokens), model_(model) {}

  /// Appends the client's events of `event`. What it says at the end waits for the usage, or for end().
  void put(const BlockEvent& event, std::string& out);
  /// Appends what still waits. To be called once nothing more will come.
  void end(std::string& out);

 private:
  void begin(const BlockEvent& event, std::string& out);
  void open_block(const BlockEvent& event, std::string& out);
  void put_piece(const BlockEvent& event, std::string& out);
  void put_citation(const BlockEvent& event, std::string& out);

  std::int64_t input_tokens_;
  std::string model_;
  std::string finish_;  // the members of message_delta's delta; empty: it has not ended, or that was said
  std::optional<UsageReport> usage_;
};

/// A whole answer. `model` as for MessageWriter.
std::string write_message(const std::vector<BlockEvent>& events, std::string_view model = {});

/// What ends a stream.
inline constexpr std::string_view message_stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

}  // namespace triage::anthropic
