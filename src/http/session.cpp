// The life of a connection:
//
//   admit -> [ read_head -> answer ]* -> linger -> close
//
// read_head fails on a bad head (answered, then closed), on EOF and on a time-out. answer leaves the connection open
// only when the request was read to its end, the response was sent whole and neither side asked to close.
#include "http/session.hpp"

#include "base/ids.hpp"
#include "base/log.hpp"
#include "openai/error_body.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>

namespace triage::http {
namespace {

constexpr std::size_t buffer_bytes = 32 * 1024;     // a head and most chat bodies: two reads at most
constexpr std::size_t kept_body_bytes = 64 * 1024;  // a larger body buffer is given back after its request
constexpr std::size_t linger_bytes = 1024 * 1024;
constexpr std::chrono::milliseconds linger_time{1000};
constexpr std::chrono::milliseconds last_request_time{1000};  // of a new connection, when the gateway stops

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
      write_deadline_(loop.deadlines,
                      [this] {
                        server_.hits(Limit::write_stall).add();
                        stream_.close();
                      }),
      silence_deadline_(loop.deadlines, [this] {
        if (!silence_on_) return;
        if (writing_) return silence_deadline_.set_in(silence_);
        commenting_ = true;
        asio::co_spawn(loop_.io.get_executor(), send_comment(), asio::detached);
      }) {}

Async<void> Session::run() {
  const std::int64_t open = server_.connections_.fetch_add(1) + 1;
  server_.open_gauge_.add(1);
  if (open > terms_->limits.connections) {
    co_await turn_away();
  } else {
    bool more = co_await admit();
    while (more) {
      more = co_await read_head();
      if (more) co_await answer();
      more = more && keep_open_ && !server_.stopping();
    }
  }
  co_await linger();
  stream_.close();
  while (reading_) co_await arrived_.wait();
  while (writing_ || commenting_) co_await written_.wait();
  server_.connections_.fetch_sub(1);
  server_.open_gauge_.add(-1);
}

void Session::close_if_idle() noexcept {
  if (serving_ || !in_.empty()) return;
  if (!id_.empty()) return close();
  read_deadline_.set_in(last_request_time);  // its first request is on its way
}

Async<void> Session::turn_away() {
  server_.hits(Limit::connections).add();
  if (server_.tls_) co_return;
  Error error{ErrorCode::overloaded, "too many open connections (limits.connections); try again later"};
  error.retry_after = std::chrono::seconds(1);
  co_await refuse_head(std::move(error));
}

// TLS, if the listener speaks it.
Async<bool> Session::admit() {
  in_.reserve(buffer_bytes);
  if (!server_.tls_) co_return true;
  const auto context = server_.tls_->current();
  stream_.add_tls(*context);
  write_deadline_.set_in(terms_->limits.head_timeout);
  const auto [error] = co_await stream_.tls()->async_handshake(asio::ssl::stream_base::server, as_result);
  write_deadline_.clear();
  co_return !error;
}

Async<bool> Session::read_head() {
  const LimitsSpec& limits = terms_->limits;
  in_.compact();
  parser_.reset();
  // The first request of a connection is due like any head; later ones may be waited for.
  bool in_head = id_.empty();
  read_deadline_.set_in(!in_head             ? limits.keep_alive_idle
                        : server_.stopping() ? last_request_time
                                             : limits.head_timeout);
  for (;;) {
    if (!in_.empty()) {
      if (!std::exchange(in_head, true)) read_deadline_.set_in(limits.head_timeout);
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
      if (!server_.stopping()) server_.hits(in_head ? Limit::head_timeout : Limit::keep_alive_idle).add();
      Error error{ErrorCode::request_timeout, "the request's head did not arrive in time (limits.head_timeout)"};
      if (!in_.empty()) co_await refuse_head(std::move(error));
      co_return false;
    }
    if (read_error_) co_return false;
  }
  read_deadline_.clear();
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
  start_request();
  co_await refuse(std::move(error));
}

void Session::start_request() {
  started_ = std::chrono::steady_clock::now();
  id_ = request_id();
  gone_.emplace();
  chunks_.reset();
  body_received_ = 0;
  continued_ = begun_ = finished_ = false;
}

Async<void> Session::answer() {
  serving_ = true;
  const std::int64_t in_flight = server_.in_flight_.fetch_add(1) + 1;
  server_.in_flight_gauge_.add(1);
  if (body_done_) watch();
  ResponseHead options_head;
  if (in_flight > terms_->limits.requests_in_flight) {
    server_.hits(Limit::requests_in_flight).add();
    Error error{ErrorCode::overloaded, "too many requests in flight (limits.requests_in_flight); try again later"};
    error.retry_after = std::chrono::seconds(1);
    co_await refuse(std::move(error));
  } else if (head_.method == "OPTIONS" && answer_options(options_head)) {
    co_await respond(std::move(options_head), "");
  } else {
    std::string failure;
    try {
      co_await handler_.handle(*this);
    } catch (const std::exception& exception) {
      failure = exception.what();
    }
    if (!failure.empty()) log::error("request " + id_ + " failed in the gateway: " + failure);
    if (!finished_ && !begun_ && !read_error_) {
      Error error{ErrorCode::internal_error,
                  "the gateway failed to answer this request; its log has the cause under " + id_};
      co_await refuse(std::move(error));
    }
  }
  server_.in_flight_.fetch_sub(1);
  server_.in_flight_gauge_.add(-1);
  end_request();
}

void Session::end_request() {
  silence_on_ = false;
  serving_ = watching_ = false;
  if (!finished_ || !body_done_ || write_failed_) keep_open_ = false;
  if (!keep_open_) return;
  in_.consume(taken_);
  head_bytes_ = taken_ = 0;
  if (body_.capacity() > kept_body_bytes) body_ = Buffer();
  body_.clear();
}

// An error of the gateway's own; a request that was not read to its end closes the connection.
Async<void> Session::refuse(Error error) {
  if (!serving_ || !body_done_) keep_open_ = false;
  const std::string body = error_body(error);
  const std::string retry_after = error.retry_after ? std::to_string(error.retry_after->count()) : "";
  ResponseHead head;
  head.status = traits(error.code).status;
  head.fields.push_back({"content-type", "application/json"});
  if (!retry_after.empty()) head.fields.push_back({"retry-after", retry_after});
  co_await respond(std::move(head), body);
}

// A CORS preflight (Fetch standard, 3.3.7) or a plain question for the methods; the latter is the handler's if it has a
// path.
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
// read yet (RFC 9112, 9.6): so say that we are done, then read on for a moment.
Async<void> Session::linger() {
  if (read_error_ || write_failed_ || stream_.tls() || !stream_.socket().is_open()) co_return;
  if (!begun_ || !finished_) co_return;
  boost::system::error_code error;
  stream_.socket().shutdown(asio::socket_base::shutdown_send, error);
  if (error) co_return;
  timed_out_ = false;
  read_deadline_.set_in(linger_time);
  for (std::size_t dropped = 0; dropped < linger_bytes && !timed_out_ && !read_error_;) {
    if (!reading_) {
      dropped += in_.size();
      in_.clear();
      in_.reserve(4096);
      read_into(in_, in_.room());
    }
    if (reading_) co_await arrived_.wait();
  }
  read_deadline_.clear();
}

}  // namespace triage::http
