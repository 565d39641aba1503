#pragma once
// Writes an answer of another dialect as chat completions, streamed or whole.
//
// A thought is `reasoning_content`; signed or redacted ones are also in `thinking_blocks`, whole, as LiteLLM has them,
// so that a client that sends its messages back as they came returns them to the model that made them. In a stream they
// are numbered, because OpenAI's SDKs refuse to join lists whose entries are not; what is cited comes as one list, at
// the end. Signatures of calls, and of a text,
// are in `extra_content.google.thought_signature`, as Google's own chat completions have them: of a call in its first
// chunk.

#include "blocks/cited_text.hpp"
#include "triage/blocks.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage::openai {

/// The client's word for why an answer ended.
std::string_view finish_word(FinishReason reason) noexcept;

class ChunkWriter {
 public:
  /// `created` is in seconds since 1970.
  ChunkWriter(std::int64_t created, bool include_usage) : created_(created), include_usage_(include_usage) {}

  /// Appends the JSON of the event's chunk, without framing. False: it has none.
  bool put(const BlockEvent& event, std::string& out);

 private:
  void begin(const BlockEvent& event);
  bool open_block(const BlockEvent& event, std::string& out);
  bool put_piece(const BlockEvent& event, std::string& out);
  bool put_signature(const BlockEvent& event, std::string& out);
  void put_call(std::string& out, std::string_view arguments, std::string_view signature);
  bool close_block(const BlockEvent& event, std::string& out);
  void finish(const BlockEvent& event, std::string& out);
  bool put_usage(const BlockEvent& event, std::string& out);
  void put_delta(std::string& out, std::string_view before, std::string_view raw, std::string_view behind,
                 std::string_view logprobs = {}) const;

  const std::int64_t created_;
  const bool include_usage_;
  std::string head_;  // of each chunk, up to the list of its choices
  CitedText cited_;
  std::uint32_t calls_ = 0;
  bool empty_ = false;          // no piece of the open block has come
  bool signed_ = false;         // the text's signature was told
  bool custom_ = false;         // the open call is of a custom tool
  std::string call_;            // the beginning of a call that was not told yet
  std::uint32_t thoughts_ = 0;  // in `thinking_blocks`
  std::string thought_;
  std::string signature_;
  std::optional<UsageReport> usage_;
};

/// A whole answer.
std::string write_completion(const std::vector<BlockEvent>& events, std::int64_t created);

}  // namespace triage::openai
