#pragma once
// Writes an answer of another dialect as OpenAI's Responses API has it, streamed or whole.
//
// A thought is a reasoning item: what it says is its summary, its signature is encrypted_content, which clients send
// back (opaque.hpp). Texts that follow each other are one message, as some clients read only the last.

#include "blocks/cited_text.hpp"
#include "triage/blocks.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage::responses {

/// What a response tells besides the answer.
struct Asked {
  std::int64_t created = 0;               ///< in seconds since 1970
  std::string echo;                       ///< what echo_of() says of the request
  std::string model;                      ///< as spelled in JSON, where the answer names none
  std::vector<std::string> namespaces{};  ///< likewise: of the request's tools
};

class ResponseWriter {
 public:
  explicit ResponseWriter(Asked asked) : asked_(std::move(asked)) {}

  /// Appends the client's events of `event`. What it says at the end waits for the usage, or for end().
  void put(const BlockEvent& event, std::string& out);
  /// Appends what still waits. To be called once nothing more will come.
  void end(std::string& out);
  /// Ends the stream for an error with this HTTP status.
  void fail(int status, std::string_view message, std::string& out);
  /// Continues, as to fail(), a stream that was not written here.
  void resume(std::string id, std::string model, std::int64_t sequence);

 private:
  friend std::string write_response(const std::vector<BlockEvent>& events, Asked asked);

  enum class Item : std::uint8_t { none, message, thought, call };

  void add_usage(const BlockEvent& event);
  void put_step(const BlockEvent& event, std::string& out);
  void begin(const BlockEvent& event, std::string& out);
  void begin_block(const BlockEvent& event, std::string& out);
  void put_piece(const BlockEvent& event, std::string& out);
  void end_block(const BlockEvent& event, std::string& out);
  void finish(const BlockEvent& event, std::string& out);

  void open_message(std::string& out);
  void open_thought(std::string& out);
  void open_summary(std::string& out);
  void open_call(const BlockEvent& event, std::string& out);
  void append_name(std::string_view called);
  void close_item(std::string& out);
  void close_message(std::string& out);
  void close_thought(std::string& out);
  void close_call(std::string& out);
  void put_annotations(std::string& out);
  void put_opaque(std::string_view prefix, std::string_view text, std::string& out);

  void open_event(std::string& out, std::string_view name);
  void event_of_item(std::string& out, std::string_view name);
  void put_item(std::string& out, std::string_view name, std::string_view item);
  void end_item(std::string& out, const std::string& item);
  void put_response(std::string& out, std::string_view name, std::string_view status);
  [[nodiscard]] std::string part() const;
  [[nodiscard]] std::string item_id(std::string_view prefix) const;
  void append_response(std::string& out, std::string_view status) const;

  const Asked asked_;
  bool quiet_ = false;  // only the response counts
  std::int64_t sequence_ = 0;
  std::string id_;
  std::string model_;
  std::string item_base_;  // of the items' ids
  std::uint32_t items_ = 0;
  std::string output_;  // the items that have ended

  Item open_ = Item::none;
  std::string open_id_;
  std::string head_;       // of a call: its members up to the arguments
  std::string piece_;      // what the open item has said
  std::string signature_;  // of the open block
  bool custom_ = false;    // the open call is of a custom tool
  CitedText cited_;        // of the open message
  std::string annotations_;
  std::string logprobs_;
  bool block_says_ = false;
  bool refuses_ = false;  // the open message, or the one to be opened, is a refusal
  bool refused_ = false;  // there was one
  bool incomplete_ = false;

  bool finished_ = false;
  std::string_view incomplete_reason_;  // empty: it is complete
  std::string error_;                   // JSON; empty: none
  std::optional<UsageReport> usage_;
};

/// A whole answer.
std::string write_response(const std::vector<BlockEvent>& events, Asked asked);

}  // namespace triage::responses
