// The bytes of a request in `in_`, from its front:
//
//   | head | body so far, read by the handler | unread: more of the body, or the next request |
//   0      head_bytes_                        taken_                                          size
//
// A whole body stays where it is when it fits behind its head; otherwise it gets a block of its own, of its declared
// length, and what comes is read straight into it. A body that is read in pieces reuses the room behind the head.
#include "http/session.hpp"

#include <algorithm>
#include <cstring>

namespace triage::http {
namespace {

constexpr std::size_t settle_bytes = 64 * 1024;
constexpr std::chrono::milliseconds settle_time{1'000};

}  // namespace

// At most one read is pending; it always completes before the session ends, because closing the socket completes it.
void Session::read_into(Buffer& target, std::size_t max) {
  if (reading_ || read_error_) return;
  reading_ = true;
  char* const at = target.tail();
  stream_.async_read_some(asio::buffer(at, max),
                          [this, &target, at](boost::system::error_code error, std::size_t count) {
                            reading_ = false;
                            if (error) {
                              read_error_ = error;
                            } else {
                              // What stood before it may have been consumed while it was pending.
                              if (target.tail() != at) std::memmove(target.tail(), at, count);
                              target.commit(count);
                            }
                            if (watching_) {
                              if (error) gone_->fire();
                              watch();
                            }
                            arrived_.notify();
                          });
}

// Once the body was read, whatever comes is the next request, or the news that the client has left.
void Session::watch() {
  watching_ = true;
  if (in_.room() > 0) read_into(in_, in_.room());
}

// Waits for the pending read. False: the client has left or was too slow.
Async<bool> Session::arrival() {
  const auto patience = terms_->limits.body_idle;
  read_deadline_.set_in(settling_ ? std::min<std::chrono::milliseconds>(patience, settle_time) : patience);
  if (reading_) co_await arrived_.wait();
  read_deadline_.clear();
  if (timed_out_ && !settling_) server_.hits(Limit::body_idle).add();
  co_return !timed_out_ && !read_error_;
}

Error Session::body_failure() const {
  if (timed_out_) return {ErrorCode::request_timeout, "the request's body stopped arriving (limits.body_idle)"};
  return {ErrorCode::client_gone, "the client closed the connection while it sent the request's body"};
}

Error Session::body_too_large(std::string_view limit_name, std::uint64_t limit) {
  server_.hits(limit_name == "upload" ? Limit::upload : Limit::body).add();
  return {ErrorCode::body_too_large, "the request's body is larger than " + std::to_string(limit) +
                                         " bytes; send less, or raise limits." + std::string(limit_name)};
}

void Session::body_complete() {
  body_done_ = true;
  watch();
}

// A client that expects it is told that its body is wanted (RFC 9110, 10.1.1).
Async<Result<void>> Session::invite_body() {
  continued_ = true;
  std::array<asio::const_buffer, 1> buffers{asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n"))};
  const auto sent = co_await send(buffers);
  co_return sent;
}

Async<Result<std::string_view>> Session::read_body() {
  if (!head_.has_body()) co_return std::string_view(in_.data() + taken_, 0);
  const std::uint64_t limit = terms_->limits.body.bytes;
  if (head_.content_length.value_or(0) > limit) co_return body_too_large("body", limit);
  if (body_awaits_invitation()) {
    const auto invited = co_await invite_body();
    if (!invited) co_return invited.error();
  }
  if (head_.chunked) {
    const auto body = co_await whole_body_chunked();
    co_return body;
  }
  const auto length = static_cast<std::size_t>(*head_.content_length);
  const auto body = co_await whole_body(length);
  co_return body;
}

Async<Result<std::string_view>> Session::whole_body(std::size_t length) {
  const bool in_place = head_bytes_ + length <= in_.capacity();
  if (!in_place) {
    body_.reserve(length);
    body_.append(unread().substr(0, length));
    in_.truncate(head_bytes_);
  }
  Buffer& target = in_place ? in_ : body_;
  const std::size_t wanted = in_place ? head_bytes_ + length : length;
  while (target.size() < wanted) {
    read_into(target, in_place ? in_.room() : wanted - target.size());
    const bool arrived = co_await arrival();
    if (!arrived) co_return body_failure();
  }
  if (in_place) taken_ = wanted;
  body_complete();
  co_return in_place ? in_.view().substr(head_bytes_, length) : body_.view();
}

Async<Result<std::string_view>> Session::whole_body_chunked() {
  const std::uint64_t limit = terms_->limits.body.bytes;
  for (;;) {
    const auto piece = co_await read_body_some();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return body_.view();
    if (body_.size() + piece->size() > limit) co_return body_too_large("body", limit);
    body_.append(*piece);
  }
}

Async<Result<std::string_view>> Session::read_body_some() {
  if (body_done_) co_return std::string_view();
  const std::uint64_t limit = terms_->limits.upload.bytes;
  if (head_.content_length.value_or(0) > limit) co_return body_too_large("upload", limit);
  if (body_awaits_invitation()) {
    const auto invited = co_await invite_body();
    if (!invited) co_return invited.error();
  }
  for (;;) {
    if (head_.chunked) {
      auto piece = chunks_.decode(unread());
      if (!piece) co_return piece.error();
      taken_ += piece->consumed;
      body_received_ += piece->payload.size();
      if (body_received_ > limit) co_return body_too_large("upload", limit);
      if (piece->done) body_complete();
      if (!piece->payload.empty() || piece->done) co_return piece->payload;
    } else if (!unread().empty()) {
      const std::string_view piece = unread().substr(0, std::min<std::uint64_t>(unread().size(), body_left_));
      taken_ += piece.size();
      body_left_ -= piece.size();
      if (body_left_ == 0) body_complete();
      co_return piece;
    }
    if (unread().empty()) {  // the pieces given out are used: their room serves the next ones
      in_.truncate(head_bytes_);
      taken_ = head_bytes_;
    }
    if (in_.room() == 0) co_return Error{ErrorCode::head_too_large, "the request's head leaves no room for its body"};
    read_into(in_, in_.room());
    const bool arrived = co_await arrival();
    if (!arrived) co_return body_failure();
  }
}

// Before an error is told to a client whose body nobody has read: a body whose framing is broken is the error to tell,
// whatever else is wrong with the request, and after a body that was read the connection can go on. Bounded: a client
// that is slow or has much to say is told at once.
Async<std::optional<Error>> Session::settle_body() {
  if (head_.content_length.value_or(0) > settle_bytes) co_return std::nullopt;
  settling_ = true;
  std::optional<Error> found;
  for (std::size_t dropped = 0; !body_done_ && dropped < settle_bytes;) {
    const auto piece = co_await read_body_some();
    if (!piece) {
      if (piece.error().code == ErrorCode::malformed_http) found = piece.error();
      break;
    }
    dropped += piece->size();
  }
  settling_ = timed_out_ = false;
  co_return found;
}

}  // namespace triage::http
