#include "upstream/race.hpp"

#include "base/deadline.hpp"

namespace triage::upstream {

struct Race::State : std::enable_shared_from_this<Race::State> {
  State(Loop& on, std::vector<asio::ip::tcp::endpoint> to, Waiter& wakes)
      : loop(on), endpoints(std::move(to)), waiter(&wakes), patience(on.deadlines, [this] { start_next(); }) {}

  void start_next() {
    patience.clear();
    if (!waiter || winner) return;
    if (attempts.size() == endpoints.size()) {
      if (pending == 0) end();
      return;
    }
    const std::size_t mine = attempts.size();
    Socket::Tcp& socket = *attempts.emplace_back(std::make_unique<Socket::Tcp>(loop.io.get_executor()));
    ++pending;
    if (attempts.size() < endpoints.size()) patience.set_in(stagger);
    socket.async_connect(endpoints[mine], [self = shared_from_this(), mine](boost::system::error_code error) {
      self->settle(mine, error);
    });
  }

  void settle(std::size_t index, boost::system::error_code error) {
    --pending;
    if (!waiter || winner) return;
    if (error) {
      if (!failure.empty()) failure += "; ";
      failure += endpoints[index].address().to_string() + ": " + error.message();
      start_next();
      return;
    }
    winner.emplace(std::move(*attempts[index]));
    end();
  }

  void end() {
    patience.clear();
    attempts.clear();
    attempts.resize(endpoints.size());  // no more attempts begin
    waiter->wake_later();
    over = true;
  }

  Loop& loop;
  const std::vector<asio::ip::tcp::endpoint> endpoints;
  Waiter* waiter;  // null when nobody is waiting any more
  Deadline patience;
  std::vector<std::unique_ptr<Socket::Tcp>> attempts;
  std::size_t pending = 0;
  std::optional<Socket::Tcp> winner;
  std::string failure;
  bool over = false;
};

Race::Race(Loop& loop, std::vector<asio::ip::tcp::endpoint> endpoints, Waiter& waiter)
    : state_(std::make_shared<State>(loop, std::move(endpoints), waiter)) {
  state_->start_next();
}

Race::~Race() {
  state_->waiter = nullptr;
  state_->patience.clear();
  state_->attempts.clear();
  state_->winner.reset();
}

bool Race::over() const noexcept {
  return state_->over;
}

std::optional<Socket::Tcp> Race::take_winner() {
  return std::exchange(state_->winner, std::nullopt);
}

const std::string& Race::failure() const noexcept {
  return state_->failure;
}

}  // namespace triage::upstream
