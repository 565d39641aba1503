#pragma once
// Every router that ships, in one list. To add one: a file here that defines its factory, a line in routers.cpp, a
// test.

#include "triage/router.hpp"
#include "triage/spec.hpp"

#include <memory>
#include <span>
#include <string>

namespace triage::routing {

/// What a router may point into: all of it outlives the router.
struct Surroundings {
  const RouteSpec& route;
  std::span<const std::string> order;  ///< tiers, cheapest first
};

/// The router that `spec` describes. The spec was checked and must outlive the router; null for a kind that is not
/// known.
std::unique_ptr<Router> make_router(const RouterSpec& spec, const Surroundings& around);

std::unique_ptr<Router> make_fixed(const RouterSpec& spec, const Surroundings& around);
std::unique_ptr<Router> make_header(const RouterSpec& spec, const Surroundings& around);
std::unique_ptr<Router> make_llm(const RouterSpec& spec, const Surroundings& around);
std::unique_ptr<Router> make_weighted(const RouterSpec& spec, const Surroundings& around);
std::unique_ptr<Router> make_heuristic(const RouterSpec& spec, const Surroundings& around);

}  // namespace triage::routing
