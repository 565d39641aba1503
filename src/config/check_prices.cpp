// Checks what no single amount of a price can show.
#include "config/check.hpp"

#include <set>

namespace triage::config {

void check_price(const Price& price, const Path& path, const Origins& origins, Report& report) {
  if (!origins.intact_inside(path)) return;
  std::set<std::int64_t> seen;
  for (std::size_t i = 0; i < price.steps.size(); ++i) {
    const Path at = path / "steps" / i;
    if (!seen.insert(price.steps[i].above).second)
      report.error(origins.place(at / "above"),
                   to_string(path / "steps") + ": two start above " + std::to_string(price.steps[i].above),
                   "make one of them");
    if (static_cast<const Rates&>(price.steps[i]) == Rates())
      report.error(origins.place(at), to_string(at) + " changes no rate", "add 'input: ...', or remove it");
  }
}

}  // namespace triage::config
