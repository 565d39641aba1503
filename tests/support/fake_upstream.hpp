#pragma once
// A provider that plays a script: each connection runs it on a thread of its own, with plain blocking calls. It keeps
// what it was sent. Listens on 127.0.0.1 (or another address), on a port that the kernel chooses.
//
//   FakeUpstream upstream([](FakeConnection& connection) {
//     while (connection.expect_request()) connection.send(reply("hello"));
//   });
//   ... http://127.0.0.1:<upstream.port()> ...
//   EXPECT_EQ(upstream.requests().at(0).body, "...");

#include "support/test_authority.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace triage::test {

/// A request as it came. `raw` is head and framed body; `body` has its chunks joined.
struct SeenRequest {
  std::string raw;
  std::string method;
  std::string target;
  std::string body;
  std::size_t connection = 0;  ///< 0.. , in the order of accepting

  /// Value of the first field of that name, in any case of letters; "" if there is none.
  [[nodiscard]] std::string field(std::string_view name) const;
};

/// `HTTP/1.1 200 OK` with a Content-Length, and with `fields` (each ended by CRLF).
std::string reply(std::string_view body, std::string_view fields = "", std::string_view status = "200 OK");
/// The same with Transfer-Encoding: chunked, one chunk a piece, and the end.
std::string chunked_reply(const std::vector<std::string>& pieces, std::string_view fields = "");
/// One chunk.
std::string chunk(std::string_view payload);

class FakeUpstream;

/// One connection, as the script sees it. Calls fail (false, nullopt) once the peer or the test is gone.
class FakeConnection {
 public:
  [[nodiscard]] std::size_t index() const noexcept { return index_; }

  /// The next whole request. `head_only` leaves the body unread.
  std::optional<SeenRequest> expect_request(bool head_only = false);

  bool send(std::string_view bytes);
  /// Sends `piece` bytes at a time.
  bool send_slowly(std::string_view bytes, std::size_t piece, std::chrono::milliseconds pause);

  /// Up to `most` bytes as they come, what a request left unread first; "" at the end.
  std::string receive(std::size_t most = 65'536);
  /// Until the peer closes. True if it did within `patience`.
  bool wait_for_close(std::chrono::milliseconds patience = std::chrono::seconds(5));
  /// False if the test ended meanwhile.
  bool pause(std::chrono::milliseconds time);

  /// Ends properly: under TLS with close_notify.
  void close();
  /// Ends the sending direction only.
  void close_sending();
  /// Ends with FIN but without close_notify.
  void cut();
  /// Ends with RST.
  void reset();

  /// Whether TLS resumed an earlier session, and the name that the client asked for.
  [[nodiscard]] bool tls_resumed() const;
  [[nodiscard]] std::string tls_server_name() const;

 private:
  friend class FakeUpstream;
  FakeConnection(FakeUpstream& upstream, int handle, std::size_t index);
  ~FakeConnection();
  bool accept_tls();
  bool fill();
  std::string read_some(std::size_t most);
  bool read_body(SeenRequest& request, std::size_t head_size);

  FakeUpstream& upstream_;
  int handle_;
  std::size_t index_;
  ssl_st* ssl_ = nullptr;
  std::string unread_;
};

class FakeUpstream {
 public:
  using Script = std::function<void(FakeConnection&)>;

  struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    std::optional<PemPair> tls = std::nullopt;
    bool tls12_only = false;
    bool demands_certificate = false;  ///< of its clients
    int backlog = 128;
    bool accepting = true;  ///< false: the backlog fills up, and further connections get no answer
  };

  explicit FakeUpstream(Script script);
  FakeUpstream(Script script, Options options);
  FakeUpstream(const FakeUpstream&) = delete;
  FakeUpstream& operator=(const FakeUpstream&) = delete;
  /// Cuts what is open and waits for the scripts to end.
  ~FakeUpstream();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] std::size_t open_connections() const;
  [[nodiscard]] std::vector<SeenRequest> requests() const;
  /// Waits until so many requests (closed connections) were seen. False after `patience`.
  bool wait_for_requests(std::size_t count, std::chrono::milliseconds patience = std::chrono::seconds(5)) const;
  bool wait_for_no_connection(std::chrono::milliseconds patience = std::chrono::seconds(5)) const;

 private:
  friend class FakeConnection;
  void listen_on(const Options& options);
  void make_tls(const Options& options);
  void accept_loop();
  void serve(int handle, std::size_t index);

  Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  ssl_ctx_st* tls_ = nullptr;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool stopping_ = false;
  std::vector<int> handles_;  // of open connections
  std::vector<SeenRequest> requests_;
  std::size_t accepted_ = 0;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace triage::test
