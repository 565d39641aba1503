#pragma once
// An Exchange without a socket: it is given a request and records what the handler sends, write by write.
//
//   FakeExchange exchange("POST", "/v1/chat/completions", R"({"model":"m"})");
//   EXPECT_TRUE(run(handler, exchange));          // false: the handler still waits for something
//   EXPECT_EQ(exchange.status(), 200);

#include "triage/exchange.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::test {

/// A header field that a test owns.
using OwnedField = std::pair<std::string, std::string>;

class FakeExchange final : public Exchange {
 public:
  FakeExchange(std::string method, std::string target, std::string body = {}, std::vector<OwnedField> fields = {})
      : method_(std::move(method)), target_(std::move(target)), body_(std::move(body)), owned_(std::move(fields)) {
    const std::string_view target_view = target_;
    const std::size_t mark = target_view.find('?');
    head_.method = method_;
    head_.target = target_view;
    head_.path = target_view.substr(0, mark);
    if (mark != std::string_view::npos) head_.query = target_view.substr(mark + 1);
    head_.host = "localhost";
    head_.fields.push_back({"host", head_.host});
    for (const auto& [name, value] : owned_) head_.fields.push_back({name, value});
    if (!body_.empty()) head_.content_length = body_.size();
    body_size_ = body_.size();
    body_.append(body_padding, '"');  // would change the result if it were taken for input
  }
  FakeExchange(const FakeExchange&) = delete;
  FakeExchange& operator=(const FakeExchange&) = delete;

  // what the test sets up

  /// read_body() and read_body_some() fail with this.
  void fail_body(Error error) { body_error_ = std::move(error); }
  /// read_body_some() gives pieces of at most this size.
  void piece_size(std::size_t bytes) { piece_size_ = bytes; }
  /// The client goes away after so many successful sends: the next one fails with client_gone.
  void leave_after(std::size_t sends) { leave_after_ = sends; }
  /// That many sends succeed; the next one throws, and so do all behind it.
  void throw_after(std::size_t sends) { throw_after_ = sends; }
  /// read_body() throws.
  void throw_at_body() { throw_at_body_ = true; }
  /// The head, to be changed before the run. Views must outlive the exchange.
  RequestHead& edit_head() { return head_; }

  // what the handler did

  [[nodiscard]] int status() const noexcept { return response_.status; }
  [[nodiscard]] std::optional<std::string_view> field(std::string_view name) const {
    for (const auto& [key, value] : response_fields_)
      if (iequals(key, name)) return value;
    return std::nullopt;
  }
  /// Pieces of the body in the order in which they were sent; empty ones are not recorded.
  [[nodiscard]] const std::vector<std::string>& writes() const noexcept { return writes_; }
  [[nodiscard]] std::string body() const {
    std::string all;
    for (const std::string& piece : writes_) all += piece;
    return all;
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const noexcept { return length_; }
  [[nodiscard]] bool streamed() const noexcept { return streamed_; }  ///< begin() rather than respond()
  [[nodiscard]] bool finished() const noexcept { return finished_; }  ///< properly ended
  [[nodiscard]] bool aborted() const noexcept { return aborted_; }
  [[nodiscard]] bool kept_alive() const noexcept { return kept_alive_; }
  /// Rules of Exchange that were broken, in words; empty if none.
  [[nodiscard]] const std::vector<std::string>& misuse() const noexcept { return misuse_; }

  // Exchange

  [[nodiscard]] const RequestHead& head() const noexcept override { return head_; }
  [[nodiscard]] std::string_view id() const noexcept override { return "req_fake"; }
  [[nodiscard]] std::chrono::steady_clock::time_point started() const noexcept override { return started_; }

  Async<Result<std::string_view>> read_body() override {
    if (throw_at_body_) throw std::runtime_error("the body is broken");
    if (body_error_) co_return *body_error_;
    co_return std::string_view(body_).substr(0, body_size_);
  }

  Async<Result<std::string_view>> read_body_some() override {
    if (body_error_) co_return *body_error_;
    const std::size_t size = std::min(piece_size_, body_size_ - read_);
    const std::string_view piece = std::string_view(body_).substr(read_, size);
    read_ += size;
    co_return piece;
  }

  Async<Result<void>> respond(ResponseHead head, std::string_view body) override {
    if (begun_) misuse_.emplace_back("respond() after the response had begun");
    if (gone_.fired() || leaves()) co_return client_gone();
    record(std::move(head));
    length_ = body.size();
    if (!body.empty()) writes_.emplace_back(body);
    finished_ = true;
    co_return boost::system::in_place_value;
  }

  Async<Result<void>> begin(ResponseHead head, std::optional<std::uint64_t> length, std::string_view first) override {
    if (begun_) misuse_.emplace_back("begin() after the response had begun");
    if (gone_.fired() || leaves()) co_return client_gone();
    record(std::move(head));
    streamed_ = true;
    length_ = length;
    if (!first.empty()) writes_.emplace_back(first);
    co_return boost::system::in_place_value;
  }

  Async<Result<void>> write(std::string_view piece) override {
    if (!begun_ || finished_ || aborted_) misuse_.emplace_back("write() outside of a response");
    if (gone_.fired() || leaves()) co_return client_gone();
    if (!piece.empty()) writes_.emplace_back(piece);
    co_return boost::system::in_place_value;
  }

  Async<Result<void>> finish(std::string_view last) override {
    if (!last.empty()) {
      const auto sent = co_await write(last);
      if (!sent) co_return sent;
    }
    if (!begun_ || finished_ || aborted_) misuse_.emplace_back("finish() outside of a response");
    if (length_ && *length_ != body().size()) misuse_.emplace_back("finish() with another length than promised");
    if (gone_.fired()) co_return client_gone();
    finished_ = true;
    co_return boost::system::in_place_value;
  }

  void abort() noexcept override { aborted_ = true; }

  void fill_silence(ResponseHead, std::chrono::milliseconds, std::chrono::milliseconds, std::string_view) override {
    kept_alive_ = true;
  }

  [[nodiscard]] bool begun() const noexcept override { return begun_; }
  Cancellation& gone() noexcept override { return gone_; }

 private:
  static Error client_gone() {
    Error error;
    error.code = ErrorCode::client_gone;
    error.message = "the client has gone";
    return error;
  }

  bool leaves() {
    if (throw_after_ == 0) throw std::runtime_error("the client's side is broken");
    if (throw_after_ != npos) --throw_after_;
    if (leave_after_ == 0) gone_.fire();
    if (leave_after_ != npos) --leave_after_;
    return gone_.fired();
  }

  void record(ResponseHead head) {
    begun_ = true;
    for (const Field& field : head.fields) response_fields_.emplace_back(field.name, field.value);
    response_ = std::move(head);
    response_.fields.clear();  // its views may die now
  }

  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

  const std::string method_;
  const std::string target_;
  std::string body_;
  const std::vector<OwnedField> owned_;
  std::size_t body_size_ = 0;
  RequestHead head_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::optional<Error> body_error_;
  std::size_t piece_size_ = 16 * 1024;
  std::size_t read_ = 0;
  std::size_t leave_after_ = npos;
  std::size_t throw_after_ = npos;
  bool throw_at_body_ = false;
  Cancellation gone_;

  ResponseHead response_{0, {}};
  std::vector<OwnedField> response_fields_;
  std::vector<std::string> writes_;
  std::optional<std::uint64_t> length_;
  bool begun_ = false;
  bool streamed_ = false;
  bool finished_ = false;
  bool aborted_ = false;
  bool kept_alive_ = false;
  std::vector<std::string> misuse_;
};

/// A handler at work on an exchange. Nothing sleeps: poll() runs what is ready and returns.
class Running {
 public:
  Running(Handler& handler, Exchange& exchange) {
    asio::co_spawn(io_, handler.handle(exchange), [this](const std::exception_ptr& thrown) {
      done_ = true;
      thrown_ = thrown;
    });
  }

  /// True once the handler has returned. Rethrows what it threw, which a handler must not.
  bool poll() {
    io_.restart();
    io_.poll();
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    return done_;
  }

  [[nodiscard]] bool done() const noexcept { return done_; }
  asio::io_context& io() noexcept { return io_; }

 private:
  bool done_ = false;
  std::exception_ptr thrown_;
  asio::io_context io_{1};  // last: destroys a handler that still waits while the rest is alive
};

/// Runs the handler as far as it goes without waiting. True if it returned.
inline bool run(Handler& handler, Exchange& exchange) {
  Running running(handler, exchange);
  return running.poll();
}

}  // namespace triage::test
