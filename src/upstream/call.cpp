//   compose -> push ---all sent---------------------> read_head until done
//                \--blocked, or a body to be pulled-> send_rest: push, pull, wait ... ; an early answer ends it
//
// Only exchange() and send_rest() wait, both in watch_.

#include "upstream/call.hpp"

#include "base/duration.hpp"
#include "triage/exchange.hpp"

#include <charconv>

namespace triage::upstream {

std::unique_ptr<Workspace> Workspaces::take() {
  if (spare_.empty()) return std::make_unique<Workspace>();
  auto workspace = std::move(spare_.back());
  spare_.pop_back();
  return workspace;
}

void Workspaces::put(std::unique_ptr<Workspace> workspace) {
  if (spare_.size() >= spare_max || workspace->received.capacity() > Workspace::read_bytes) return;
  workspace->received.clear();
  spare_.push_back(std::move(workspace));
}

Call::Call(Loop& loop, Watch::Node& calls, std::shared_ptr<Origin> origin, std::shared_ptr<Workspaces> workspaces,
           Cancellation& gone, const CallTimeouts& timeouts)
    : origin_(std::move(origin)),
      workspaces_(std::move(workspaces)),
      workspace_(workspaces_->take()),
      watch_(loop, calls, gone, timeouts) {}

Call::~Call() {
  workspaces_->put(std::move(workspace_));
}

void Call::use(std::unique_ptr<Connection> connection) {
  connection_ = std::move(connection);
  connection_->wakes(&watch_.waiter());
}

void Call::release(bool whole) {
  watch_.done();
  if (whole && framing_.keep_alive && !unsent_) {
    origin_->put_idle(std::move(connection_));
  } else {
    connection_.reset();
  }
}

Async<Result<void>> Call::exchange(const HttpCall& call) {
  compose(call);
  watch_.expecting();
  if (call.body_source || push() != Moved::State::some) {
    const auto early = co_await send_rest(call);
    if (!early) co_return early.error();
    if (*early == Head::done) {
      watch_.suspended();
      co_return Result<void>();
    }
  }
  while (watch_.alive()) {
    const auto head = read_head();
    if (!head) co_return head.error();
    if (*head == Head::done) {
      watch_.suspended();
      co_return Result<void>();
    }
    if (answered_) watch_.receiving();
    stream().watch();
    co_await watch_.wait();
    watch_.waited();
  }
  co_return ended();
}

void Call::compose(const HttpCall& call) {
  Workspace& space = *workspace_;
  space.received.clear();
  space.parser.reset();
  space.outgoing.clear();
  head_begin_ = 0;
  interim_ = 0;
  answered_ = died_ = unsent_ = source_done_ = false;
  to_head_request_ = call.method == "HEAD";
  if (call.body_source) return;  // the head goes out with the first piece

  // TLS makes a record of each write, so what fits into the first record is gathered here. The head is written anew for
  // each attempt, so it may be appended to.
  auto piece = call.body.begin();
  std::size_t copied = 0;
  if (stream().tls()) {
    std::string& record = space.request_head;
    while (piece != call.body.end() && record.size() < tls_record_bytes) {
      copied = std::min(piece->size(), tls_record_bytes - record.size());
      record.append(piece->substr(0, copied));
      if (copied < piece->size()) break;
      ++piece;
      copied = 0;
    }
  }
  space.outgoing.add(space.request_head);
  for (; piece != call.body.end(); ++piece, copied = 0) space.outgoing.add(piece->substr(copied));
}

Moved::State Call::push() {
  while (!workspace_->outgoing.empty()) {
    const Moved moved = stream().send(workspace_->outgoing);
    if (moved.state != Moved::State::some) return moved.state;
  }
  return Moved::State::some;
}

Async<Result<Call::Head>> Call::send_rest(const HttpCall& call) {
  source_done_ = !call.body_source;
  stream().watch();
  while (watch_.alive()) {
    if (stream().readable()) {  // an early answer, or the end
      const auto head = read_head();
      unsent_ = true;
      if (!head || *head == Head::done) co_return head;
      unsent_ = false;
      stream().watch();
    }
    const Moved::State state = push();
    if (state == Moved::State::failed || state == Moved::State::end) {
      unsent_ = true;  // an answer may have come before the connection was cut: it is read next
      co_return Head::need_more;
    }
    if (state == Moved::State::some) {
      if (source_done_) {
        watch_.uploaded();
        co_return Head::need_more;
      }
      const auto more = co_await pull(call);
      if (!more) co_return more.error();
    } else {
      stream().watch();
      co_await watch_.wait();
      watch_.waited();
    }
    watch_.uploading();
  }
  co_return ended();
}

/// Moves the next piece of the client's body to the outgoing bytes. True: it is the last.
Async<Result<bool>> Call::pull(const HttpCall& call) {
  watch_.suspended();  // the client has time limits of its own
  const auto read = co_await call.body_source->read_body_some();
  if (!read) co_return read.error();
  Outgoing& outgoing = workspace_->outgoing;
  outgoing.clear();
  if (!std::exchange(source_used_, true)) outgoing.add(workspace_->request_head);
  source_done_ = read->empty();
  source_sent_ += read->size();
  if (call.body_length) {
    if (source_sent_ > *call.body_length || (source_done_ && source_sent_ != *call.body_length))
      co_return Error{ErrorCode::internal_error, "a streamed body is not as long as was declared"};
    outgoing.add(*read);
  } else if (source_done_) {
    outgoing.add("0\r\n\r\n");
  } else {
    std::string& size = workspace_->chunk_head;
    size.resize(2 * sizeof(std::size_t) + 2);
    char* end = std::to_chars(size.data(), size.data() + size.size() - 2, read->size(), 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    size.resize(static_cast<std::size_t>(end - size.data()));
    outgoing.add(size);
    outgoing.add(*read);
    outgoing.add("\r\n");
  }
  co_return source_done_;
}

Result<Call::Head> Call::read_head() {
  Buffer& received = workspace_->received;
  for (;;) {
    if (received.room() == 0) received.reserve(2 * received.capacity());  // bounded: the parser stops at its limits
    const Moved moved = stream().receive(received.tail(), received.room());
    if (moved.state == Moved::State::blocked) return Head::need_more;
    if (moved.state != Moved::State::some) {
      died_ = true;
      return cut();
    }
    answered_ = true;
    received.commit(moved.bytes);
    const auto head = parse_head();
    if (!head || *head == Head::done) return head;
  }
}

Result<Call::Head> Call::parse_head() {
  Workspace& space = *workspace_;
  for (;;) {
    const std::string_view unread = space.received.view().substr(head_begin_);
    const auto status = space.parser.feed(unread, to_head_request_, space.head, framing_);
    if (status == ResponseHeadParser::Status::need_more) return Head::need_more;
    if (status == ResponseHeadParser::Status::failed)
      return origin_->error(ErrorCode::upstream_bad_response, space.parser.error().message);
    if (space.head.status >= 200) {
      make_room_for_body();
      return Head::done;
    }
    if (++interim_ > interim_max)
      return origin_->error(ErrorCode::upstream_bad_response, "more than " + std::to_string(interim_max) +
                                                                  " interim answers (1xx) came before the final one");
    head_begin_ += space.parser.consumed();
    space.parser.reset();
  }
}

/// Makes room when a long head has used up the buffer that the body is read into, after it.
void Call::make_room_for_body() {
  Buffer& received = workspace_->received;
  if (received.capacity() - head_end() >= Workspace::read_bytes / 2) return;
  const char* before = received.data();
  received.reserve(head_end() + Workspace::read_bytes);
  const auto moved = [&](std::string_view view) {
    return std::string_view(received.data() + (view.data() - before), view.size());
  };
  for (Field& field : workspace_->head.fields) field = Field{moved(field.name), moved(field.value)};
}

Error Call::cut() const {
  std::string cause = connection_->stream().failure();
  std::string what = answered_ ? "the connection ended inside the head of the answer"
                               : "the connection was closed before an answer came";
  if (!cause.empty()) what += ": " + cause;
  const bool unproven = !answered_ && connection_->stream().asked_for_certificate();
  return origin_->error(unproven ? ErrorCode::upstream_tls_failed : ErrorCode::upstream_truncated, what);
}

Error ended_error(const Watch& watch, const Origin& origin) {
  const ErrorCode code = *watch.ended();
  const CallTimeouts& limits = watch.timeouts();
  const auto within = [](std::chrono::milliseconds limit) { return " within " + rounded_duration(limit); };
  switch (code) {
    case ErrorCode::client_gone: return Error{code, "the client went away"};
    case ErrorCode::shutting_down: return Error{code, "the gateway is stopping"};
    case ErrorCode::upstream_first_byte_timeout: return origin.error(code, "no answer" + within(limits.first_byte));
    case ErrorCode::upstream_idle_timeout:
      return origin.error(code, "silent for " + rounded_duration(limits.idle) + " inside its answer");
    default: return origin.error(code, "no complete answer" + within(limits.total));
  }
}

}  // namespace triage::upstream
