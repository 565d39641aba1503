#pragma once
// What WebSockets read and write, in memory: pipes that pass on at most `step` bytes at a time.

#include "websocket/bytes.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cstring>
#include <string>

namespace triage::test {

using websocket::Done;

// One direction.
struct Pipe {
  std::string waiting;
  asio::mutable_buffer into;
  Done reading;
  bool cut = false;
  bool last = false;  ///< nothing will be added to `waiting`
};

class PipeBytes final : public websocket::Bytes {
 public:
  PipeBytes(asio::io_context& io, Pipe& in, Pipe& out, std::size_t step) : io_(io), in_(in), out_(out), step_(step) {}

  [[nodiscard]] Executor executor() override { return io_.get_executor(); }
  void read(asio::mutable_buffer into, Done done) override {
    in_.into = into;
    in_.reading = std::move(done);
    deliver(in_);
  }
  void write(std::span<const asio::const_buffer> pieces, Done done) override {
    std::string all;
    for (const asio::const_buffer& piece : pieces) all.append(static_cast<const char*>(piece.data()), piece.size());
    all.resize(std::min(all.size(), step_));
    out_.waiting += all;
    const bool cut = out_.cut;
    asio::post(io_, [done = std::move(done), size = all.size(), cut]() mutable {
      done(cut ? asio::error::broken_pipe : boost::system::error_code(), cut ? 0 : size);
    });
    deliver(out_);
  }
  void cut() noexcept override {
    in_.cut = out_.cut = true;
    deliver(in_);
    deliver(out_);
  }

 private:
  void deliver(Pipe& pipe) {
    if (!pipe.reading || (pipe.waiting.empty() && !pipe.cut && !pipe.last)) return;
    const std::size_t count = std::min({pipe.waiting.size(), pipe.into.size(), step_});
    std::memcpy(pipe.into.data(), pipe.waiting.data(), count);
    pipe.waiting.erase(0, count);
    const boost::system::error_code error = count > 0 ? boost::system::error_code() : asio::error::eof;
    asio::post(io_, [done = std::move(pipe.reading), error, count]() mutable { done(error, count); });
  }

  asio::io_context& io_;
  Pipe& in_;
  Pipe& out_;
  const std::size_t step_;
};

}  // namespace triage::test
