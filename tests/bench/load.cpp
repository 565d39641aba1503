// Load generator. One epoll thread, loopback only, one line of JSON on stdout.
//
//   bench_load saturate  C connections, each sends its next request as soon as it has its answer, N requests in all
//   bench_load rate      open loop: request i is due at start + i / rate whatever happened before; its latency counts
//                        from that moment, also while it waits for a free connection (no coordinated omission)
//   bench_load streams   N streams at once; the delay of an event is its arrival minus the time stamp inside it.
//                        Prints `open N` once every stream has had an event; only later events are measured.
//
// --port P [--key K] [--model M] [--path P] [--body-bytes B] [--connections C] [--requests N] [--rate R] [--seconds S]
// [--streams N] [--events E] [--interval-us I] [--event-bytes B]

#include "load_bodies.hpp"
#include "load_reply.hpp"
#include "net.hpp"

#include <signal.h>
#include <sys/epoll.h>

#include <algorithm>
#include <vector>

namespace {

using namespace bench;

/// Exact percentiles of what was recorded, in the unit of `per` nanoseconds.
class Latencies {
 public:
  void record(std::int64_t ns) { values_.push_back(ns); }
  [[nodiscard]] std::size_t count() const noexcept { return values_.size(); }

  std::string json(double per) {
    std::sort(values_.begin(), values_.end());
    char text[256];
    snprintf(text, sizeof text, R"({"p50":%.2f,"p90":%.2f,"p99":%.2f,"p999":%.2f,"max":%.2f})", at(0.5) / per,
             at(0.9) / per, at(0.99) / per, at(0.999) / per, at(1) / per);
    return text;
  }

 private:
  [[nodiscard]] double at(double share) const {
    if (values_.empty()) return 0;
    return static_cast<double>(values_[static_cast<std::size_t>(share * static_cast<double>(values_.size() - 1))]);
  }

  std::vector<std::int64_t> values_;
};

struct Connection {
  int fd = -1;
  std::string_view unsent;
  std::int64_t from_ns = 0;  // what its latency counts from
  bool busy = false;
  bool had_event = false;
  ReplyReader reply;
  StampReader stamps;
};

class Load {
 public:
  Load(std::string mode, const Arguments& arguments) : mode_(std::move(mode)), arguments_(arguments) {
    RequestShape shape;
    shape.port = port_ = static_cast<std::uint16_t>(arguments.number("--port", 0));
    shape.path = arguments.text("--path", shape.path);
    shape.key = arguments.text("--key", shape.key);
    shape.model = arguments.text("--model", shape.model);
    shape.body_bytes = static_cast<std::size_t>(arguments.number("--body-bytes", 1400));
    shape.stream = mode_ == "streams";
    if (shape.stream) {
      shape.user = "bench events=" + std::to_string(arguments.number("--events", 50)) +
                   " interval_us=" + std::to_string(arguments.number("--interval-us", 20'000)) +
                   " event_bytes=" + std::to_string(arguments.number("--event-bytes", 320));
    }
    request_ = make_request(shape);
    poll_ = epoll_create1(EPOLL_CLOEXEC);
  }

  void saturate() {
    open_connections(arguments_.number("--connections", 64));
    to_send_ = arguments_.number("--requests", 20'000);
    start_ns_ = now_ns();
    for (auto& connection : connections_) start(connection, now_ns());
    while (busy_ > 0) {
      wait(5'000'000'000);
      for (; !idle_.empty() && to_send_ > 0; idle_.pop_back()) start(connections_[idle_.back()], now_ns());
      if (to_send_ == 0) idle_.clear();
    }
    report();
  }

  void rate() {
    open_connections(arguments_.number("--connections", 64));
    const std::int64_t rate = arguments_.number("--rate", 2000);
    const std::int64_t total = to_send_ = rate * arguments_.number("--seconds", 3);
    for (std::size_t i = 0; i < connections_.size(); ++i) idle_.push_back(i);
    start_ns_ = now_ns() + 1'000'000;
    for (std::int64_t next = 0; next < total || busy_ > 0;) {
      const auto due = [&] { return start_ns_ + next * 1'000'000'000 / rate; };
      for (; next < total && !idle_.empty() && due() <= now_ns(); ++next) {
        const std::size_t index = idle_.back();
        idle_.pop_back();
        start(connections_[index], due());
      }
      wait(next < total && !idle_.empty() ? std::max<std::int64_t>(0, due() - now_ns()) : 5'000'000'000);
    }
    report();
  }

  void streams() {
    const std::int64_t count = to_send_ = arguments_.number("--streams", 100);
    const std::int64_t interval = arguments_.number("--interval-us", 20'000) * 1000;
    const std::int64_t ramp = std::max<std::int64_t>(interval, count * 400'000);  // spreads phases, spares the accepts
    connections_.resize(static_cast<std::size_t>(count));
    start_ns_ = now_ns();
    for (std::int64_t next = 0; next < count || busy_ > 0;) {
      const auto due = [&] { return start_ns_ + next * ramp / count; };
      for (; next < count && due() <= now_ns(); ++next) {
        Connection& connection = connections_[static_cast<std::size_t>(next)];
        connect(connection);
        start(connection, now_ns());
      }
      wait(next < count ? std::max<std::int64_t>(0, due() - now_ns()) : 5'000'000'000);
      if (!all_open_ && next == count && with_event_ + failed_ >= count) {
        all_open_ = true;
        printf("open %lld\n", static_cast<long long>(with_event_));
        fflush(stdout);
      }
    }
    printf(R"({"streams":%lld,"completed":%lld,"failed":%lld,"events":%lld,"measured":%zu,"delay_us":%s,)"
           R"("first_event_ms":%s,"seconds":%.3f})"
           "\n",
           static_cast<long long>(count), static_cast<long long>(completed_), static_cast<long long>(failed_),
           static_cast<long long>(events_), delays_.count(), delays_.json(1e3).c_str(), latencies_.json(1e6).c_str(),
           static_cast<double>(now_ns() - start_ns_) / 1e9);
  }

 private:
  void open_connections(std::int64_t count) {
    connections_.resize(static_cast<std::size_t>(count));
    for (auto& connection : connections_) connect(connection);
  }

  void connect(Connection& connection) {
    connection.fd = connect_to(port_);
    if (connection.fd < 0) fail("cannot connect to port " + std::to_string(port_));
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.u64 = static_cast<std::uint64_t>(&connection - connections_.data());
    epoll_ctl(poll_, EPOLL_CTL_ADD, connection.fd, &event);
  }

  void start(Connection& connection, std::int64_t from_ns) {
    if (to_send_ == 0) return;
    if (connection.fd < 0) connect(connection);
    --to_send_;
    ++busy_;
    connection.busy = true;
    connection.from_ns = from_ns;
    connection.unsent = request_;
    connection.reply.begin();
    connection.stamps.begin();
    flush(connection);
  }

  void flush(Connection& connection) {
    if (connection.unsent.empty()) return;
    const ssize_t count = send(connection.fd, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
    if (count > 0) connection.unsent.remove_prefix(static_cast<std::size_t>(count));
  }

  void wait(std::int64_t ns) {
    epoll_event ready[256];
    const timespec timeout = as_timespec(ns);
    const int count = epoll_pwait2(poll_, ready, 256, &timeout, nullptr);
    if (count == 0 && ns >= 5'000'000'000 && ++silent_ * 5 >= arguments_.number("--patience", 30)) {
      fail("no answer for " + std::to_string(silent_ * 5) + " s");
    }
    if (count > 0) silent_ = 0;
    for (int i = 0; i < count; ++i) {
      Connection& connection = connections_[ready[i].data.u64];
      if ((ready[i].events & EPOLLOUT) != 0) flush(connection);
      if ((ready[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        read(connection, (ready[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
      }
    }
  }

  void read(Connection& connection, bool to_the_end) {
    static char buffer[65536];
    while (connection.fd >= 0) {
      const ssize_t count = recv(connection.fd, buffer, sizeof buffer, 0);
      if (count < 0 && errno == EAGAIN) return;
      if (count <= 0) return lost(connection);
      take(connection, std::string_view(buffer, static_cast<std::size_t>(count)));
      if (!to_the_end && static_cast<std::size_t>(count) < sizeof buffer) return;  // drained; more makes a new edge
    }
  }

  void take(Connection& connection, std::string_view bytes) {
    const std::int64_t now = now_ns();
    const bool streaming = mode_ == "streams";
    connection.reply.feed(bytes, [&](std::string_view piece) {
      if (streaming) connection.stamps.feed(piece, [&](std::int64_t stamp) { on_event(connection, now, stamp); });
    });
    if (connection.reply.broken()) return lost(connection);
    if (!connection.reply.done() || !connection.busy) return;
    connection.busy = false;
    --busy_;
    const bool good = connection.reply.status() == 200 && (!streaming || connection.stamps.finished());
    ++(good ? completed_ : failed_);
    if (!streaming) latencies_.record(now - connection.from_ns);
    idle_.push_back(static_cast<std::size_t>(&connection - connections_.data()));
  }

  void on_event(Connection& connection, std::int64_t now, std::int64_t stamp) {
    ++events_;
    if (all_open_) delays_.record(now - stamp);
    if (connection.had_event) return;
    connection.had_event = true;
    ++with_event_;
    latencies_.record(now - connection.from_ns);
  }

  void lost(Connection& connection) {
    close(connection.fd);
    connection.fd = -1;
    ++reconnects_;
    if (!connection.busy) return;
    connection.busy = false;
    --busy_;
    ++failed_;
    idle_.push_back(static_cast<std::size_t>(&connection - connections_.data()));
  }

  void report() {
    const double seconds = static_cast<double>(now_ns() - start_ns_) / 1e9;
    printf(R"({"requests":%lld,"failed":%lld,"lost_connections":%lld,"seconds":%.3f,"per_second":%.0f,"latency_us":%s})"
           "\n",
           static_cast<long long>(completed_), static_cast<long long>(failed_), static_cast<long long>(reconnects_),
           seconds, static_cast<double>(completed_) / seconds, latencies_.json(1e3).c_str());
  }

  std::string mode_;
  const Arguments& arguments_;
  std::uint16_t port_ = 0;
  std::string request_;
  int poll_ = -1;
  std::vector<Connection> connections_;
  std::vector<std::size_t> idle_;
  Latencies latencies_;
  Latencies delays_;
  bool all_open_ = false;
  std::int64_t start_ns_ = 0, to_send_ = 0, busy_ = 0, silent_ = 0;
  std::int64_t completed_ = 0, failed_ = 0, reconnects_ = 0, events_ = 0, with_event_ = 0;
};

}  // namespace

int main(int count, char** values) {
  const std::string mode = count > 1 ? values[1] : "";
  const Arguments arguments(count, values, std::min(count, 2));
  prepare_process();
  signal(SIGPIPE, SIG_IGN);
  Load load(mode, arguments);
  if (mode == "saturate") return load.saturate(), 0;
  if (mode == "rate") return load.rate(), 0;
  if (mode == "streams") return load.streams(), 0;
  fprintf(stderr, "usage: bench_load saturate|rate|streams --port P [--name value]...\n");
  return 2;
}
