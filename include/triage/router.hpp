#pragma once
// A router has an opinion on a request: the tier to start with, bounds on that tier, what kind of task it is; or none.
// A route's chain asks its routers in order until one names a tier. Adding one: a file in src/routing, a line in its
// list, a test.

#include "triage/chat_view.hpp"
#include "triage/completion.hpp"
#include "triage/message.hpp"
#include "triage/question.hpp"
#include "triage/request.hpp"
#include "triage/spec.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// One request, as routers see it. Of one request and one thread; what it refers to must outlive it.
class RoutingInput {
 public:
  RoutingInput(const ApiRequest& request, const RequestHead& head, const KeySpec* key)
      : request_(request), view_(request), head_(head), key_(key) {}
  RoutingInput(const RoutingInput&) = delete;
  RoutingInput& operator=(const RoutingInput&) = delete;

  [[nodiscard]] const ApiRequest& request() const noexcept { return request_; }
  [[nodiscard]] const ChatView& view() const noexcept { return view_; }
  [[nodiscard]] const RequestHead& head() const noexcept { return head_; }
  [[nodiscard]] const KeySpec* key() const noexcept { return key_; }  ///< null: no keys are configured

 private:
  const ApiRequest& request_;
  const ChatView view_;
  const RequestHead& head_;
  const KeySpec* key_;
};

/// All views live as long as the snapshot. Empty: no opinion on that.
struct Opinion {
  std::string_view tier;        ///< a tier of the route; empty: the next router is asked
  std::string_view floor;       ///< a tier of the order: nothing below it
  std::string_view ceiling;     ///< a tier of the order: nothing above it
  std::string_view task_class;  ///< simple, complex, codegen, math, chat, extraction
  std::optional<double> score;  ///< 0..1, if the router has one
  std::string reason;           ///< why, or why it has no opinion; for logs and people
  std::string_view router{};    ///< whose it is: its kind; the chain writes it
};

/// One rule of a router, as it stands to a request.
struct RuleSeen {
  std::string_view rule;  ///< its name; lives as long as the snapshot
  bool holds = false;
  std::string text;  ///< what it sets, or what of its condition does not hold
};

class Router {
 public:
  virtual ~Router() = default;
  [[nodiscard]] virtual std::string_view kind() const noexcept = 0;
  /// Thread-safe, as all of these.
  [[nodiscard]] virtual Opinion pick(const RoutingInput& input) const = 0;
  /// What a model must be asked before it has an opinion; nullopt: nothing, pick() tells.
  [[nodiscard]] virtual std::optional<Question> question(const RoutingInput& input) const;
  /// Its opinion after the question.
  [[nodiscard]] virtual Opinion answered(const RoutingInput& input, const QuestionResult& result) const;
  /// For people who ask why, not for requests: every rule in order. Empty: it has none.
  [[nodiscard]] virtual std::vector<RuleSeen> rules_seen(const RoutingInput& input) const;
};

}  // namespace triage
