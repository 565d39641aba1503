//   Socket -> Inside: beast::websocket::stream<Layer> -> Bytes, which the HTTP server or the upstream provides
//
// Inside is shared with the operations under way, so that one that completes late finds it.

#include "websocket/socket.hpp"

#include "base/event.hpp"
#include "triage/body_padding.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstring>
#include <functional>

namespace triage::websocket {
namespace {

namespace beast = boost::beast;
namespace ws = beast::websocket;
using boost::system::error_code;

constexpr std::size_t kept_bytes = 64 * 1024;  // of a message's memory, for the next one
constexpr std::size_t reason_bytes_max = 123;  // RFC 6455, 5.5

// What Beast reads from and writes to.
class Layer {
 public:
  using executor_type = Executor;
  using Read = std::function<void(asio::mutable_buffer, Done)>;
  using Write = std::function<void(std::span<const asio::const_buffer>, Done)>;

  Layer(Executor executor, Read read, Write write, std::function<void()> cut)
      : executor_(std::move(executor)), read_(std::move(read)), write_(std::move(write)), cut_(std::move(cut)) {}

  [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }
  void cut() const { cut_(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& into) {
          asio::mutable_buffer first;
          for (auto it = asio::buffer_sequence_begin(into); first.size() == 0 && it != asio::buffer_sequence_end(into);
               ++it)
            first = *it;
          read_(first, Done(std::move(handler)));
        },
        token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& from) {
          std::array<asio::const_buffer, Bytes::pieces_max> pieces;
          std::size_t count = 0;
          for (auto it = asio::buffer_sequence_begin(from);
               count < pieces.size() && it != asio::buffer_sequence_end(from); ++it)
            if (const asio::const_buffer piece = *it; piece.size() > 0) pieces[count++] = piece;
          write_(std::span(pieces).first(count), Done(std::move(handler)));
        },
        token, buffers);
  }

 private:
  Executor executor_;
  Read read_;
  Write write_;
  std::function<void()> cut_;
};

// Beast finds these two by the type of its argument.
template <class Handler>
void async_teardown(beast::role_type /*role*/, Layer& layer, Handler&& handler) {
  layer.cut();
  asio::post(layer.get_executor(),
             [done = std::forward<Handler>(handler)]() mutable { std::move(done)(error_code()); });
}

void beast_close_socket(Layer& layer) {
  layer.cut();
}

// As much of a text as fits, in whole characters.
std::string_view fitting(std::string_view text) noexcept {
  if (text.size() <= reason_bytes_max) return text;
  std::size_t size = reason_bytes_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

std::string_view view(beast::string_view text) noexcept {
  return {text.data(), text.size()};
}
beast::string_view view(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

}  // namespace

struct Socket::Inside : std::enable_shared_from_this<Inside> {
  Inside(std::unique_ptr<Bytes> below, DeadlineWheel& deadlines, const SocketLimits& with)
      : limits(with),
        bytes(std::move(below)),
        stream(
            bytes->executor(), [this](asio::mutable_buffer into, Done done) { read(into, std::move(done)); },
            [this](std::span<const asio::const_buffer> pieces, Done done) { write(pieces, std::move(done)); },
            [this] { bytes->cut(); }),
        silence(deadlines, [this] { on_silence(); }),
        stall(deadlines,
              [this] {
                why = SocketEnd::How::stalled;
                bytes->cut();
              }),
        closing(deadlines, [this] { bytes->cut(); }) {
    stream.auto_fragment(false);
    stream.read_message_max(limits.message);
    ws::permessage_deflate off;
    off.server_enable = off.client_enable = false;
    stream.set_option(off);
  }

  void read(asio::mutable_buffer into, Done done) {
    begins();
    if (open) silence.set_in(limits.silence);
    bytes->read(into,
                Done([self = shared_from_this(), done = std::move(done)](error_code error, std::size_t count) mutable {
                  self->silence.clear();
                  if (!error) self->pinged = false;
                  self->ends();
                  done(error, count);
                }));
  }

  void write(std::span<const asio::const_buffer> pieces, Done done) {
    begins();
    bytes->write(pieces,
                 Done([self = shared_from_this(), done = std::move(done)](error_code error, std::size_t count) mutable {
                   self->ends();
                   done(error, count);
                 }));
  }

  void begins() noexcept { ++pending; }
  void ends() {
    if (--pending == 0) quiet.notify();
  }

  void on_silence() {
    if (pinged) {
      why = SocketEnd::How::silent;
      return bytes->cut();
    }
    pinged = true;
    silence.set_in(limits.silence);
    if (std::exchange(pinging, true)) return;
    stream.async_ping({}, [self = shared_from_this()](error_code) { self->pinging = false; });
  }

  void note_end(error_code error) {
    if (over) return;
    over = true;
    end.how = why;
    const ws::close_reason& said = stream.reason();
    if (error == ws::error::closed || said.code != ws::close_code::none) {  // even if it could not be answered
      end = {SocketEnd::How::closed, said.code != ws::close_code::none ? said.code : close_code::none,
             std::string(said.reason.data(), said.reason.size())};
    } else if (error == ws::error::message_too_big || error == ws::error::buffer_overflow) {
      end.how = SocketEnd::How::too_large;
    } else if (error == ws::condition::protocol_violation) {
      end = {SocketEnd::How::broken, close_code::none, error.message()};
    }
  }

  const SocketLimits limits;
  const std::unique_ptr<Bytes> bytes;
  ws::stream<Layer, false> stream;
  beast::flat_buffer buffer;
  Deadline silence;
  Deadline stall;
  Deadline closing;
  Event quiet;
  SocketEnd end;
  SocketEnd::How why = SocketEnd::How::cut;  // of an end without a close frame
  int pending = 0;                           // operations of `bytes`
  bool open = false;
  bool pinged = false;   // and nothing has come since
  bool pinging = false;  // the ping is being sent
  bool closed = false;   // a close frame is being sent, or was
  bool over = false;
};

Socket::Socket(std::unique_ptr<Bytes> bytes, DeadlineWheel& deadlines, const SocketLimits& limits)
    : inside_(std::make_shared<Inside>(std::move(bytes), deadlines, limits)) {}

Socket::~Socket() {
  inside_->silence.clear();
  inside_->bytes->cut();
}

Async<bool> Socket::accept(const RequestHead& request, const std::vector<Field>& fields, std::string_view subprotocol) {
  const auto inside = inside_;
  beast::http::request<beast::http::empty_body> asked(beast::http::verb::get, "/", 11);
  asked.set(beast::http::field::host, "-");
  asked.set(beast::http::field::upgrade, "websocket");
  asked.set(beast::http::field::connection, "upgrade");
  asked.set(beast::http::field::sec_websocket_version, "13");
  asked.set(beast::http::field::sec_websocket_key, view(*find_field(request.fields, "sec-websocket-key")));
  inside->stream.set_option(ws::stream_base::decorator([&fields, subprotocol](ws::response_type& answer) {
    for (const Field& field : fields) answer.insert(view(field.name), view(field.value));
    if (!subprotocol.empty()) answer.set(beast::http::field::sec_websocket_protocol, view(subprotocol));
  }));
  inside->stall.set_in(inside->limits.write_stall);
  const auto [error] = co_await inside->stream.async_accept(asked, as_result);
  inside->stall.clear();
  inside->open = !error;
  co_return !error;
}

Async<Result<HandshakeReply>> Socket::connect(std::string_view host, std::string_view target,
                                              const std::vector<Field>& fields) {
  const auto inside = inside_;
  inside->stream.set_option(ws::stream_base::decorator([&fields](ws::request_type& asked) {
    for (const Field& field : fields) asked.insert(view(field.name), view(field.value));
  }));
  ws::response_type answer;
  const auto [error] = co_await inside->stream.async_handshake(answer, view(host), view(target), as_result);
  if (error && error != ws::error::upgrade_declined) {
    const bool odd = error == ws::condition::handshake_failed ||
                     error.category() == beast::http::make_error_code(beast::http::error::bad_version).category();
    const bool cut = error == beast::http::error::end_of_stream || error == beast::http::error::partial_message;
    if (odd && !cut)
      co_return Error{ErrorCode::upstream_bad_response,
                      "its answer to the WebSocket handshake is wrong: " + error.message()};
    co_return Error{ErrorCode::upstream_truncated,
                    "the connection ended in the WebSocket handshake: " + error.message()};
  }
  inside->open = !error;
  HandshakeReply reply;
  reply.status = static_cast<int>(answer.result_int());
  for (const auto& field : answer) reply.fields.emplace_back(view(field.name_string()), view(field.value()));
  reply.body = std::move(answer.body());
  co_return reply;
}

Async<std::optional<SocketMessage>> Socket::read() {
  const auto inside = inside_;
  if (inside->over) co_return std::nullopt;
  beast::flat_buffer& buffer = inside->buffer;
  buffer.clear();
  if (buffer.capacity() > kept_bytes) buffer.shrink_to_fit();
  const auto [error, size] = co_await inside->stream.async_read(buffer, as_result);
  if (error) {
    inside->note_end(error);
    co_return std::nullopt;
  }
  std::memset(buffer.prepare(body_padding).data(), 0, body_padding);
  const SocketMessage message{{static_cast<const char*>(buffer.data().data()), buffer.size()},
                              inside->stream.got_text()};
  co_return message;
}

Async<bool> Socket::write(SocketMessage message) {
  const auto inside = inside_;
  if (inside->over || inside->closed) co_return false;
  inside->stall.set_in(inside->limits.write_stall);
  inside->stream.text(message.text);
  const asio::const_buffer whole(message.bytes.data(), message.bytes.size());
  const auto [error, size] = co_await inside->stream.async_write(whole, as_result);
  inside->stall.clear();
  co_return !error;
}

Async<void> Socket::close(std::uint16_t code, std::string_view reason) {
  const auto inside = inside_;
  if (std::exchange(inside->closed, true)) co_return;
  ws::close_reason said;
  if (code != close_code::none) {
    const std::string_view words = fitting(reason);
    said.code = code;
    said.reason.assign(words.data(), words.size());
  }
  inside->closing.set_in(inside->limits.close_timeout);
  co_await inside->stream.async_close(said, as_result);
  inside->closing.clear();
}

void Socket::cut() noexcept {
  inside_->bytes->cut();
}

const SocketEnd& Socket::end() const noexcept {
  return inside_->end;
}

Async<void> Socket::settled() {
  const auto inside = inside_;
  while (inside->pending > 0) co_await inside->quiet.wait();
}

}  // namespace triage::websocket
