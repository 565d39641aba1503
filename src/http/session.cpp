// The life of a connection:
//
//   admit -> [ read_head -> answer ]* -> linger -> close
//
// read_head fails on a bad head (answered, then closed), on EOF and on a time-out. answer leaves the connection open
// only when the request was read to its end, the response was sent whole and neither side asked to close.
#include "http/session.hpp"

#include "base/ids.hpp"
#include "base/log.hpp"
#include "http1/error_fields.hpp"
#include "openai/error_body.hpp"
#include "triage/request.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>

namespace triage::http {
namespace {

constexpr std::size_t buffer_bytes = 32 * 1024;  // a head and most chat bodies: two reads at most
// How long a client that has its answer may be silent: before the close, and in a body that nobody wants.
constexpr std::chrono::milliseconds close_time{1000};
constexpr std::chrono::milliseconds rest_time{5000};
constexpr std::chrono::milliseconds last_request_time{1000};  // of an idle connection, when the gateway stops
constexpr std::string_view methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

HeadLimits head_limits(const LimitsSpec& limits) {
  HeadLimits out;
  out.target_bytes = limits.head.bytes;
  out.fields_bytes = limits.head.bytes;
  out.fields = limits.head_fields;
  return out;
}

}  // namespace

Session::Session(Server& server, Loop& loop, Handler& handler, Stream::Socket socket)
    : server_(server),
      terms_(server.terms()),
      loop_(loop),
      handler_(handler),
      stream_(std::move(socket)),
      parser_(head_limits(terms_->limits)),
      chunks_(ErrorCode::malformed_http),
      read_deadline_(loop.deadlines,
                     [this] {
                       timed_out_ = true;
                       arrived_.notify();
                     }),
      probe_deadline_(loop.deadlines,
                      [this] {
                        if (!watching_ || commenting_) return;
                        commenting_ = true;
                        asio::co_spawn(loop_.io.get_executor(), begun_ ? send_comment() : send_probe(), asio::detached);
                      }),
      write_deadline_(loop.deadlines,
                      [this] {
                        server_.hits(writing_ ? Limit::write_stall : Limit::head_timeout).add();
                        stream_.close();
                      }),
      silence_deadline_(loop.deadlines, [this] {
        if (!silence_on_) return;
        if (writing_ || commenting_) return silence_deadline_.set_in(silence_);
        commenting_ = true;
        asio::co_spawn(loop_.io.get_executor(), send_comment(), asio::detached);
      }) {}

Async<void> Session::run() {
  const std::int64_t open = server_.connections_.fetch_add(1) + 1;
  server_.open_gauge_.add(1);
  if (open > terms_->limits.connections && !server_.make_room(loop_)) {
    co_await turn_away();
  } else {
    bool more = co_await admit();
    while (more) {
      more = co_await read_head();
      if (more) co_await serve_request();
      more = more && keep_open_;
    }
  }
  co_await linger();
  stream_.close();
  while (reading_ || awaiting_reset_) co_await arrived_.wait();
  if (socket_) co_await socket_->settled();
  let_go();
  while (writing_ || commenting_) co_await written_.wait();
  server_.connections_.fetch_sub(1);
  server_.open_gauge_.add(-1);
}

void Session::stop() {
  if (const auto told = std::exchange(on_stop_, nullptr)) return told(server_.goodbye());
  if (!serving_ && in_.empty()) read_deadline_.set_in(last_request_time);
}

void Session::make_way() {
  waiting_since_ = never;
  close();
}

void Session::give_up() {
  if (!serving_) return close();
  given_up_ = true;
  gone_->fire(ErrorCode::shutting_down);
  arrived_.notify();
}

Async<void> Session::turn_away() {
  server_.hits(Limit::connections).add();
  if (server_.tls_) co_return;
  Error error{ErrorCode::overloaded, "too many open connections (limits.connections); try again later"};
  error.retry_after = std::chrono::seconds(1);
  co_await refuse_head(std::move(error));
}

// Whether a client of a TLS port begins with a handshake: unlike a request, that does not begin with a letter.
Async<bool> Session::speaks_tls() {
  co_await stream_.socket().async_wait(Stream::Socket::wait_read, as_result);
  if (!stream_.socket().is_open()) co_return false;
  char first = 0;
  const ssize_t peeked = ::recv(stream_.socket().native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
  if (peeked != 1 || !is_letter(first)) co_return true;
  write_deadline_.clear();
  Error error{ErrorCode::malformed_http, "this port speaks TLS, and the request came as plain HTTP; use https://"};
  co_await refuse_head(std::move(error));
  co_return false;
}

// TLS, if the listener speaks it.
Async<bool> Session::admit() {
  in_.reserve(buffer_bytes);
  if (!server_.tls_) co_return true;
  write_deadline_.set_in(terms_->limits.head_timeout);
  const bool speaks = co_await speaks_tls();
  if (!speaks) co_return false;
  const auto context = server_.tls_->current();
  stream_.add_tls(*context);
  const auto [error] = co_await stream_.tls()->async_handshake(asio::ssl::stream_base::server, as_result);
  write_deadline_.clear();
  co_return !error;
}

Async<bool> Session::read_head() {
  const LimitsSpec& limits = terms_->limits;
  in_.compact();
  parser_.reset();
  timed_out_ = false;
  // The first request of a connection is due like any head; later ones may take longer.
  const bool first = id_.empty();
  bool begun = false;
  waiting_since_ = Deadline::Clock::now();
  read_deadline_.set(waiting_since_ + (server_.stopping() ? last_request_time
                                       : first            ? limits.head_timeout
                                                          : limits.keep_alive_idle));
  for (;;) {
    if (!in_.empty()) {
      if (!std::exchange(begun, true)) read_deadline_.set_in(limits.head_timeout);
      const auto status = parser_.feed(in_.view(), head_);
      if (status == RequestHeadParser::Status::done) break;
      if (status == RequestHeadParser::Status::failed) {
        co_await refuse_head(parser_.error());
        co_return false;
      }
    }
    if (in_.room() == 0) in_.reserve(2 * in_.capacity());
    read_into(in_, in_.room());
    if (reading_) co_await arrived_.wait();
    if (timed_out_) {
      if (begun || !server_.stopping())
        server_.hits(begun || first ? Limit::head_timeout : Limit::keep_alive_idle).add();
      Error error{ErrorCode::request_timeout, "the request's head did not arrive in time (limits.head_timeout)"};
      if (!in_.empty()) co_await refuse_head(std::move(error));
      co_return false;
    }
    if (read_error_) co_return false;
  }
  read_deadline_.clear();
  head_.path = with_version(head_.path);
  start_request();
  head_bytes_ = taken_ = parser_.consumed();
  body_left_ = head_.content_length.value_or(0);
  body_done_ = !head_.has_body();
  keep_open_ = head_.keep_alive;
  co_return true;
}

Async<void> Session::refuse_head(Error error) {
  server_.rejected_.add();
  if (error.code == ErrorCode::uri_too_long) server_.hits(Limit::head).add();
  if (error.code == ErrorCode::head_too_large) {
    const bool too_many = parser_.field_count() >= terms_->limits.head_fields;
    server_.hits(too_many ? Limit::head_fields : Limit::head).add();
  }
  head_.method = {};
  refused_ = true;
  start_request();
  co_await refuse(std::move(error));
}

void Session::start_request() {
  started_ = std::chrono::steady_clock::now();
  id_ = request_id();
  gone_.emplace();
  chunks_.reset();
  body_received_ = received_ = 0;
  body_waited_ = {};
  share_ = nullptr;
  continued_ = begun_ = finished_ = false;
}

Async<void> Session::serve_request() {
  serving_ = true;
  if (body_done_) body_complete();
  ResponseHead options_head;
  if (placed_ ? one_too_many_ : server_.in_flight_ >= terms_->limits.requests_in_flight) {
    co_await refuse(crowded(Limit::requests_in_flight));
  } else if (head_.method == "OPTIONS" && answer_options(options_head)) {
    co_await respond(std::move(options_head), "");
  } else if (head_.method == "CONNECT" || head_.method == "TRACE") {
    Error error{ErrorCode::method_not_allowed, "the gateway is no proxy and takes no " + std::string(head_.method)};
    error.allow = methods;
    co_await refuse(std::move(error));
  } else {
    std::string failure;
    try {
      co_await handler_.handle(*this);
    } catch (const std::exception& exception) {
      failure = exception.what();
    }
    if (!failure.empty()) log::error("request " + id_ + " failed in the gateway: " + failure);
    const bool left = write_failed_ || (gone_->fired() && !given_up_);
    if (!finished_ && !begun_ && !left) co_await refuse(unanswered());
  }
  end_request();
}

// The error to send if the handler sent nothing.
Error Session::unanswered() const {
  if (given_up_) return {ErrorCode::shutting_down, "the gateway is stopping", "", std::chrono::seconds(1)};
  return {ErrorCode::internal_error, "the gateway failed to answer this request; its log has the cause under " + id_};
}

void Session::end_request() {
  silence_on_ = false;
  on_stop_ = nullptr;
  serving_ = watching_ = false;
  probe_deadline_.clear();
  leave_share();
  if (std::exchange(placed_, false)) {
    server_.in_flight_.fetch_sub(1);
    server_.in_flight_gauge_.add(-1);
  }
  if (!finished_ || !body_done_ || write_failed_) keep_open_ = false;
  if (!keep_open_) return;
  in_.consume(taken_);
  head_bytes_ = taken_ = 0;
  let_go();
}

// Sends an error of the gateway's own. If the request was not read to its end, the connection closes.
Async<void> Session::refuse(Error error) {
  if (!serving_ || !body_done_) keep_open_ = false;
  const std::string body = error_body(error);
  std::string storage;
  ResponseHead head;
  head.status = traits(error.code).status;
  add_error_fields(head, error, storage);
  co_await respond(std::move(head), body);
}

// A CORS preflight (Fetch standard, 3.3.7) or a plain question for the methods; the handler answers the latter if it
// has a path.
bool Session::answer_options(ResponseHead& head) {
  head.status = 204;
  head.fields.push_back({"allow", "GET, HEAD, POST, DELETE, OPTIONS"});
  const auto wanted = find_field(head_.fields, "access-control-request-method");
  if (!wanted || cors_origin().empty()) return true;
  head.fields.push_back({"access-control-allow-methods", "GET, HEAD, POST, DELETE, OPTIONS"});
  const auto asked = find_field(head_.fields, "access-control-request-headers");
  if (!terms_->cors_headers.empty()) {
    head.fields.push_back({"access-control-allow-headers", terms_->cors_headers});
  } else if (asked) {
    head.fields.push_back({"access-control-allow-headers", *asked});
  }
  head.fields.push_back({"access-control-max-age", terms_->cors_max_age});
  return true;
}

// Closing with unread bytes in the socket resets the connection, and the client may lose the response that it has not
// read yet, or may never look for it because its own sending fails (RFC 9112, 9.6): so say that we are done, and take
// what it still sends, as long as it sends. TLS cannot say it for one direction; there only an unread rest is taken.
Async<void> Session::linger() {
  if (read_error_ || write_failed_ || !stream_.socket().is_open() || !begun_ || !finished_) co_return;
  const LimitsSpec& limits = terms_->limits;
  const bool rest = refused_ || !body_done_;
  boost::system::error_code error;
  if (stream_.tls() && !rest) co_return;
  if (!stream_.tls()) stream_.socket().shutdown(asio::socket_base::shutdown_send, error);
  waiting_since_ = Deadline::Clock::now();
  const auto until = waiting_since_ + limits.linger_timeout;
  timed_out_ = false;
  std::uint64_t dropped = 0;
  while (!error && !timed_out_ && !read_error_ && dropped < limits.linger.bytes) {
    if (!reading_) {
      let_go();
      dropped += in_.size();
      in_.clear();
      in_.reserve(4096);
      read_into(in_, in_.room());
    }
    read_deadline_.set(std::min(until, Deadline::Clock::now() + (rest ? rest_time : close_time)));
    if (reading_) co_await arrived_.wait();
  }
  read_deadline_.clear();
  if (dropped >= limits.linger.bytes) server_.hits(Limit::linger).add();
  if (Deadline::Clock::now() >= until) server_.hits(Limit::linger_timeout).add();
}

}  // namespace triage::http
