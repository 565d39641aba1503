#pragma once
// Writes an answer of another dialect as Gemini's API has it, streamed or whole.

#include "blocks/cited_text.hpp"
#include "triage/blocks.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::gemini {

/// How a stream's objects are framed: as server-sent events (`alt=sse`), or as one JSON array.
enum class Framing : std::uint8_t { events, array };

/// The word for an HTTP status in Google's errors (google.rpc.Code).
std::string_view status_word(int status) noexcept;

/// {"error":{"code":400,"message":"...","status":"INVALID_ARGUMENT"}}
std::string write_error(int status, std::string_view message);

/// An error reply's body, {"error":{"message":...}}, in Google's words. What Google itself said besides stays.
std::string own_error(int status, std::string body);

class ResponseWriter {
 public:
  explicit ResponseWriter(Framing framing) : framing_(framing) {}

  /// Appends the client's objects of `event`: one for each piece of a text or thought, a call as a whole. Why the
  /// answer ended waits for the usage, or for end().
  void put(const BlockEvent& event, std::string& out);
  /// Appends what still waits, and the end of an array. To be called once nothing more will come.
  void end(std::string& out);
  /// Appends an error's object as the last one.
  void fail(std::string_view error, std::string& out);

 private:
  void open_block(const BlockEvent& event, std::string& out);
  void close_block(const BlockEvent& event, std::string& out);
  void put_piece(const BlockEvent& event, std::string& out);
  void write(std::string_view part, std::string& out, std::string_view more = {});
  void write_finish(std::string& out);
  void open_frame(std::string& out);
  void close_frame(std::string& out) const;

  Framing framing_;
  bool begun_ = false;     // an object has been written
  bool closed_ = false;    // the array has
  std::string behind_;     // the members of each object behind its candidates
  std::string call_;       // the open call's id and name
  std::string arguments_;  // and its arguments
  std::string signature_;  // of the open block
  std::string finish_;     // members of the last candidate; empty: it has not ended, or that was said
  CitedText cited_;
  std::string text_;  // of the answer
  std::optional<UsageReport> usage_;
};

/// A whole answer.
std::string write_response(const std::vector<BlockEvent>& events);

}  // namespace triage::gemini
