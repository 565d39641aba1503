#pragma once
// A router gives its opinion on a request: the tier to start with, bounds on that tier, the kind of task, or nothing. A
// route's chain asks its routers in order until one names a tier. To add one: a file in src/routing, a line in its
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

/// A request as routers see it. Belongs to one request and one thread; what it refers to must outlive it.
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

/// What a router thinks of a request; an empty member is no opinion. All views live as long as the snapshot.
struct Opinion {
  std::string_view tier;            ///< a tier of the route; empty: the next router is asked
  std::string_view floor;           ///< a tier of the order; nothing below it may be asked
  std::string_view ceiling;         ///< a tier of the order; nothing above it may be asked
  std::string_view task_class;      ///< simple, complex, codegen, math, chat, extraction
  std::optional<double> score;      ///< 0..1, if the router has one
  std::optional<double> threshold;  ///< that the score reached, or the lowest that it did not
  std::string_view model;           ///< the version of the model that gave the score
  std::string reason;               ///< for the opinion or for having none; for logs and people
  std::string_view router{};        ///< the kind of the router, filled in by the chain
};

/// How one rule of a router applies to a request.
struct RuleSeen {
  std::string_view rule;  ///< the rule's name; lives as long as the snapshot
  bool holds = false;
  std::string text;  ///< what the rule sets, or which of its conditions does not hold
};

class Router {
 public:
  virtual ~Router() = default;
  [[nodiscard]] virtual std::string_view kind() const noexcept = 0;
  /// The request header in which clients name a tier themselves; empty: this router heeds none.
  [[nodiscard]] virtual std::string_view heeded_header() const noexcept { return {}; }
  /// The router's opinion. Thread-safe, like all methods of this class.
  [[nodiscard]] virtual Opinion pick(const RoutingInput& input) const = 0;
  /// What must be asked of a model first; nullopt: nothing, call pick().
  [[nodiscard]] virtual std::optional<Question> question(const RoutingInput& input) const;
  /// What must be asked next, once question() had `result`; nullopt: nothing. No third question follows.
  [[nodiscard]] virtual std::optional<Question> follow_up(const RoutingInput& input,
                                                          const QuestionResult& result) const;
  /// The router's opinion after its last question was answered.
  [[nodiscard]] virtual Opinion answered(const RoutingInput& input, const QuestionResult& result) const;
  /// Every rule in order, for `explain` rather than for requests. Empty: the router has no rules.
  [[nodiscard]] virtual std::vector<RuleSeen> rules_seen(const RoutingInput& input) const;
};

}  // namespace triage
