#pragma once
// Numbers with their units, as answers spell them.

#include <optional>
#include <string>
#include <string_view>

namespace triage::verify {

struct Quantity {
  double value = 0;    ///< in the base unit of its kind
  double spelled = 0;  ///< as written
  std::string digits;  ///< of a plain decimal: its digits without redundant zeros; empty: not a plain decimal
  std::string kind;    ///< what is measured, see units.hpp; empty: no known unit
  std::string words;   ///< other words behind the number: "egg"
};

/// Reads all of `plain` (see plain_spelling.hpp) as a number: "1,000", "-$5.50", "3/4", "1 1/2", "10^6", "2*10^-3",
/// "1e5", "1.2 million", "0,5", "50 %", "5 km/h", "18 eggs", "twelve". nullopt: it is anything else, or has more than
/// that.
std::optional<Quantity> read_quantity(std::string_view plain);

/// Like read_quantity(), for the beginning of `plain`; `behind` gets the rest.
std::optional<Quantity> leading_quantity(std::string_view plain, std::string_view& behind);

enum class Sameness { same, different, unclear };

/// If only one of them has a unit, the other is taken to have it, too. `percent`: the question asks for per cent, so a
/// bare 50 is 50 %; otherwise 50 % is 0.5.
Sameness compare(const Quantity& a, const Quantity& b, bool percent);

}  // namespace triage::verify
