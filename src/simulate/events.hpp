#pragma once
// An Answer as a stream of server-sent events, one at a time: only the answer itself is held in memory.

#include "simulate/reply_text.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace triage::simulate {

class AnswerEvents {
 public:
  /// With `include_usage`, every event has a `usage` member, which is null except in the last. Both references must
  /// outlive this object.
  AnswerEvents(const ReplyHead& head, const Answer& answer, bool include_usage, bool done);

  /// Appends the next event, with its blank line. False after the last one.
  bool next(std::string& out);

  /// Tokens in the events so far.
  [[nodiscard]] std::uint32_t sent() const noexcept { return sent_; }

  /// Notes that everything next() has returned was sent.
  void mark_sent() noexcept { usage_sent_ = usage_given_; }
  [[nodiscard]] bool usage_sent() const noexcept { return usage_sent_; }

  /// The size of an event that carries one token, without the token.
  [[nodiscard]] std::size_t event_overhead() const;

 private:
  enum class Phase : std::uint8_t { role, echo, tokens, finish, usage, done, end };
  struct Cursor {
    std::size_t token = 0;  // in the text, or in the arguments of `call`
    std::size_t call = 0;
    bool named = false;  // the call's first event was sent
  };

  void open(std::string& out) const;
  void close(std::string& out) const;
  void write_role(std::string& out, std::size_t index) const;
  void write_echo(std::string& out, std::size_t index) const;
  void write_text(std::string& out, std::size_t index, Cursor& cursor);
  void write_call(std::string& out, std::size_t index, Cursor& cursor);
  void write_finish(std::string& out, std::size_t index) const;
  void write_usage(std::string& out) const;
  bool next_token(std::string& out);
  [[nodiscard]] bool exhausted(std::size_t index) const noexcept;

  const ReplyHead& head_;
  const Answer& answer_;
  const bool include_usage_;
  const bool done_;
  std::string prefix_;
  std::vector<Cursor> cursors_;  // one per choice
  Phase phase_;
  std::size_t index_ = 0;  // the choice whose turn it is
  std::uint32_t sent_ = 0;
  bool usage_given_ = false;
  bool usage_sent_ = false;
};

}  // namespace triage::simulate
