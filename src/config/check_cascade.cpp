// routes.<name>.cascade: verifiers that can tell, deployments that exist, a tier to escalate to.
#include "config/check.hpp"
#include "verify/verifiers.hpp"

namespace triage::config {

void Checker::check_cascade(const RouteSpec& route) {
  if (!route.cascade) return;
  const CascadeSpec& cascade = *route.cascade;
  const Path path = path_of(route) / "cascade";
  if (!origins_.intact(path)) return;
  if (!origins_.find(path / "verify") && origins_.intact(path / "verify"))
    warning(path, to_string(path) + " has no verifier: every answer is accepted", "add 'verify: checks'");
  verify::check_verifier(*this, cascade.verify, path / "verify");
  const auto own = firsts_of(route.tiers);
  if (own.size() == 1 && origins_.intact(path_of(route) / "tiers"))
    warning(path, to_string(path) + ": the route has one tier: a rejected answer can be asked for nowhere else",
            "add a stronger tier");
  if (cascade.escalations_max == 0)
    warning(path / "escalations_max", to_string(path) + " never escalates: its answers are not even verified",
            "set 'escalations_max: 1', or remove the cascade");
  check_hold(cascade, path / "hold");
}

void Checker::check_hold(const CascadeSpec& cascade, const Path& path) {
  const HoldSpec& hold = cascade.hold;
  if (!origins_.intact(path) || !origins_.intact_inside(path)) return;
  const bool bounds = hold.tokens > 0 || hold.ms > 0;
  if (hold.mode == HoldMode::window && !bounds)
    error(path, to_string(path) + " has a window without an end", "add 'tokens' or 'ms'");
  if (hold.mode != HoldMode::window && bounds)
    warning(path,
            to_string(path) + ": 'tokens' and 'ms' mean nothing with 'mode: " + std::string(word(hold.mode)) + "'",
            "remove them");
  if (hold.mode == HoldMode::none)
    warning(path, to_string(path) + ": streamed answers are never verified", "hold a window: '{tokens: 40, ms: 800}'");
  if (hold.mode == HoldMode::window && verify::needs_the_end(cascade.verify))
    warning(path,
            to_string(path) + ": a verifier that needs the whole answer cannot judge its beginning: it is held whole",
            "verify with 'checks' or 'logprob', or hold it in full");
}

}  // namespace triage::config
