#pragma once
// A stream that breaks off after the client has its beginning, gone on with by another attempt:
//
//   sent on, and remembered --the provider cuts it off--> resume() --> another attempt's events
//                                                                        |-- what the client has is left out
//                                                                        '-- all else goes on, as of the same stream
//
// `splice` asks for the same again, `prefill` to go on with what was sent. Only plain text of one choice can be gone on
// with; what was sent is kept within limits.held and limits.held_total.

#include "base/buffer.hpp"
#include "http1/sse_reader.hpp"
#include "openai/stream_piece.hpp"
#include "pipeline/answer_out.hpp"
#include "pipeline/continuation.hpp"

#include <memory>
#include <optional>
#include <string>

namespace triage {

/// Before the client, in place of its ClientOut.
class RescuingOut final : public AnswerOut {
 public:
  RescuingOut(Context& context, AnswerOut& client, const ApiRequest& request, bool prefill);
  RescuingOut(const RescuingOut&) = delete;
  RescuingOut& operator=(const RescuingOut&) = delete;
  ~RescuingOut() override { forget(); }

  [[nodiscard]] bool direct() const noexcept override { return true; }
  Async<Result<void>> whole(ResponseHead head, std::string_view body) override;
  /// After resume() begin() goes on with the response that has begun. What cannot be fitted is answer_rejected.
  Async<Result<void>> begin(ResponseHead head, std::string_view events) override;
  Async<Result<void>> write(std::string_view events) override;
  Async<Result<void>> finish(std::string_view events) override;

  /// Once, when the stream was cut off: what is to be asked to go on with it. Null: it cannot be gone on with.
  const ApiRequest* resume();
  /// Whether that may be asked of it.
  [[nodiscard]] bool takes(const Target& target) const;

 private:
  void note(std::string_view events);
  void note_piece(const StreamPiece& piece);
  void forget();
  Result<std::string> fitted(std::string_view events);
  Result<void> fit(std::string_view data, std::string& out);
  [[nodiscard]] Error short_of() const;

  Context& context_;
  AnswerOut& client_;
  const ApiRequest& request_;
  bool prefill_;
  std::string sent_;         // the text that the client has
  std::size_t counted_ = 0;  // of it, in Snapshot::held
  StreamIdentity identity_;
  bool role_ = false;
  bool possible_ = true;
  SseReader reader_;
  std::optional<Continuation> continuation_;  // from resume() on
  Buffer asked_bytes_;
  std::optional<ApiRequest> asked_;
};

/// Null: `route` does not want it, or it is no request for a stream that could be gone on with.
std::unique_ptr<RescuingOut> make_rescue(Context& context, AnswerOut& client, const ApiRequest& request,
                                         const LiveRoute* route);

/// As the client asked, and to the client.
class StraightPath final : public AnswerPath {
 public:
  StraightPath(Context& context, const ApiRequest& request, const LiveRoute* route)
      : request_(request), out_(context), rescue_(make_rescue(context, out_, request, route)) {}
  const ApiRequest& request(const Target&) override { return request_; }
  AnswerOut& out(const Target&) override {
    if (rescue_) return *rescue_;
    return out_;
  }
  RescuingOut* rescue() noexcept override { return rescue_.get(); }

 private:
  const ApiRequest& request_;
  ClientOut out_;
  std::unique_ptr<RescuingOut> rescue_;
};

}  // namespace triage
