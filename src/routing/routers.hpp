#pragma once
// Every router that ships, in one list. To add one: a file here that defines its RouterKind, a line in routers.cpp, a
// test.

#include "options/checking.hpp"
#include "options/type.hpp"
#include "triage/router.hpp"
#include "triage/spec.hpp"

#include <any>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

namespace routing {

/// What a router may point into: all of it outlives the router.
struct Surroundings {
  const RouteSpec& route;
  std::span<const std::string> order;  ///< tiers, cheapest first
};

/// A router as its own file defines it: what it is called, its options, and how it is made of them.
struct RouterKind {
  options::Kind is;
  bool always_picks = false;  ///< whatever the request is: no router behind it is ever asked
  bool may_end = false;       ///< a chain may end with it
  /// Reports what is wrong with options that stand at `at`; null: nothing can be.
  void (*check)(const options::Checking& in, const RouteSpec& route, const options::Path& at,
                const std::any& options) = nullptr;
  /// The options were checked and outlive the router.
  std::unique_ptr<Router> (*make)(const std::any& options, const Surroundings& around);
};

/// nullptr: no router is called that.
const RouterKind* find_router(std::string_view kind) noexcept;

/// The router that `spec` describes. The spec was checked and must outlive the router; null for a kind that is not
/// known.
std::unique_ptr<Router> make_router(const RouterSpec& spec, const Surroundings& around);

}  // namespace routing

template <>
struct options::Choice<RouterSpec> {
  static std::vector<const Kind*> kinds();
  static constexpr std::array<std::string_view, 2> later{"classifier", "similarity"};
};

}  // namespace triage
