#include "routing/routers.hpp"

namespace triage::routing {
namespace {

struct Kind {
  std::string_view name;
  std::unique_ptr<Router> (*make)(const RouterSpec& spec);
};

constexpr Kind kinds[] = {
    {"fixed", make_fixed},
};

}  // namespace

std::unique_ptr<Router> make_router(const RouterSpec& spec) {
  for (const Kind& kind : kinds)
    if (kind.name == spec.kind) return kind.make(spec);
  return nullptr;
}

}  // namespace triage::routing
