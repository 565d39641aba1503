// The buffer of a reply:
//
//   | interim heads | head | body, as last read                |
//                          ^ head_end(): the head stays, each read of the body begins here again
//
// At the proper end the connection leaves the reply at once; buffer and head stay until the reply is destroyed.

#include "upstream/reply.hpp"

namespace triage::upstream {

void SocketReply::begin() {
  body_.emplace(call_.framing());
  at_ = call_.head_end();
  unread_ = call_.workspace().received.size() - at_;
  begun_ = unread_ > 0;
  if (!body_->complete()) return;
  complete_ = true;
  call_.release(unread_ == 0);
}

std::optional<std::uint64_t> SocketReply::content_length() const noexcept {
  return call_.framing().content_length;
}

Async<Result<std::string_view>> SocketReply::next() {
  for (;;) {
    if (failed_) co_return *failed_;
    if (complete_) co_return std::string_view();
    if (unread_ > 0) {
      const auto payload = take();
      if (!payload || !payload->empty()) co_return payload;
      continue;
    }
    if (!call_.watch().alive()) co_return fail(call_.ended());
    const auto received = receive();
    if (!received) co_return received.error();
    if (unread_ > 0 || complete_) continue;
    if (begun_)
      call_.watch().receiving();
    else
      call_.watch().beginning();
    call_.stream().watch();
    co_await call_.watch().wait();
    call_.watch().waited();
    call_.watch().suspended();
  }
}

Result<std::string_view> SocketReply::take() {
  Buffer& received = call_.workspace().received;
  // The block is ours to write: payloads are moved together in it.
  char* bytes = const_cast<char*>(received.data()) + at_;
  const auto taken = body_->take(bytes, unread_);
  if (!taken) return fail(call_.origin().error(taken.error().code, taken.error().message));
  at_ += taken->consumed;
  unread_ -= taken->consumed;
  if (body_->complete()) {
    complete_ = true;
    call_.release(unread_ == 0);
  }
  return taken->payload;
}

Result<void> SocketReply::receive() {
  Buffer& received = call_.workspace().received;
  at_ = call_.head_end();
  received.clear();
  received.commit(at_);
  const Moved moved = call_.stream().receive(received.tail(), received.room());
  switch (moved.state) {
    case Moved::State::some:
      received.commit(moved.bytes);
      unread_ = moved.bytes;
      begun_ = true;
      return {};
    case Moved::State::blocked: return {};
    case Moved::State::end:
      if (!body_->ends_with_connection()) break;
      complete_ = true;
      call_.release(false);
      return {};
    case Moved::State::failed: break;
  }
  std::string what = "the connection ended inside the body of the answer";
  if (!call_.stream().failure().empty()) what += ": " + call_.stream().failure();
  return fail(call_.origin().error(ErrorCode::upstream_truncated, what));
}

Error SocketReply::fail(Error error) {
  call_.release(false);
  failed_ = error;
  return error;
}

}  // namespace triage::upstream
