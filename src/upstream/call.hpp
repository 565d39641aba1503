#pragma once
// One call to a provider, until the head of its answer has come. Owned by the reply, which then reads on.

#include "base/buffer.hpp"
#include "base/loop.hpp"
#include "http1/response_head_parser.hpp"
#include "triage/async.hpp"
#include "triage/upstream.hpp"
#include "upstream/connection.hpp"
#include "upstream/origin.hpp"
#include "upstream/outgoing.hpp"
#include "upstream/watch.hpp"

#include <memory>
#include <string>
#include <vector>

namespace triage::upstream {

/// The memory of one call, reused by the next.
struct Workspace {
  static constexpr std::size_t read_bytes = 32 * 1024;
  static constexpr HeadLimits head_limits{8 * 1024, 64 * 1024, 200};

  std::string request_head;
  std::string chunk_head;
  Outgoing outgoing;
  Buffer received{read_bytes};
  ResponseHeadParser parser{head_limits};
  ResponseHead head;
};

/// The workspaces that no call uses at the moment.
class Workspaces {
 public:
  static constexpr std::size_t spare_max = 256;
  std::unique_ptr<Workspace> take();
  void put(std::unique_ptr<Workspace> workspace);

 private:
  std::vector<std::unique_ptr<Workspace>> spare_;
};

/// The error of a call that was ended from outside.
Error ended_error(const Watch& watch, const Origin& origin);

class Call {
 public:
  static constexpr int interim_max = 8;
  static constexpr std::size_t tls_record_bytes = 16 * 1024;

  Call(Loop& loop, Watch::Node& calls, std::shared_ptr<Origin> origin, std::shared_ptr<Workspaces> workspaces,
       Cancellation& gone, const CallTimeouts& timeouts);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call();

  /// Sets the connection for the next exchange().
  void use(std::unique_ptr<Connection> connection);

  /// Sends the request and reads until the head of the final answer. Errors: upstream_truncated, upstream_bad_response,
  /// a timeout, client_gone, or the body source's error.
  Async<Result<void>> exchange(const HttpCall& call);

  /// After a failed exchange(): whether the connection ended before a byte of the answer came, and nothing was sent
  /// that could not be sent again.
  [[nodiscard]] bool may_repeat() const noexcept { return died_ && !answered_ && !source_used_; }

  [[nodiscard]] Origin& origin() noexcept { return *origin_; }
  [[nodiscard]] Watch& watch() noexcept { return watch_; }
  [[nodiscard]] Workspace& workspace() noexcept { return *workspace_; }
  [[nodiscard]] Stream& stream() noexcept { return connection_->stream(); }
  [[nodiscard]] const ResponseHead& head() const noexcept { return workspace_->head; }
  [[nodiscard]] const ResponseFraming& framing() const noexcept { return framing_; }

  /// After exchange(): where the head ends in workspace().received.
  [[nodiscard]] std::size_t head_end() const noexcept { return head_begin_ + workspace_->parser.consumed(); }

  /// Gives the connection back to the origin if another request may follow on it, else closes it. From now on no
  /// timeout applies.
  void release(bool whole);

  /// The error of a call that was ended from outside.
  [[nodiscard]] Error ended() const { return ended_error(watch_, *origin_); }

 private:
  enum class Head : unsigned char { need_more, done };

  void compose(const HttpCall& call);
  Moved::State push();
  Async<Result<Head>> send_rest(const HttpCall& call);
  Async<Result<bool>> pull(const HttpCall& call);
  Result<Head> read_head();
  Result<Head> parse_head();
  Error cut() const;
  void make_room_for_body();

  std::shared_ptr<Origin> origin_;
  std::shared_ptr<Workspaces> workspaces_;
  std::unique_ptr<Workspace> workspace_;
  Watch watch_;
  std::unique_ptr<Connection> connection_;
  ResponseFraming framing_;
  std::size_t head_begin_ = 0;
  std::uint64_t source_sent_ = 0;
  int interim_ = 0;
  bool to_head_request_ = false;
  bool answered_ = false;     // a byte of the answer has come
  bool died_ = false;         // the connection ended too early
  bool source_used_ = false;  // part of the body was pulled from the client
  bool source_done_ = false;
  bool unsent_ = false;  // the provider answered before it had the whole request
};

}  // namespace triage::upstream
