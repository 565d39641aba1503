#pragma once
// The units that answers are given in.

#include <string>
#include <string_view>

namespace triage::verify {

struct Unit {
  std::string kind;   ///< what it measures: "length", "length/time"; empty: none that is known
  double factor = 1;  ///< of its kind's base
  std::string words;  ///< what stands beside it: "of feed", "eggs"; small, without plural endings and small words
};

/// What stands behind a number (or before it, a currency's sign), as plain_spelling() makes it: "km/h", "square miles",
/// "m^2", "degrees C", "$ per hour", "cups of feed".
Unit unit_named(std::string_view spelled);

/// Each word of one of them stands in the other.
bool words_agree(std::string_view a, std::string_view b);

}  // namespace triage::verify
