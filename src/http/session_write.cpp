// One response: a head, then nothing, a body of known length, chunks, or bytes up to the close. A head and the first
// bytes of the body leave in one write. Only one write is under way at a time: comments that fill a silence and the
// handler's own pieces take turns.
#include "http/session.hpp"

#include <sys/socket.h>

#include <algorithm>

namespace triage::http {
namespace {

constexpr std::size_t slice_bytes = 64 * 1024;  // each slice has the write_stall limit to itself
constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

Error client_gone() {
  return {ErrorCode::client_gone, "the client closed the connection or stopped reading"};
}

asio::const_buffer buffer_of(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

// Most writes fit the socket's buffer: then no operation is queued, no deadline set, and nothing suspends. Removes what
// was sent from the front; false if something is left, or failed, which the asynchronous path will handle.
bool Session::send_at_once(Buffers& buffers) {
  if (stream_.tls() != nullptr || !stream_.socket().is_open()) return false;
  std::array<iovec, 8> parts;
  const std::size_t count = std::min(buffers.size(), parts.size());
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    parts[i] = {const_cast<void*>(buffers[i].data()), buffers[i].size()};
    total += buffers[i].size();
  }
  if (total > slice_bytes) return false;
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  const ssize_t sent = ::sendmsg(stream_.socket().native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent <= 0) return false;
  auto left = static_cast<std::size_t>(sent);
  while (!buffers.empty() && left >= buffers.front().size()) {
    left -= buffers.front().size();
    buffers = buffers.subspan(1);
  }
  if (!buffers.empty()) buffers.front() += left;
  return buffers.empty();
}

Async<Result<void>> Session::send(Buffers buffers) {
  while (writing_) co_await written_.wait();
  if (write_failed_) co_return client_gone();
  if (send_at_once(buffers)) {
    if (silence_on_) silence_deadline_.set_in(silence_);
    co_return Result<void>();
  }
  writing_ = true;
  boost::system::error_code failure;
  while (!buffers.empty() && !failure) {
    // As many whole buffers as fit a slice; a larger one is cut.
    std::array<asio::const_buffer, 5> slice;
    std::size_t used = 0;
    std::size_t room = slice_bytes;
    while (used < slice.size() && !buffers.empty() && room > 0) {
      const std::size_t count = std::min(room, buffers.front().size());
      slice[used++] = asio::const_buffer(buffers.front().data(), count);
      buffers.front() += count;
      room -= count;
      if (buffers.front().size() == 0) buffers = buffers.subspan(1);
    }
    write_deadline_.set_in(terms_->limits.write_stall);
    const std::span<const asio::const_buffer> ready(slice.data(), used);
    const auto [error, count] = co_await stream_.async_write(ready, as_result);
    failure = error;
  }
  write_deadline_.clear();
  writing_ = false;
  if (failure) write_failed_ = true;
  if (silence_on_) silence_deadline_.set_in(silence_);
  written_.notify();
  if (failure) co_return client_gone();
  co_return Result<void>();
}

std::string_view Session::cors_origin() const noexcept {
  if (terms_->cors.origins.empty() || head_.method.empty()) return {};
  const auto origin = find_field(head_.fields, "origin");
  if (!origin) return {};
  for (const std::string& allowed : terms_->cors.origins)
    if (allowed == "*" || allowed == *origin) return *origin;
  return {};
}

void Session::write_head_bytes(const ResponseHead& head, Framing framing, std::uint64_t length) {
  begun_ = true;
  const bool last = read_error_ && body_done_ && unread().empty();
  if (framing == Framing::close || server_.stopping() || last) keep_open_ = false;
  framing_ = framing;
  HeadOptions options;
  options.framing = framing;
  options.length = length;
  options.keep_alive = keep_open_;
  options.request_minor = head_.minor;
  options.request_id = id_;
  options.cors_origin = cors_origin();
  write_head(out_, head, options);
}

Async<Result<void>> Session::respond(ResponseHead head, std::string_view body) {
  silence_on_ = false;
  const bool may_settle = !settling_ && !timed_out_ && !read_error_ && !body_awaits_invitation();
  if (head.status >= 400 && !body_done_ && may_settle) {
    const auto broken = co_await settle_body();
    if (broken) {
      settling_ = true;  // once is enough
      co_await refuse(*broken);
      settling_ = false;
      co_return Result<void>();
    }
  }
  if (!body_done_) keep_open_ = false;
  const bool no_body = bodiless(head.status);
  write_head_bytes(head, no_body ? Framing::none : Framing::length, body.size());
  std::array<asio::const_buffer, 2> buffers{asio::buffer(out_), buffer_of(body)};
  const bool head_only = no_body || head_.method == "HEAD" || body.empty();
  const auto sent = co_await send(Buffers(buffers).first(head_only ? 1 : 2));
  finished_ = sent.has_value();
  co_return sent;
}

Async<Result<void>> Session::begin(ResponseHead head, std::optional<std::uint64_t> length, std::string_view first) {
  if (begun_) co_return co_await write(first);  // a comment went first
  Framing framing = length ? Framing::length : head_.minor == 0 ? Framing::close : Framing::chunked;
  if (bodiless(head.status)) framing = Framing::none;
  write_head_bytes(head, framing, length.value_or(0));
  co_return co_await send_piece(out_, first, false);
}

Async<Result<void>> Session::write(std::string_view piece) {
  if (piece.empty()) co_return Result<void>();
  co_return co_await send_piece("", piece, false);
}

Async<Result<void>> Session::finish(std::string_view last) {
  silence_on_ = false;
  if (!body_done_) keep_open_ = false;
  const auto sent = co_await send_piece("", last, true);
  finished_ = sent.has_value();
  co_return sent;
}

Async<Result<void>> Session::send_piece(std::string_view head, std::string_view piece, bool last) {
  std::array<asio::const_buffer, 5> buffers;
  std::size_t used = 0;
  char size_line[18];
  if (!head.empty()) buffers[used++] = buffer_of(head);
  if (framing_ != Framing::none && head_.method != "HEAD") {
    if (framing_ == Framing::chunked && !piece.empty())
      buffers[used++] = buffer_of(chunk_size_line(piece.size(), size_line));
    if (!piece.empty()) buffers[used++] = buffer_of(piece);
    if (framing_ == Framing::chunked && !piece.empty()) buffers[used++] = buffer_of("\r\n");
    if (framing_ == Framing::chunked && last) buffers[used++] = buffer_of("0\r\n\r\n");
  }
  if (used == 0) co_return Result<void>();
  co_return co_await send(Buffers(buffers).first(used));
}

std::string Session::client_address() {
  boost::system::error_code gone;
  const auto peer = stream_.socket().remote_endpoint(gone);
  return gone ? std::string() : peer.address().to_string();
}

void Session::abort() noexcept {
  silence_on_ = false;
  keep_open_ = false;
  write_failed_ = true;
  stream_.close();
}

void Session::fill_silence(ResponseHead head, std::chrono::milliseconds first, std::chrono::milliseconds silence,
                           std::string_view filler) {
  filler_ = filler;
  silence_head_ = std::move(head);
  silence_ = silence;
  silence_on_ = true;
  silence_deadline_.set_in(begun_ ? silence : first);
}

// Detached, like send_comment(); the session waits for it (commenting_) before it ends.
Async<void> Session::send_probe() {
  if (!begun_ && !writing_ && !write_failed_ && head_.minor >= 1) {
    std::array<asio::const_buffer, 1> buffers{asio::buffer(continue_head)};
    co_await send(buffers);
  }
  commenting_ = false;
  written_.notify();
}

Async<void> Session::send_comment() {
  if (silence_on_ && !writing_ && !write_failed_) {
    if (begun_) {
      co_await write(filler_);
    } else {
      co_await begin(silence_head_, std::nullopt, filler_);
    }
  }
  commenting_ = false;
  written_.notify();
}

}  // namespace triage::http
