#pragma once
// Where an attempt's answer goes: to the client as it comes (client_out.cpp), or into memory until it is known to be
// good enough (held_answer.hpp).

#include "pipeline/context.hpp"

namespace triage {

/// First whole(), or begin(); after begin() come write()* and finish(). Views live until the call returns. An error of
/// theirs ends the attempt.
class AnswerOut {
 public:
  virtual ~AnswerOut() = default;

  /// Whether the client gets it as it comes: from its first byte on no other answer can be given.
  [[nodiscard]] virtual bool direct() const noexcept = 0;

  /// An answer that is no stream of events.
  virtual Async<Result<void>> whole(ResponseHead head, std::string_view body) = 0;

  // A stream: whole events only.
  virtual Async<Result<void>> begin(ResponseHead head, std::string_view events) = 0;
  virtual Async<Result<void>> write(std::string_view events) = 0;
  virtual Async<Result<void>> finish(std::string_view events) = 0;
};

/// To the client, at once. Concludes the request before its last bytes.
class ClientOut final : public AnswerOut {
 public:
  explicit ClientOut(Context& context) : context_(context) {}
  [[nodiscard]] bool direct() const noexcept override { return true; }
  Async<Result<void>> whole(ResponseHead head, std::string_view body) override;
  Async<Result<void>> begin(ResponseHead head, std::string_view events) override;
  Async<Result<void>> write(std::string_view events) override;
  Async<Result<void>> finish(std::string_view events) override;

 private:
  void answer_begins();
  Context& context_;
};

class RescuingOut;  // rescue.hpp

/// How each target is asked, and where its answer goes.
class AnswerPath {
 public:
  virtual ~AnswerPath() = default;
  /// Both outlive every attempt.
  virtual const ApiRequest& request(const Target& target) = 0;
  virtual AnswerOut& out(const Target& target) = 0;
  /// What can go on with an answer that broke off; null: nothing.
  virtual RescuingOut* rescue() noexcept { return nullptr; }
};

}  // namespace triage
