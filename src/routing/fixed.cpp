// fixed: {tier: T}. Always picks T: the end of a chain, or the whole of it.
#include "routing/routers.hpp"

namespace triage::routing {
namespace {

class Fixed final : public Router {
 public:
  explicit Fixed(const FixedRouterSpec& spec) : tier_(spec.tier) {}
  [[nodiscard]] std::string_view kind() const noexcept override { return "fixed"; }
  [[nodiscard]] std::optional<Pick> pick(const ApiRequest&) const override {
    return Pick{tier_, std::nullopt, "fixed to " + std::string(tier_)};
  }

 private:
  std::string_view tier_;
};

}  // namespace

std::unique_ptr<Router> make_fixed(const RouterSpec& spec) {
  return std::make_unique<Fixed>(spec.fixed);
}

}  // namespace triage::routing
