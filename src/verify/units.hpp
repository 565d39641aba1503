#pragma once
// The units that answers use.

#include <string>
#include <string_view>

namespace triage::verify {

struct Unit {
  std::string kind;   ///< what it measures: "length", "length/time"; empty: unknown
  double factor = 1;  ///< to the kind's base unit
  std::string words;  ///< other words: "of feed", "eggs"; in lower case, without plural endings and function words;
                      ///< "box+ egg" of "boxes of eggs"
};

/// The unit behind a number (or before it, for a currency sign), as plain_spelling() makes it: "km/h", "square miles",
/// "m^2", "degrees C", "$ per hour", "cups of feed".
Unit unit_named(std::string_view spelled);

/// Whether every word of one text occurs in the other.
bool words_agree(std::string_view a, std::string_view b);

}  // namespace triage::verify
