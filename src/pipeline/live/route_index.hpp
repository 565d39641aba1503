#pragma once
// Finds the first route that takes a request, in a time that hardly depends on the number of routes. Immutable, made
// with the configuration.
//
// A route takes a request if all of its conditions hold: a model, a path and a key out of lists, each header, each
// entry of the metadata. It is filed under the one condition that it shares with the fewest other routes, and there
// under each of its patterns:
//
//   exact text     a hash
//   literal*...    the text before the first star   (sorted, with links to the shorter ones)
//   ...*literal    the text behind the last star    (likewise, read backwards)
//
// So a request meets every route that could take it, and few that could not; what is met is checked in full, in order.

#include "pipeline/live/pattern_table.hpp"
#include "triage/chat_view.hpp"
#include "triage/message.hpp"
#include "triage/spec.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace triage {

class RouteIndex {
 public:
  /// Which requests are to be found: those that are read, or calls that pass through, whose model and metadata are not
  /// known and which only routes with `match.paths` take.
  enum class Of : std::uint8_t { requests, passing };

  /// What routes are found by.
  struct Asked {
    const RequestHead& head;
    const KeySpec* key = nullptr;
    std::string_view model{};
    const ChatView* view = nullptr;  ///< of which the metadata is read; null: that is not known
  };

  RouteIndex() = default;
  RouteIndex(const std::vector<RouteSpec>& routes, Of what);

  /// The first route, by its place in the configuration, for which `fits(place)` is true. It is called for every route
  /// that comes before and whose `match` holds, and for some others.
  template <class Fits>
  [[nodiscard]] std::optional<std::size_t> first(const Asked& asked, Fits fits) const {
    auto best = static_cast<std::size_t>(-1);
    each_list(asked, [&](const PatternTable::Places& places) {
      for (const std::uint32_t place : places) {
        if (place >= best) return;
        if (!fits(std::size_t{place})) continue;
        best = place;
        return;
      }
    });
    if (best == static_cast<std::size_t>(-1)) return std::nullopt;
    return best;
  }

 private:
  struct HashIgnoringCase {
    std::size_t operator()(std::string_view text) const noexcept;
    using is_transparent = void;
  };
  struct EqualIgnoringCase {
    bool operator()(std::string_view a, std::string_view b) const noexcept { return iequals(a, b); }
    using is_transparent = void;
  };

  template <class Visit>
  void each_list(const Asked& asked, Visit visit) const {
    models_.each(asked.model, visit);
    paths_.each(asked.head.path, visit);
    if (asked.key != nullptr) keys_.each(asked.key->name, visit);
    if (!headers_.empty())
      for (const Field& field : asked.head.fields)
        if (const auto table = headers_.find(field.name); table != headers_.end())
          table->second.each(field.value, visit);
    if (!metadata_.empty() && asked.view != nullptr)
      for (const auto& [name, value] : asked.view->metadata())
        if (const auto table = metadata_.find(name); table != metadata_.end()) table->second.each(value, visit);
  }

  PatternTable models_;
  PatternTable paths_;
  PatternTable keys_;
  std::unordered_map<std::string, PatternTable, HashIgnoringCase, EqualIgnoringCase> headers_;  // by name
  std::map<std::string, PatternTable, std::less<>> metadata_;                                   // by name
};

}  // namespace triage
