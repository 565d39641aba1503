// The bytes of a request in `in_`, from its front:
//
//   | head | body so far, read by the handler | unread: more of the body, or the next request |
//   0      head_bytes_                        taken_                                          size
//
// A whole body stays where it is when it fits behind its head; otherwise it gets a block of its own, of its declared
// length, and what comes is read straight into it. A body that is read in pieces reuses the room behind the head.
#include "http/session.hpp"

#include "http1/content_decoder.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace triage::http {
namespace {

constexpr std::size_t settle_bytes = 64 * 1024;
constexpr std::size_t kept_body_bytes = 64 * 1024;     // a larger body buffer is freed after its request
constexpr std::size_t uncounted_bytes = 32 * 1024;     // of a body: every connection has room for as much anyway
constexpr std::chrono::milliseconds probe_after{500};  // after a client has shut down its sending side
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
                              // The bytes before it may have been consumed while it was pending.
                              if (target.tail() != at) std::memmove(target.tail(), at, count);
                              target.commit(count);
                              received_ += count;
                            }
                            if (watching_) {
                              if (error) half_closed(error);
                              watch();
                            }
                            arrived_.notify();
                          });
}

// Once the body has been read, whatever comes is the next request, or the news that the client has left.
void Session::watch() {
  watching_ = true;
  if (in_.room() > 0) read_into(in_, in_.room());
}

// The client has shut down its sending side. It may have left, or may be waiting for its answer. Its kernel tells
// which: it answers the next bytes with a reset if nobody is there. So if the gateway has nothing to send, it sends an
// interim response after a while (RFC 9110, 15.2: every client must be able to read one).
void Session::half_closed(boost::system::error_code error) {
  if (error != asio::error::eof || !server_.half_closing_) return gone_->fire();
  probe_deadline_.set_in(probe_after);
  if (!awaiting_reset_) await_reset();
}

void Session::await_reset() {
  awaiting_reset_ = true;
  stream_.socket().async_wait(Stream::Socket::wait_error, [this](boost::system::error_code error) {
    awaiting_reset_ = false;
    int failure = 0;
    socklen_t size = sizeof failure;
    const bool asked =
        !error && ::getsockopt(stream_.socket().native_handle(), SOL_SOCKET, SO_ERROR, &failure, &size) == 0;
    if (asked && failure == 0) return await_reset();
    if (watching_) gone_->fire();
    arrived_.notify();
  });
}

// How long to wait for more of a body, and which limit that is.
std::pair<Limit, Deadline::Clock::duration> Session::patience() const {
  using Duration = Deadline::Clock::duration;
  const LimitsSpec& limits = terms_->limits;
  if (settling_) return {Limit::body_idle, std::min<Duration>(limits.body_idle, settle_time - body_waited_)};
  const Duration earned = std::chrono::milliseconds(received_ * 1000 / limits.body_rate.bytes);
  std::pair<Limit, Duration> least{Limit::body_idle, limits.body_idle};
  const Duration by_rate = limits.body_idle + earned - body_waited_;
  const Duration by_whole = limits.body_timeout - body_waited_;
  if (by_rate < least.second) least = {Limit::body_rate, by_rate};
  if (by_whole < least.second) least = {Limit::body_timeout, by_whole};
  return least;
}

// Waits for the pending read. False: the client has left or was too slow, or the gateway stops.
Async<bool> Session::arrival() {
  if (reading_ && !given_up_) {
    const auto begun = Deadline::Clock::now();
    const auto [limit, patient] = patience();
    too_slow_ = limit;
    read_deadline_.set(begun + patient);
    co_await arrived_.wait();
    read_deadline_.clear();
    body_waited_ += Deadline::Clock::now() - begun;
  }
  if (timed_out_ && !settling_) server_.hits(too_slow_).add();
  co_return !timed_out_ && !read_error_ && !given_up_;
}

Error Session::body_failure() const {
  if (given_up_) return {ErrorCode::shutting_down, "the gateway is stopping", "", std::chrono::seconds(1)};
  if (!timed_out_) return {ErrorCode::client_gone, "the client closed the connection while it sent the request's body"};
  const std::string_view what = too_slow_ == Limit::body_idle   ? "stopped arriving (limits.body_idle)"
                                : too_slow_ == Limit::body_rate ? "arrived too slowly (limits.body_rate)"
                                                                : "did not arrive in time (limits.body_timeout)";
  return {ErrorCode::request_timeout, "the request's body " + std::string(what)};
}

Error Session::body_too_large(std::string_view limit_name, std::uint64_t limit) {
  server_.hits(limit_name == "upload" ? Limit::upload : Limit::body).add();
  return {ErrorCode::body_too_large, "the request's body is larger than " + std::to_string(limit) +
                                         " bytes; send less, or raise limits." + std::string(limit_name)};
}

// The request is complete: it counts as in flight.
void Session::body_complete() {
  body_done_ = true;
  leave_share();
  if (!std::exchange(placed_, true)) {
    const std::int64_t in_flight = server_.in_flight_.fetch_add(1) + 1;
    server_.in_flight_gauge_.add(1);
    one_too_many_ = in_flight > terms_->limits.requests_in_flight;
  }
  watch();
  if (read_error_) half_closed(read_error_);
}

Error Session::crowded(Limit limit) {
  server_.hits(limit).add();
  const std::string_view what =
      limit == Limit::bodies_total ? "the bodies of all requests together fill the room for them (limits.bodies_total)"
      : limit == Limit::key_share
          ? "the bodies of this key's requests that are still coming, or their size, take the share of one key "
            "(limits.key_share)"
          : "too many requests in flight (limits.requests_in_flight)";
  Error error{ErrorCode::overloaded, std::string(what) + "; try again later"};
  error.retry_after = std::chrono::seconds(1);
  return error;
}

// Dropping what came of this body makes room for others.
Error Session::no_room(Limit limit) {
  let_go();
  return crowded(limit);
}

// Of a number that all keys share, one key's part.
std::int64_t Session::part_of(std::uint64_t all) const noexcept {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(terms_->limits.key_share * static_cast<double>(all)));
}

// A body that has not come whole counts for its key. False: too many of its kind come already.
bool Session::enter_share() {
  const bool is_here = !head_.chunked && unread().size() >= body_left_;
  if (share_ == nullptr || coming_ || settling_ || is_here) return true;
  coming_ = share_->bodies_coming.fetch_add(1) < part_of(terms_->limits.connections);
  if (!coming_) share_->bodies_coming.fetch_sub(1);
  return coming_;
}

void Session::leave_share() {
  if (std::exchange(coming_, false)) share_->bodies_coming.fetch_sub(1);
}

// Counts what a body takes in a block of its own. The limit that leaves it no room, if one does.
std::optional<Limit> Session::hold(std::size_t size) {
  if (size <= uncounted_bytes) return std::nullopt;
  const auto more = static_cast<std::int64_t>(size - held_);
  const std::uint64_t most = terms_->limits.bodies_total.bytes;
  held_ = size;
  server_.bodies_gauge_.add(more);
  const bool room = server_.bodies_.fetch_add(more) + more <= static_cast<std::int64_t>(most);
  if (share_ != nullptr && share_->body_bytes.fetch_add(more) + more > part_of(most)) return Limit::key_share;
  return room ? std::nullopt : std::optional(Limit::bodies_total);
}

// Gives back the body's memory. No read into it may be pending.
void Session::let_go() {
  decoded_ = Buffer();
  if (body_.capacity() > kept_body_bytes) body_ = Buffer();
  body_.clear();
  const auto held = static_cast<std::int64_t>(std::exchange(held_, 0));
  if (held == 0) return;
  server_.bodies_gauge_.add(-held);
  server_.bodies_.fetch_sub(held);
  if (share_ != nullptr) share_->body_bytes.fetch_sub(held);
}

// Tells a client that expects it that its body is wanted (RFC 9110, 10.1.1).
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
  if (!body_done_ && !enter_share()) co_return crowded(Limit::key_share);
  if (body_awaits_invitation()) {
    const auto invited = co_await invite_body();
    if (!invited) co_return invited.error();
  }
  Result<std::string_view> body;
  if (head_.chunked) {
    body = co_await whole_body_chunked();
  } else {
    body = co_await whole_body(static_cast<std::size_t>(*head_.content_length));
  }
  if (body && one_too_many_) co_return crowded(Limit::requests_in_flight);
  co_return body;
}

Result<std::string_view> Session::decoded_body(std::string_view body) {
  const ContentCoding coding = content_coding(head_.fields);
  if (coding == ContentCoding::identity || body.empty()) return body;
  if (coding == ContentCoding::unknown)
    return Error{ErrorCode::unsupported_content_coding,
                 "the request's body has a Content-Encoding that is not known here; send it as it is, or use gzip"};
  ContentDecoder decoder(coding);
  decoder.feed(body);
  for (;;) {
    const auto piece = decoder.next();
    if (!piece || (piece->empty() && !decoder.complete()))
      return Error{ErrorCode::invalid_value, "the request's body is not compressed as its Content-Encoding says"};
    if (piece->empty()) break;
    const std::size_t size = decoded_.size() + piece->size();
    if (size > terms_->limits.body.bytes) return body_too_large("body", terms_->limits.body.bytes);
    if (const auto full = hold(body_.size() + size)) return crowded(*full);
    decoded_.append(*piece);
  }
  return decoded_.view();
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
    const auto full = in_place ? std::nullopt : hold(target.size());
    if (full) co_return no_room(*full);
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
    if (const auto full = hold(body_.size() + piece->size())) co_return no_room(*full);
    body_.append(*piece);
  }
}

Async<Result<std::string_view>> Session::read_body_some() {
  if (body_done_) co_return std::string_view();
  const std::uint64_t limit = terms_->limits.upload.bytes;
  if (head_.content_length.value_or(0) > limit) co_return body_too_large("upload", limit);
  if (!enter_share()) co_return crowded(Limit::key_share);
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
    if (unread().empty()) {  // the pieces given out have been used, so their room serves the next ones
      in_.truncate(head_bytes_);
      taken_ = head_bytes_;
    }
    if (in_.room() == 0) co_return Error{ErrorCode::head_too_large, "the request's head leaves no room for its body"};
    read_into(in_, in_.room());
    const bool arrived = co_await arrival();
    if (!arrived) co_return body_failure();
  }
}

// Called before an error is sent to a client whose body nobody has read. If the body's framing is broken, that is the
// error to send, whatever else is wrong with the request; and after a body that was read, the connection can go on.
// Bounded: a client that is slow or has much to send gets its error at once.
Async<std::optional<Error>> Session::settle_body() {
  if (head_.content_length.value_or(0) > settle_bytes) co_return std::nullopt;
  settling_ = true;
  body_waited_ = {};
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
