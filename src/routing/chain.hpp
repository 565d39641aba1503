#pragma once
// The routers of a route, asked in order until one names a tier.

#include "triage/router.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// What a chain decided.
struct Decision {
  std::string_view tier;        ///< empty if no router named one
  std::string_view picked;      ///< the tier before floor and ceiling
  std::string_view router;      ///< kind of the router that named it
  std::string_view floor;       ///< the highest floor that was set, empty if none
  std::string_view ceiling;     ///< the lowest ceiling that was set, raised to the floor if it was below
  std::string_view task_class;  ///< the first class that was named
  std::string reason;
  std::vector<Opinion> opinions;  ///< of the routers that were asked, in order
};

/// The routers of a route, in order, and the tiers that they may name.
struct Chain {
  std::span<const std::unique_ptr<Router>> routers;
  std::span<const std::string> order;  ///< tiers, cheapest first
  std::string_view last_resort;        ///< the tier if no router names one; empty: none
};

/// Asks a chain's routers in order until one names a tier. Then the floors and ceilings of all routers that were asked
/// clamp it within the order (every floor, ceiling and non-specialist tier that routers name is in the order). A tier
/// outside the order is a specialist and stays. A floor above the ceiling wins: a hard request on a cheap model is the
/// worse mistake.
/// Sans I/O: the caller asks the models that routers have questions for.
class Deciding {
 public:
  /// Without `may_ask`, routers say what they can without a question.
  Deciding(const Chain& chain, const RoutingInput& input, bool may_ask = true)
      : chain_(chain), input_(input), may_ask_(may_ask) {}

  /// Takes nothing in the first call, then the result of the question it returned. nullopt: decision() is ready.
  std::optional<Question> next(const QuestionResult& result);
  Decision decision();

 private:
  bool take(const Router& router, Opinion opinion);

  Chain chain_;
  const RoutingInput& input_;
  bool may_ask_;
  Decision out_;
  std::size_t at_ = 0;
  int asked_ = 0;              // questions of the router at at_
  std::ptrdiff_t floor_ = -1;  // an index into the order; -1: none
  std::ptrdiff_t ceiling_ = -1;
};

/// The same, without asking any model.
Decision decide(const Chain& chain, const RoutingInput& input);

}  // namespace triage
