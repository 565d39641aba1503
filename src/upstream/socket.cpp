// When is a socket known to be empty? Not after a short read: the end of the stream may follow immediately, and its
// edge may be gone. TCP_INQ makes Linux say with each read how much is left, counting the end (FIN) as one byte. It
// does not count an error (RST), but that is reported as an exception. After an exception, and where there is no
// TCP_INQ, the socket is read until EAGAIN.

#include "upstream/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace triage::upstream {
namespace {

constexpr std::size_t pieces_per_call = 64;

Moved refused(int error) {
  if (error == EAGAIN || error == EWOULDBLOCK) return {Moved::State::blocked, 0, 0};
  return {Moved::State::failed, 0, error};
}

/// What is left to read, or -1 if the kernel did not say.
int left_behind(msghdr& message) {
  const cmsghdr* note = CMSG_FIRSTHDR(&message);
  if (!note || note->cmsg_level != IPPROTO_TCP || note->cmsg_type != TCP_CM_INQ) return -1;
  int left = 0;
  std::memcpy(&left, CMSG_DATA(note), sizeof left);
  return left;
}

}  // namespace

Socket::Socket(Tcp connected, Listener& listener) : listener_(listener) {
  boost::system::error_code error;
  connected.non_blocking(true, error);
  connected.set_option(asio::ip::tcp::no_delay(true), error);
  asio::io_context& io = connected.get_executor().context();
  handle_ = connected.release(error);
  const int yes = 1;
  tells_rest_ = ::setsockopt(handle_, IPPROTO_TCP, TCP_INQ, &yes, sizeof yes) == 0;
  readiness_.emplace(io, handle_, static_cast<Readiness::Listener&>(*this));
}

Socket::~Socket() {
  readiness_.reset();
  if (handle_ >= 0) ::close(handle_);
}

Moved Socket::receive(char* into, std::size_t room) {
  if (!readable_) return {Moved::State::blocked, 0, 0};
  iovec place{into, room};
  alignas(cmsghdr) char note[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = note;
  message.msg_controllen = sizeof note;
  ssize_t count;
  do count = ::recvmsg(handle_, &message, 0);
  while (count < 0 && errno == EINTR);
  if (count > 0) {
    readable_ = !tells_rest_ || left_behind(message) != 0;
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
  do sent = ::sendmsg(handle_, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent >= 0) return {Moved::State::some, static_cast<std::size_t>(sent), 0};
  const Moved moved = refused(errno);
  writable_ = moved.state != Moved::State::blocked;
  return moved;
}

void Socket::watch_writes() {
  if (!writable_) readiness_->watch_writes();
}

void Socket::on_readable() {
  readable_ = true;
  listener_.on_ready();
}

void Socket::on_exception() {
  tells_rest_ = false;
  on_readable();
}

void Socket::on_writable() {
  writable_ = true;
  listener_.on_ready();
}

}  // namespace triage::upstream
