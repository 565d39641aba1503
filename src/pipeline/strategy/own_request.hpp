#pragma once
// A request that outlives its client's: a copy of everything that is needed to ask for it once more. It counts as one
// of the calls that no client waits for (limits.shadows).

#include "base/buffer.hpp"
#include "pipeline/attempt/scope.hpp"
#include "pipeline/trace_context.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <string>

namespace triage {

/// A copy of a request's head, without what was meant for the gateway itself.
class OwnHead {
 public:
  explicit OwnHead(const RequestHead& of);
  OwnHead(const OwnHead&) = delete;
  OwnHead& operator=(const OwnHead&) = delete;
  [[nodiscard]] const RequestHead& head() const noexcept { return head_; }

 private:
  std::string_view own(std::string_view text) { return texts_.emplace_back(text); }
  std::deque<std::string> texts_;
  RequestHead head_;
};

class OwnRequest {
 public:
  /// `patience`: how long all that is done with it may take.
  OwnRequest(const Scope& of, std::chrono::milliseconds patience);
  OwnRequest(const OwnRequest&) = delete;
  OwnRequest& operator=(const OwnRequest&) = delete;
  ~OwnRequest();

  /// Valid as long as this object.
  [[nodiscard]] const Scope& scope() const noexcept { return scope_; }
  /// Its own, not the client's request's.
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  /// Ends whatever is done with it.
  void cancel() { gone_.fire(); }
  [[nodiscard]] bool cancelled() const noexcept { return gone_.fired(); }

 private:
  const std::shared_ptr<const Snapshot> snapshot_;
  const Services services_;
  const Buffer body_;
  const OwnHead head_;
  const std::string id_;
  Cancellation gone_;
  const TraceContext trace_;  // the client's
  const ClientSide client_;
  const ApiRequest request_;
  const ChatView view_;
  const Scope scope_;
};

}  // namespace triage
