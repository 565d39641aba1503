#pragma once
// Numbers with their units, as answers spell them.

#include <optional>
#include <string>
#include <string_view>

namespace triage::verify {

struct Quantity {
  double value = 0;    ///< in the base of its kind
  double spelled = 0;  ///< as it stands there
  std::string digits;  ///< of a plain decimal: its digits without zeros that say nothing; empty: it is none
  std::string kind;    ///< what is measured, see units.hpp; empty: no unit that is known
  std::string words;   ///< what stands behind it besides: "egg"
};

/// All of `plain` (see plain_spelling.hpp) as a number: "1,000", "-$5.50", "3/4", "1 1/2", "10^6", "2*10^-3", "1e5",
/// "1.2 million", "0,5", "50 %", "5 km/h", "18 eggs", "twelve". nullopt: it is anything else, or more than that.
std::optional<Quantity> read_quantity(std::string_view plain);

/// As read_quantity(), of what `plain` begins with, be there more behind it, which `behind` becomes.
std::optional<Quantity> leading_quantity(std::string_view plain, std::string_view& behind);

enum class Sameness { same, different, unclear };

/// A unit that only one of them has is the other's, too. `percent`: the question asks for per cent, so that
/// a bare 50 is 50 %; elsewhere 50 % is 0.5.
Sameness compare(const Quantity& a, const Quantity& b, bool percent);

}  // namespace triage::verify
