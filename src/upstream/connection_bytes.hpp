#pragma once
// A provider's connection below a WebSocket.

#include "upstream/connection.hpp"
#include "upstream/origin.hpp"
#include "upstream/outgoing.hpp"
#include "upstream/watch.hpp"
#include "websocket/bytes.hpp"

#include <memory>
#include <string>

namespace triage::upstream {

class ConnectionBytes final : public websocket::Bytes {
 public:
  ConnectionBytes(Loop& loop, Watch::Node& calls, std::shared_ptr<Origin> origin, Cancellation& gone,
                  const CallTimeouts& timeouts);
  ~ConnectionBytes() override;

  [[nodiscard]] Watch& watch() noexcept { return watch_; }
  [[nodiscard]] Origin& origin() noexcept { return *origin_; }

  /// To be called once, before the first read or write.
  void use(std::unique_ptr<Connection> connection) noexcept;

  [[nodiscard]] Executor executor() override { return executor_; }
  void read(asio::mutable_buffer into, websocket::Done done) override;
  void write(std::span<const asio::const_buffer> pieces, websocket::Done done) override;
  void cut() noexcept override;

 private:
  struct Wake;

  void go_on();
  bool try_read();
  bool try_write();
  void complete(websocket::Done& done, boost::system::error_code error, std::size_t bytes);
  void park();
  void woken();
  void abandon() noexcept;
  [[nodiscard]] boost::system::error_code failure(const Moved& moved) const noexcept;

  const Executor executor_;
  Watch watch_;
  const std::shared_ptr<Origin> origin_;
  std::unique_ptr<Connection> connection_;  // null: cut
  asio::mutable_buffer into_;
  websocket::Done reading_;
  Outgoing outgoing_;
  std::string record_;       // under TLS, what is sent in one record
  std::size_t sending_ = 0;  // bytes of the write under way
  websocket::Done writing_;
  bool parked_ = false;
};

}  // namespace triage::upstream
