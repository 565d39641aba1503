#pragma once
// Every router that ships, in one list. To add one: a file here that defines its factory, a line in routers.cpp, a
// test.

#include "triage/router.hpp"
#include "triage/spec.hpp"

#include <memory>

namespace triage::routing {

/// The router that `spec` describes. The spec was checked and must outlive the router; null for a kind that is not
/// known.
std::unique_ptr<Router> make_router(const RouterSpec& spec);

std::unique_ptr<Router> make_fixed(const RouterSpec& spec);

}  // namespace triage::routing
