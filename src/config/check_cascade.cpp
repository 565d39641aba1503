// routes.<name>.cascade: verifiers that can tell, deployments that exist, a tier to escalate to.
#include "config/check.hpp"

namespace triage::config {

void Checker::check_cascade(const RouteSpec& route) {
  if (!route.cascade) return;
  const CascadeSpec& cascade = *route.cascade;
  const Path path = Path{"routes", route.name} / "cascade";
  if (!origins_.intact(path)) return;
  if (!origins_.find(path / "verify") && origins_.intact(path / "verify"))
    warning(path, to_string(path) + " has no verifier: every answer is accepted", "add 'verify: checks'");
  check_verifier(cascade.verify, path / "verify");
  const auto own = firsts_of(route.tiers);
  if (own.size() == 1 && origins_.intact({"routes", route.name, "tiers"}))
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
  if (hold.mode == HoldMode::window && needs_the_end(cascade.verify))
    warning(path,
            to_string(path) + ": a verifier that needs the whole answer cannot judge its beginning: it is held whole",
            "verify with 'checks' or 'logprob', or hold it in full");
}

void Checker::check_verifiers(const std::vector<VerifierSpec>& verifiers, const Path& path) {
  if (verifiers.empty() && origins_.intact(path)) error(path, to_string(path) + " is empty", "list verifiers");
  for (std::size_t i = 0; i < verifiers.size(); ++i) check_verifier(verifiers[i], path / i);
}

void Checker::check_verifier(const VerifierSpec& verifier, const Path& path) {
  if (!origins_.intact(path)) return;
  const Path at = path / verifier.kind;
  const auto deployments = names_of(spec_.deployments);
  if (verifier.kind == "llm")
    unknown(at / "deployment", "deployment", verifier.llm.deployment, deployments, "deployments");
  if (verifier.kind == "agreement") check_agreement(verifier.agreement, at);
  if (verifier.kind == "all") check_verifiers(verifier.all, at);
  if (verifier.kind == "any") check_verifiers(verifier.any, at);
  if (verifier.kind == "weighted") {
    if (verifier.weighted.of.empty() && origins_.intact(at / "of"))
      error(at, to_string(at) + " has no verifiers", "add 'of: [{verifier: checks}]'");
    for (std::size_t i = 0; i < verifier.weighted.of.size(); ++i)
      check_verifier(verifier.weighted.of[i].verifier, at / "of" / i / "verifier");
  }
  if (verifier.kind == "logprob" && verifier.logprob.calibration.empty() && origins_.intact_inside(at))
    warning(
        at,
        to_string(at) + " has no calibration: log-probabilities as they are do not say how likely an answer is right",
        "make one of answers whose worth is known: 'triage calibrate'");
}

void Checker::check_agreement(const AgreementSpec& agreement, const Path& path) {
  unknown(path / "deployment", "deployment", agreement.deployment, names_of(spec_.deployments), "deployments");
  if (!agreement.unsure || !origins_.intact_inside(path)) return;
  const Path at = path / "unsure";
  if (agreement.unsure->from > agreement.unsure->to) error(at, to_string(at) + ": 'from' is above 'to'", "swap them");
  if (!agreement.unsure->of) return;
  check_verifier(*agreement.unsure->of, at / "of");
  if (const auto& kind = agreement.unsure->of->kind; kind == "llm" || kind == "agreement")
    error(at / "of", to_string(at) + ": '" + kind + "' asks a model itself", "use 'checks', 'self' or 'logprob'");
}

}  // namespace triage::config
