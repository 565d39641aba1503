#pragma once
// One client connection: reads a request, hands it to the handler as an Exchange, reads the next. Requests that the
// client sends ahead (pipelining) wait in the buffer and are answered in order. While a request is answered, one read
// stays pending, so that the gateway notices at once when the client goes away.

#include "base/buffer.hpp"
#include "base/deadline.hpp"
#include "base/event.hpp"
#include "http/response_writer.hpp"
#include "http/server.hpp"
#include "http/stream.hpp"
#include "http1/chunk_decoder.hpp"
#include "http1/head_parser.hpp"
#include "triage/exchange.hpp"
#include "websocket/socket.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace triage::http {

class Session final : public Exchange {
 public:
  Session(Server& server, Loop& loop, Handler& handler, Stream::Socket socket);

  /// Serves the connection to its end. The session must outlive it.
  Async<void> run();

  // The server calls these. Any of them may destroy the session.
  void close() { stream_.close(); }
  void stop();      ///< ends soon, if no request comes
  void give_up();   ///< cancels the request under way; without one, close()
  void make_way();  ///< close(), for another connection

  /// When it began to wait for a request; far in the future while it serves one.
  [[nodiscard]] Deadline::Clock::time_point waiting_since() const noexcept { return serving_ ? never : waiting_since_; }

  [[nodiscard]] const RequestHead& head() const noexcept override { return head_; }
  Result<std::string_view> decoded_body(std::string_view body) override;
  [[nodiscard]] std::string client_address() override;
  [[nodiscard]] std::string_view id() const noexcept override { return id_; }
  [[nodiscard]] std::chrono::steady_clock::time_point started() const noexcept override { return started_; }
  void count_for(KeyShare& share) noexcept override { share_ = &share; }
  Async<Result<std::string_view>> read_body() override;
  Async<Result<std::string_view>> read_body_some() override;
  Async<Result<void>> respond(ResponseHead head, std::string_view body) override;
  Async<Result<void>> begin(ResponseHead head, std::optional<std::uint64_t> length, std::string_view first) override;
  Async<Result<void>> write(std::string_view piece) override;
  Async<Result<void>> finish(std::string_view last) override;
  Async<Result<WebSocket*>> accept(ResponseHead head, std::string_view subprotocol, const SocketLimits& limits,
                                   std::function<void(std::uint16_t)> stopping) override;
  void abort() noexcept override;
  void fill_silence(ResponseHead head, std::chrono::milliseconds first, std::chrono::milliseconds silence,
                    std::string_view filler) override;
  [[nodiscard]] bool begun() const noexcept override { return begun_; }
  Cancellation& gone() noexcept override { return *gone_; }

 private:
  static constexpr auto never = Deadline::Clock::time_point::max();
  using Buffers = std::span<asio::const_buffer>;

  // the connection (session.cpp)
  Async<void> turn_away();
  Async<bool> admit();
  Async<bool> speaks_tls();
  Async<bool> read_head();
  Async<void> serve_request();
  [[nodiscard]] Error unanswered() const;
  Async<void> refuse(Error error);
  Async<void> refuse_head(Error error);
  Async<void> linger();
  bool answer_options(ResponseHead& head);
  void start_request();
  void end_request();

  // reading (session_read.cpp)
  void read_into(Buffer& target, std::size_t max);
  Async<bool> arrival();
  [[nodiscard]] std::pair<Limit, Deadline::Clock::duration> patience() const;
  void watch();
  void half_closed(boost::system::error_code error);
  void await_reset();
  [[nodiscard]] bool body_awaits_invitation() const noexcept {
    return head_.expect_continue && !continued_ && unread().empty();
  }
  Async<Result<void>> invite_body();
  Async<Result<std::string_view>> whole_body(std::size_t length);
  Async<Result<std::string_view>> whole_body_chunked();
  [[nodiscard]] std::string_view unread() const noexcept { return in_.view().substr(taken_); }
  void body_complete();
  [[nodiscard]] std::int64_t part_of(std::uint64_t all) const noexcept;
  [[nodiscard]] bool enter_share();
  void leave_share();
  [[nodiscard]] std::optional<Limit> hold(std::size_t size);
  void let_go();
  Error crowded(Limit limit);
  Error no_room(Limit limit);
  Async<std::optional<Error>> settle_body();
  [[nodiscard]] Error body_failure() const;
  Error body_too_large(std::string_view limit_name, std::uint64_t limit);

  // writing (session_write.cpp)
  Async<Result<void>> send(Buffers buffers);
  bool send_at_once(Buffers& buffers);
  Async<Result<void>> send_piece(std::string_view head, std::string_view piece, bool last);
  Async<void> send_comment();
  Async<void> send_probe();
  Async<bool> stop_reading();
  void write_head_bytes(const ResponseHead& head, Framing framing, std::uint64_t length);
  [[nodiscard]] std::string_view cors_origin() const noexcept;

  Server& server_;
  const std::shared_ptr<const Terms> terms_;
  Loop& loop_;
  Handler& handler_;
  Stream stream_;
  Buffer in_;    // what the client sent, beginning with the request being served
  Buffer body_;  // a body that was chunked, or does not fit behind its head
  RequestHeadParser parser_;
  ChunkDecoder chunks_;
  std::string out_;  // the response's head

  // reading
  Event arrived_;
  Deadline read_deadline_;
  boost::system::error_code read_error_;
  bool reading_ = false;
  bool timed_out_ = false;
  Deadline::Clock::time_point waiting_since_ = Deadline::Clock::now();
  bool given_up_ = false;        // the server has ended the request
  bool awaiting_reset_ = false;  // after the client has shut down its sending side
  Deadline probe_deadline_;

  // writing
  Event written_;
  Deadline write_deadline_;
  bool writing_ = false;
  bool write_failed_ = false;

  // silence
  bool silence_on_ = false;
  bool commenting_ = false;
  Deadline silence_deadline_;
  std::chrono::milliseconds silence_{0};
  ResponseHead silence_head_;
  std::string_view filler_;

  // the request being served
  RequestHead head_;
  std::string id_;
  std::chrono::steady_clock::time_point started_;
  std::optional<Cancellation> gone_;
  std::size_t head_bytes_ = 0;   // of in_, used by the head
  std::size_t taken_ = 0;        // of in_, used by the head and the body read so far
  std::uint64_t body_left_ = 0;  // of a body with a length
  std::uint64_t body_received_ = 0;
  std::uint64_t received_ = 0;                // bytes since the head
  Deadline::Clock::duration body_waited_{0};  // for the body to come
  Limit too_slow_ = Limit::body_idle;         // the limit on the last wait
  Buffer decoded_;
  std::size_t held_ = 0;       // of the body, counted against limits.bodies_total
  KeyShare* share_ = nullptr;  // what the body counts for; null: only for all
  bool coming_ = false;        // the body counts among those that come
  bool body_done_ = true;
  bool refused_ = false;  // a bad head: nobody knows what follows it
  bool placed_ = false;   // counts as in flight
  bool one_too_many_ = false;
  bool settling_ = false;
  bool continued_ = false;
  bool serving_ = false;
  bool watching_ = false;
  bool begun_ = false;
  bool finished_ = false;
  bool keep_open_ = true;
  Framing framing_ = Framing::length;

  // once the request was granted a WebSocket (session_upgrade.cpp)
  std::optional<websocket::Socket> socket_;
  std::function<void(std::uint16_t)> on_stop_;
};

}  // namespace triage::http
