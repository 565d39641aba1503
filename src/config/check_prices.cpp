// Checks what no single amount of a price can show.
#include "config/check.hpp"

#include <set>

namespace triage::config {

namespace {

void check_steps(const std::vector<PriceStep>& steps, const Path& path, const Origins& origins, Report& report) {
  std::set<std::int64_t> seen;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Path at = path / "steps" / i;
    if (!seen.insert(steps[i].above).second)
      report.error(origins.place(at / "above"),
                   to_string(path / "steps") + ": two start above " + std::to_string(steps[i].above),
                   "make one of them");
    if (static_cast<const Rates&>(steps[i]) == Rates())
      report.error(origins.place(at), to_string(at) + " changes no rate", "add 'input: ...', or remove it");
  }
}

}  // namespace

void check_price(const Price& price, const Path& path, const Origins& origins, Report& report) {
  if (!origins.intact_inside(path)) return;
  check_steps(price.steps, path, origins, report);
  for (const ServiceTierPrice& tier : price.service_tiers) {
    const Path at = path / "service_tiers" / tier.name;
    check_steps(tier.steps, at, origins, report);
    if (!tier.input || !tier.output)
      report.warning(origins.place(at), to_string(at) + ": without 'input' and 'output' no cost is known",
                     "add both; what costs nothing is 0");
  }
}

}  // namespace triage::config
