#pragma once
// An answer that has begun, over its connection.

#include "upstream/call.hpp"
#include "upstream/reply_body.hpp"

#include <optional>

namespace triage::upstream {

class SocketReply final : public Reply {
 public:
  SocketReply(Loop& loop, Watch::Node& calls, std::shared_ptr<Origin> origin, std::shared_ptr<Workspaces> workspaces,
              Cancellation& gone, const CallTimeouts& timeouts)
      : call_(loop, calls, std::move(origin), std::move(workspaces), gone, timeouts) {}

  [[nodiscard]] Call& call() noexcept { return call_; }

  /// Called after a successful exchange().
  void begin();

  [[nodiscard]] const ResponseHead& head() const noexcept override { return call_.head(); }
  [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept override;
  Async<Result<std::string_view>> next() override;

 private:
  /// Takes what is in the buffer: payload, or empty if there is none yet or the body is complete.
  Result<std::string_view> take();
  Result<void> receive();
  Error fail(Error error);

  Call call_;
  std::optional<ReplyBody> body_;
  std::size_t unread_ = 0;  // bytes in the buffer after those already taken
  std::size_t at_ = 0;      // where they begin
  bool begun_ = false;      // a byte of the body came
  bool complete_ = false;
  std::optional<Error> failed_;
};

}  // namespace triage::upstream
