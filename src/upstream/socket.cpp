#include "upstream/socket.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace triage::out {
namespace {

constexpr std::size_t pieces_per_call = 64;

Moved refused(int error) {
  if (error == EAGAIN || error == EWOULDBLOCK) return {Moved::State::blocked, 0, 0};
  return {Moved::State::failed, 0, error};
}

}  // namespace

Socket::Socket(Tcp connected, Listener& listener)
    : tcp_(std::move(connected)), listener_(listener), guard_(std::make_shared<Guard>(Guard{this})) {
  boost::system::error_code ignored;
  tcp_.non_blocking(true, ignored);
  tcp_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

Socket::~Socket() {
  guard_->socket = nullptr;
}

Moved Socket::receive(char* into, std::size_t room) {
  if (!readable_) return {Moved::State::blocked, 0, 0};
  ssize_t count;
  do count = ::recv(tcp_.native_handle(), into, room, 0);
  while (count < 0 && errno == EINTR);
  if (count > 0) {
    // A short read empties the socket: what comes later, the end included, is reported by watch_reads().
    readable_ = static_cast<std::size_t>(count) == room;
    return {Moved::State::some, static_cast<std::size_t>(count), 0};
  }
  if (count == 0) return {Moved::State::end, 0, 0};
  const Moved moved = refused(errno);
  readable_ = moved.state != Moved::State::blocked;
  return moved;
}

Moved Socket::send(const iovec* pieces, std::size_t count) {
  if (!writable_) return {Moved::State::blocked, 0, 0};
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = std::min(count, pieces_per_call);
  ssize_t sent;
  do sent = ::sendmsg(tcp_.native_handle(), &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent >= 0) return {Moved::State::some, static_cast<std::size_t>(sent), 0};
  const Moved moved = refused(errno);
  writable_ = moved.state != Moved::State::blocked;
  return moved;
}

void Socket::watch_reads() {
  if (readable_ || watching_reads_) return;
  watching_reads_ = true;
  tcp_.async_wait(asio::socket_base::wait_read, [guard = guard_](boost::system::error_code error) {
    Socket* socket = guard->socket;
    if (error || !socket) return;
    socket->watching_reads_ = false;
    socket->readable_ = true;
    socket->listener_.on_ready();
  });
}

void Socket::watch_writes() {
  if (writable_ || watching_writes_) return;
  watching_writes_ = true;
  tcp_.async_wait(asio::socket_base::wait_write, [guard = guard_](boost::system::error_code error) {
    Socket* socket = guard->socket;
    if (error || !socket) return;
    socket->watching_writes_ = false;
    socket->writable_ = true;
    socket->listener_.on_ready();
  });
}

void Socket::close() noexcept {
  guard_->socket = nullptr;
  boost::system::error_code ignored;
  tcp_.close(ignored);
}

}  // namespace triage::out
