#pragma once
// Connects to the first of several addresses that answers. The next attempt begins when the last one failed or has been
// silent for `stagger` (Happy Eyeballs, RFC 8305, 5). The losers are closed.

#include "base/loop.hpp"
#include "upstream/socket.hpp"
#include "upstream/waiter.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace triage::upstream {

class Race {
 public:
  static constexpr std::chrono::milliseconds stagger{250};

  /// `waiter` is woken when the race is over. Destroying the race ends all attempts.
  Race(Loop& loop, std::vector<asio::ip::tcp::endpoint> endpoints, Waiter& waiter);
  ~Race();
  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;

  [[nodiscard]] bool over() const noexcept;
  /// Once the race is over: the connected socket, or null.
  [[nodiscard]] std::optional<Socket::Tcp> take_winner();
  /// Once the race is over without a winner: what each address answered, in words.
  [[nodiscard]] const std::string& failure() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace triage::upstream
