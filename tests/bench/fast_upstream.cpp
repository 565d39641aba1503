// A provider that costs almost nothing: one epoll thread, HTTP/1.1 keep-alive, Content-Length request bodies only.
//
//   POST without "stream":true   one fixed chat completion (about 600 bytes of JSON)
//   POST with "stream":true      SSE, chunked:  data: {... "content":"sent_ns=0000123456789012345 xxxx" ...}
//                                `sent_ns` is CLOCK_MONOTONIC at sending, so a reader on this machine knows the delay
//   GET /bench/stats             counters as JSON
//   any other GET                an empty model list
//
// A stream's shape comes from the command line, or from the request's `user` field, which a gateway forwards:
//   "user":"bench events=600 interval_us=100000 event_bytes=240"
// interval_us=0 sends as fast as the reader takes it.

#include "net.hpp"

#include <signal.h>
#include <sys/epoll.h>

#include <algorithm>
#include <memory>
#include <queue>
#include <vector>

namespace {

using namespace bench;

struct StreamShape {
  std::int64_t events;
  std::int64_t interval_ns;
  std::size_t event_bytes;
};

struct Connection {
  int fd = -1;
  std::uint64_t serial = 0;
  std::string in;
  std::string out;  // what the socket did not take
  bool streaming = false;
  bool wants_usage = false;
  bool waiting_to_write = false;
  StreamShape shape{};
  std::int64_t sent = 0;
  std::int64_t due_ns = 0;
};

struct Due {
  std::int64_t at_ns;
  int fd;
  std::uint64_t serial;
  bool operator<(const Due& other) const { return at_ns > other.at_ns; }
};

constexpr std::string_view chunk_begin =
    R"({"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1741570283,)"
    R"("model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_fc9f1d7035",)";
constexpr std::string_view usage_object =
    R"("usage":{"prompt_tokens":1117,"completion_tokens":46,"total_tokens":1163,"prompt_tokens_details":{"cached_tokens":0},)"
    R"("completion_tokens_details":{"reasoning_tokens":0}})";
constexpr std::size_t stamp_digits = 19;

std::string as_chunk(const std::string& text) {
  char size[24];
  snprintf(size, sizeof size, "%zx\r\n", text.size());
  return size + text + "\r\n";
}

std::string reply_head(std::string_view content_type) {
  return "HTTP/1.1 200 OK\r\nDate: Mon, 10 Mar 2025 01:31:23 GMT\r\nContent-Type: " + std::string(content_type) +
         "\r\nopenai-processing-ms: 38\r\nopenai-version: 2020-10-01\r\nx-ratelimit-remaining-requests: 9999\r\n"
         "x-request-id: req_4f6d2c1b9a8e7d6c5b4a39281706f5e4\r\n";
}

std::string whole_reply(const std::string& body) {
  return reply_head("application/json") + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string completion_reply() {
  std::string text = "The route with the fewest hops is not always the fastest: measure both before choosing. ";
  std::string body =
      R"({"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion","created":1741570283,)"
      R"("model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":{"role":"assistant","content":")" +
      text + text + R"(","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],)";
  return whole_reply(body.append(usage_object).append(R"(,"service_tier":"default"})"));
}

/// A framed event of `bytes` bytes (never fewer than its fixed text) and the place of its time stamp.
struct EventTemplate {
  explicit EventTemplate(std::size_t bytes) {
    const std::string label = "sent_ns=";
    const std::string begin =
        "data: " + std::string(chunk_begin) + R"("choices":[{"index":0,"delta":{"content":")" + label;
    const std::string end = R"("},"logprobs":null,"finish_reason":null}]})"
                            "\n\n";
    const std::size_t fixed = begin.size() + stamp_digits + end.size();
    text = as_chunk(begin + std::string(stamp_digits, '0') + std::string(bytes > fixed ? bytes - fixed : 0, 'x') + end);
    stamp_at = text.find(label) + label.size();
  }

  void stamp(std::int64_t ns) {
    for (std::size_t i = stamp_digits; i-- > 0; ns /= 10) text[stamp_at + i] = static_cast<char>('0' + ns % 10);
  }

  std::string text;
  std::size_t stamp_at = 0;
};

class Server {
 public:
  Server(std::uint16_t port, StreamShape shape) : shape_(shape), completion_(completion_reply()) {
    listener_ = listen_on(port);
    poll_ = epoll_create1(EPOLL_CLOEXEC);
    watch(listener_, EPOLLIN);
    printf("listening %u\n", port);
    fflush(stdout);
  }

  [[noreturn]] void run() {
    std::vector<epoll_event> ready(512);
    for (;;) {
      const std::int64_t wait = due_.empty() ? 1'000'000'000 : std::max<std::int64_t>(0, due_.top().at_ns - now_ns());
      const timespec timeout = as_timespec(wait);
      const int count = epoll_pwait2(poll_, ready.data(), static_cast<int>(ready.size()), &timeout, nullptr);
      for (int i = 0; i < count; ++i) on_ready(ready[static_cast<std::size_t>(i)]);
      send_due();
    }
  }

 private:
  void watch(int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
  }

  void on_ready(const epoll_event& event) {
    if (event.data.fd == listener_) return accept_all();
    Connection& connection = *connections_[static_cast<std::size_t>(event.data.fd)];
    if ((event.events & EPOLLOUT) != 0 && connection.waiting_to_write) resume(connection);
    if (connection.fd >= 0 && (event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) read(connection);
  }

  void accept_all() {
    for (int fd = 0; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      set_no_delay(fd);
      if (connections_.size() <= static_cast<std::size_t>(fd)) connections_.resize(static_cast<std::size_t>(fd) + 1);
      auto& slot = connections_[static_cast<std::size_t>(fd)];
      slot = std::make_unique<Connection>();
      slot->fd = fd;
      slot->serial = ++serial_;
      ++open_;
      watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    }
  }

  void drop(Connection& connection) {
    if (connection.streaming) ++aborted_;
    close(connection.fd);
    connection.fd = -1;
    connection.in = connection.out = {};
    --open_;
  }

  void read(Connection& connection) {
    static char buffer[65536];
    for (;;) {
      const ssize_t count = recv(connection.fd, buffer, sizeof buffer, 0);
      if (count == 0 || (count < 0 && errno != EAGAIN)) return drop(connection);
      if (count < 0) return;
      connection.in.append(buffer, static_cast<std::size_t>(count));
      if (!connection.streaming) answer(connection);
      if (connection.fd < 0) return;
      if (connection.in.size() > 64u << 20) return drop(connection);
    }
  }

  void answer(Connection& connection) {
    const std::string_view in = connection.in;
    const auto head_end = in.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return;
    const std::string_view head = in.substr(0, head_end + 2);
    std::size_t length = 0;
    const std::string_view field = header(head, "content-length");
    std::from_chars(field.data(), field.data() + field.size(), length);
    if (in.size() < head_end + 4 + length) return;
    const std::string_view body = in.substr(head_end + 4, length);
    ++requests_;
    if (head.starts_with("GET /bench/stats")) {
      transmit(connection, whole_reply(stats()));
    } else if (head.starts_with("GET")) {
      transmit(connection, whole_reply(R"({"object":"list","data":[]})"));
    } else if (is_true(body, "stream")) {
      begin_stream(connection, body);
    } else {
      transmit(connection, completion_);
    }
    connection.in.erase(0, head_end + 4 + length);
  }

  static bool is_true(std::string_view body, std::string_view name) {
    const std::string key = '"' + std::string(name) + "\":";
    const auto at = body.rfind(key);
    if (at == std::string_view::npos) return false;
    auto value = body.substr(at + key.size(), 5);
    if (value.starts_with(' ')) value.remove_prefix(1);
    return value.starts_with("true");
  }

  std::string stats() const {
    return "{\"requests\":" + std::to_string(requests_) + ",\"streams\":" + std::to_string(streams_) +
           ",\"completed\":" + std::to_string(completed_) + ",\"aborted\":" + std::to_string(aborted_) +
           ",\"connections\":" + std::to_string(open_) + "}";
  }

  void begin_stream(Connection& connection, std::string_view body) {
    const auto at = body.rfind("\"bench ");
    const std::string_view told = at == std::string_view::npos ? std::string_view{} : body.substr(at, 200);
    connection.shape.events = number_after(told, "events=", shape_.events);
    connection.shape.interval_ns = number_after(told, "interval_us=", shape_.interval_ns / 1000) * 1000;
    connection.shape.event_bytes =
        static_cast<std::size_t>(number_after(told, "event_bytes=", static_cast<std::int64_t>(shape_.event_bytes)));
    connection.wants_usage = is_true(body, "include_usage");
    connection.streaming = true;
    connection.sent = 0;
    connection.due_ns = now_ns();
    ++streams_;
    const std::string role = "data: " + std::string(chunk_begin) +
                             R"("choices":[{"index":0,"delta":{"role":"assistant","content":""},)"
                             R"("logprobs":null,"finish_reason":null}]})"
                             "\n\n";
    transmit(connection,
             reply_head("text/event-stream; charset=utf-8") + "Transfer-Encoding: chunked\r\n\r\n" + as_chunk(role));
    // Not from here: the request is still in `in`, and the end of a stream reads the next one.
    if (connection.fd >= 0 && !connection.waiting_to_write)
      due_.push({connection.due_ns, connection.fd, connection.serial});
  }

  // Takes the due ones out first: a stream without pauses is due again at once and must not keep the others waiting.
  void send_due() {
    const std::int64_t now = now_ns();
    for (taken_.clear(); !due_.empty() && due_.top().at_ns <= now; due_.pop()) taken_.push_back(due_.top());
    for (const Due& due : taken_) {
      Connection& connection = *connections_[static_cast<std::size_t>(due.fd)];
      if (connection.fd < 0 || connection.serial != due.serial || connection.waiting_to_write) continue;
      send_events(connection);
    }
  }

  // Sends what is due, then arms the next event. A burst is bounded so that no stream starves the others.
  void send_events(Connection& connection) {
    const auto found = templates_.try_emplace(connection.shape.event_bytes, connection.shape.event_bytes).first;
    for (int burst = 0; burst < 32 && connection.fd >= 0 && !connection.waiting_to_write; ++burst) {
      if (connection.sent == connection.shape.events) return end_stream(connection);
      const std::int64_t now = now_ns();
      if (connection.due_ns > now) break;
      found->second.stamp(now);
      ++connection.sent;
      connection.due_ns = std::max(connection.due_ns + connection.shape.interval_ns, now - 1'000'000'000);
      transmit(connection, found->second.text);
    }
    if (connection.fd >= 0 && !connection.waiting_to_write) {
      due_.push({connection.due_ns, connection.fd, connection.serial});
    }
  }

  void end_stream(Connection& connection) {
    std::string last = "data: " + std::string(chunk_begin) +
                       R"("choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]})"
                       "\n\n";
    if (connection.wants_usage) {
      last.append("data: ").append(chunk_begin).append(R"("choices":[],)").append(usage_object).append("}\n\n");
    }
    connection.streaming = false;
    ++completed_;
    transmit(connection, as_chunk(last + "data: [DONE]\n\n") + "0\r\n\r\n");
    if (connection.fd >= 0) answer(connection);
  }

  void transmit(Connection& connection, std::string_view text) {
    if (!connection.waiting_to_write) {
      const ssize_t count = send(connection.fd, text.data(), text.size(), MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN) return drop(connection);
      text.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
      if (text.empty()) return;
      connection.waiting_to_write = true;
    }
    connection.out.append(text);
  }

  void resume(Connection& connection) {
    const ssize_t count = send(connection.fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN ? void() : drop(connection);
    connection.out.erase(0, static_cast<std::size_t>(count));
    if (!connection.out.empty()) return;
    connection.waiting_to_write = false;
    if (connection.streaming) send_events(connection);
  }

  StreamShape shape_;
  std::string completion_;
  std::map<std::size_t, EventTemplate> templates_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
  std::priority_queue<Due> due_;
  std::vector<Due> taken_;
  int listener_ = -1;
  int poll_ = -1;
  std::uint64_t serial_ = 0;
  std::int64_t requests_ = 0, streams_ = 0, completed_ = 0, aborted_ = 0, open_ = 0;
};

}  // namespace

int main(int count, char** values) {
  const Arguments arguments(count, values, 1);
  prepare_process();
  signal(SIGPIPE, SIG_IGN);
  const StreamShape shape{arguments.number("--events", 50), arguments.number("--interval-us", 20'000) * 1000,
                          static_cast<std::size_t>(arguments.number("--event-bytes", 320))};
  Server(static_cast<std::uint16_t>(arguments.number("--port", 0)), shape).run();
}
