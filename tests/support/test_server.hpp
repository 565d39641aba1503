#pragma once
// An http::Server on 127.0.0.1, port 0, with a loop and a thread of its own.

#include "base/loop.hpp"
#include "base/metrics.hpp"
#include "http/server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <thread>

namespace triage::test {

class TestServer {
 public:
  TestServer(Handler& handler, http::ServerOptions options) : server_(with_address(std::move(options)), metrics_) {
    server_.listen(loop_, handler);
    thread_ = std::thread([this] { loop_.io.run(); });
  }
  ~TestServer() {
    server_.stop();
    server_.close_all();
    for (int i = 0; i < 500 && server_.connections() > 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    asio::post(loop_.io, [this] {
      loop_.deadlines.stop();
      work_.reset();
    });
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] http::Server& server() { return server_; }
  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] std::string metrics() const { return metrics_.text(); }

  /// Value of one sample line, -1 if there is none.
  [[nodiscard]] double metric(const std::string& sample) const {
    const std::string text = '\n' + metrics_.text();
    const auto found = text.find('\n' + sample + ' ');
    return found == std::string::npos ? -1 : std::stod(text.substr(found + sample.size() + 2));
  }

 private:
  static http::ServerOptions with_address(http::ServerOptions options) {
    options.address = Address{"127.0.0.1", 0};
    return options;
  }

  Metrics metrics_;
  Loop loop_{0};
  asio::executor_work_guard<Executor> work_{loop_.io.get_executor()};
  http::Server server_;
  std::thread thread_;
};

}  // namespace triage::test
