#include "routing/routers.hpp"

namespace triage::routing {
namespace {

struct Kind {
  std::string_view name;
  std::unique_ptr<Router> (*make)(const RouterSpec& spec, const Surroundings& around);
};

constexpr Kind kinds[] = {
    {"fixed", make_fixed},         {"header", make_header}, {"weighted", make_weighted},
    {"heuristic", make_heuristic}, {"llm", make_llm},
};

}  // namespace

std::unique_ptr<Router> make_router(const RouterSpec& spec, const Surroundings& around) {
  for (const Kind& kind : kinds)
    if (kind.name == spec.kind) return kind.make(spec, around);
  return nullptr;
}

}  // namespace triage::routing
