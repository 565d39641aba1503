#include "routing/routers.hpp"

#include <algorithm>

namespace triage::routing {

extern const RouterKind header_router, heuristic_router, classifier_router, onnx_text_router, similarity_router,
    llm_router, weighted_router, fixed_router;

namespace {

// In the order of the documentation.
constexpr const RouterKind* routers[] = {
    &header_router,     &heuristic_router, &classifier_router, &onnx_text_router,
    &similarity_router, &llm_router,       &weighted_router,   &fixed_router,
};

}  // namespace

const RouterKind* find_router(std::string_view kind) noexcept {
  for (const RouterKind* router : routers)
    if (router->is.name == kind) return router;
  return nullptr;
}

std::unique_ptr<Router> make_router(const RouterSpec& spec, const Surroundings& around) {
  const RouterKind* const kind = find_router(spec.kind);
  return kind != nullptr ? kind->make(spec.options, around) : nullptr;
}

}  // namespace triage::routing

namespace triage {

std::vector<const options::Kind*> options::Choice<RouterSpec>::kinds() {
  std::vector<const Kind*> out;
  for (const routing::RouterKind* router : routing::routers) out.push_back(&router->is);
  return out;
}

}  // namespace triage
