#pragma once
// The list of all routers. To add one: a file here that defines its RouterKind, a line in routers.cpp, a test.

#include "options/checking.hpp"
#include "options/part_files.hpp"
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

/// What a router may point into. All of it outlives the router.
struct Surroundings {
  const RouteSpec& route;
  std::span<const std::string> order;  ///< tiers, cheapest first
  std::span<const Deployment> deployments{};
};

/// What a router may ask while its options are loaded. Names may still be unknown; what is wrong with them is reported
/// by `check`.
struct Loading {
  const options::Checking& in;
  options::PartFiles& files;
  const RouteSpec& route;
  const options::Path& at;  ///< where the options are
};

/// A router as its own file defines it: its name, its options, and how to make it from them.
struct RouterKind {
  options::Kind is;
  bool always_picks = false;  ///< picks for any request, so that no router behind it is ever asked
  bool may_end = false;       ///< a chain may end with it
  /// Reads the files that the options name, and reports what is wrong with those; null: they name none.
  void (*load)(const Loading& loading, std::any& options) = nullptr;
  /// Reports what is wrong with options at path `at`; null: nothing can be wrong.
  void (*check)(const options::Checking& in, const RouteSpec& route, const options::Path& at,
                const std::any& options) = nullptr;
  /// The options have been checked and outlive the router.
  std::unique_ptr<Router> (*make)(const std::any& options, const Surroundings& around);
};

/// nullptr: no router has that name.
const RouterKind* find_router(std::string_view kind) noexcept;

/// The router that `spec` describes. `spec` must have been checked and must outlive the router; null if its kind is
/// unknown.
std::unique_ptr<Router> make_router(const RouterSpec& spec, const Surroundings& around);

}  // namespace routing

template <>
struct options::Choice<RouterSpec> {
  static std::vector<const Kind*> kinds();
  static constexpr std::array<std::string_view, 0> later{};
};

}  // namespace triage
