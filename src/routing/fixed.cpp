// fixed: {tier: T}. Always picks T: the end of a chain, or the whole of it.
#include "routing/routers.hpp"

namespace triage::routing {
namespace {

class Fixed final : public Router {
 public:
  explicit Fixed(const FixedRouterSpec& spec) : tier_(spec.tier) {}
  [[nodiscard]] std::string_view kind() const noexcept override { return "fixed"; }
  [[nodiscard]] Opinion pick(const RoutingInput&) const override {
    Opinion out;
    out.tier = tier_;
    out.reason.append("fixed to ").append(tier_);
    return out;
  }

 private:
  std::string_view tier_;
};

}  // namespace

std::unique_ptr<Router> make_fixed(const RouterSpec& spec, const Surroundings&) {
  return std::make_unique<Fixed>(spec.fixed);
}

}  // namespace triage::routing
