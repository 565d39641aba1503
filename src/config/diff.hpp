#pragma once
// The differences between two configurations, in words. They come from the description of the keys, so a new key is
// compared, and described in its own words, without a line here.

#include "triage/spec.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct Change {
  enum Kind : std::uint8_t { added, removed, changed, reordered };

  Kind kind = changed;
  std::string path;  ///< routes.chat.routers[heuristic].rules[long].when: list items are named by what identifies them
  std::string before;   ///< on one line, as YAML; empty: not set; never a secret
  std::string after;    ///< likewise
  std::string text;     ///< a sentence for people, without a full stop
  bool traffic = true;  ///< some request may be treated differently
};
inline constexpr std::array<std::string_view, 4> change_kind_names{"added", "removed", "changed", "reordered"};

/// In the order of the documentation. Different spellings of the same value are not a change: weights 1 and 1, or 2 and
/// 2.
std::vector<Change> config_changes(const ConfigSpec& before, const ConfigSpec& after);

}  // namespace triage
