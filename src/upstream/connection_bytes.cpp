//   read, write --done at once--> posted
//        '--blocked--> parked in the call's Waiter --woken by the socket, a deadline or a cancellation--> tried again
#include "upstream/connection_bytes.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

namespace triage::upstream {
namespace {

constexpr std::size_t record_bytes = 16 * 1024;

}  // namespace

// What lies in the Waiter. If the upstream ends first it is destroyed uncalled, and whoever waits must not wait on.
struct ConnectionBytes::Wake {
  explicit Wake(ConnectionBytes& of) : self(&of) {}
  Wake(Wake&& other) noexcept : self(std::exchange(other.self, nullptr)) {}
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;
  Wake& operator=(Wake&&) = delete;
  ~Wake() {
    if (self != nullptr) self->abandon();
  }
  void operator()() { std::exchange(self, nullptr)->woken(); }

  ConnectionBytes* self;
};

ConnectionBytes::ConnectionBytes(Loop& loop, Watch::Node& calls, std::shared_ptr<Origin> origin, Cancellation& gone,
                                 const CallTimeouts& timeouts)
    : executor_(loop.io.get_executor()), watch_(loop, calls, gone, timeouts), origin_(std::move(origin)) {}

ConnectionBytes::~ConnectionBytes() {
  cut();
}

void ConnectionBytes::use(std::unique_ptr<Connection> connection) noexcept {
  connection_ = std::move(connection);
  connection_->wakes(&watch_.waiter());
}

void ConnectionBytes::read(asio::mutable_buffer into, websocket::Done done) {
  into_ = into;
  reading_ = std::move(done);
  go_on();
}

void ConnectionBytes::write(std::span<const asio::const_buffer> pieces, websocket::Done done) {
  outgoing_.clear();
  record_.clear();
  sending_ = 0;
  for (const asio::const_buffer& piece : pieces) {
    const std::string_view bytes(static_cast<const char*>(piece.data()), piece.size());
    sending_ += bytes.size();
    if (connection_ && connection_->stream().tls() && record_.size() + bytes.size() <= record_bytes &&
        sending_ == record_.size() + bytes.size())
      record_.append(bytes);
    else
      outgoing_.add(bytes);
  }
  if (!record_.empty()) {
    Outgoing all;
    all.add(record_);
    for (const iovec* piece = outgoing_.begin(); piece != outgoing_.begin() + outgoing_.count(); ++piece)
      all.add({static_cast<const char*>(piece->iov_base), piece->iov_len});
    outgoing_ = std::move(all);
  }
  writing_ = std::move(done);
  go_on();
}

void ConnectionBytes::cut() noexcept {
  const bool was_parked = std::exchange(parked_, false);
  websocket::Done reading = std::move(reading_);
  websocket::Done writing = std::move(writing_);
  if (was_parked) {
    watch_.waited();
    watch_.waiter().drop();
  }
  watch_.done();
  connection_.reset();
  if (reading) complete(reading, asio::error::operation_aborted, 0);
  if (writing) complete(writing, asio::error::operation_aborted, 0);
}

void ConnectionBytes::go_on() {
  if (!connection_ || !watch_.alive()) return cut();
  const bool blocked_reading = reading_ && !try_read();
  const bool blocked_writing = writing_ && !try_write();
  if (!blocked_reading && !blocked_writing) return;
  connection_->stream().watch();
  if (!parked_) park();
}

// Whether it is over.
bool ConnectionBytes::try_read() {
  const Moved moved = connection_->stream().receive(static_cast<char*>(into_.data()), into_.size());
  if (moved.state == Moved::State::blocked) return false;
  complete(reading_, failure(moved), moved.bytes);
  return true;
}

bool ConnectionBytes::try_write() {
  while (!outgoing_.empty()) {
    const Moved moved = connection_->stream().send(outgoing_);
    if (moved.state == Moved::State::blocked) return false;
    if (moved.state == Moved::State::some) continue;
    complete(writing_, failure(moved), 0);
    return true;
  }
  complete(writing_, {}, sending_);
  return true;
}

boost::system::error_code ConnectionBytes::failure(const Moved& moved) const noexcept {
  if (moved.state == Moved::State::some) return {};
  if (moved.state == Moved::State::end) return asio::error::eof;
  return {moved.error != 0 ? moved.error : ECONNRESET, boost::system::system_category()};
}

void ConnectionBytes::complete(websocket::Done& done, boost::system::error_code error, std::size_t bytes) {
  asio::post(executor_, [done = std::move(done), error, bytes]() mutable { done(error, bytes); });
}

void ConnectionBytes::park() {
  parked_ = true;
  watch_.wait()(Wake(*this));
}

void ConnectionBytes::woken() {
  parked_ = false;
  watch_.waited();
  go_on();
}

void ConnectionBytes::abandon() noexcept {
  parked_ = false;
  const websocket::Done reading = std::move(reading_);
  const websocket::Done writing = std::move(writing_);
}

}  // namespace triage::upstream
