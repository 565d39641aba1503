#pragma once
// Numbers filed under exact texts, beginnings and ends of texts. Finding those of a text takes the same time however
// many there are, but for the numbers found and a binary search.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace triage {

/// The part of a glob under which it is filed: a text that it matches equals, begins with or ends with `literal`.
struct GlobPart {
  enum class Kind : std::uint8_t { exact, beginning, end };
  Kind kind = Kind::exact;
  std::string_view literal;
  auto operator<=>(const GlobPart&) const = default;
};

/// The parts of a glob, one or two; a glob without a star has only the exact one.
inline std::vector<GlobPart> parts_of(std::string_view glob) {
  const std::size_t star = glob.find('*');
  if (star == std::string_view::npos) return {{GlobPart::Kind::exact, glob}};
  return {{GlobPart::Kind::beginning, glob.substr(0, star)}, {GlobPart::Kind::end, glob.substr(glob.rfind('*') + 1)}};
}

class PatternTable {
 public:
  using Places = std::vector<std::uint32_t>;

  /// Files `place`, which is no less than those before, under one part of its pattern.
  void add(const GlobPart& part, std::uint32_t place);
  /// To be called once, after all were added.
  void seal();

  /// Calls `visit` with the places, ascending, of each part that fits the text.
  template <class Visit>
  void each(std::string_view text, Visit& visit) const {
    if (!exact_.empty())
      if (const auto found = exact_.find(text); found != exact_.end()) visit(found->second);
    beginnings_.each(text, visit);
    ends_.each(text, visit);
  }

 private:
  struct Hash {
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    using is_transparent = void;
  };

  // Sorted, those that are read backwards by their last characters first. Of the texts that another begins with, the
  // longest is the one before it in this order or one of those that this begins with: hence the links.
  struct Affixes {
    struct Entry {
      std::string literal;
      Places places;
      std::size_t shorter;  // the longest other entry with which this begins; its own place: there is none
    };
    bool backwards = false;
    std::vector<Entry> entries;

    [[nodiscard]] bool less(std::string_view a, std::string_view b) const noexcept {
      return backwards ? std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend()) : a < b;
    }
    [[nodiscard]] bool has(std::string_view text, std::string_view affix) const noexcept {
      return backwards ? text.ends_with(affix) : text.starts_with(affix);
    }
    void seal();

    template <class Visit>
    void each(std::string_view text, Visit& visit) const {
      const auto next = std::upper_bound(entries.begin(), entries.end(), text,
                                         [this](std::string_view a, const Entry& b) { return less(a, b.literal); });
      if (next == entries.begin()) return;
      for (auto at = static_cast<std::size_t>(next - entries.begin()) - 1;; at = entries[at].shorter) {
        if (has(text, entries[at].literal)) visit(entries[at].places);
        if (entries[at].shorter == at) return;
      }
    }
  };

  std::unordered_map<std::string, Places, Hash, std::equal_to<>> exact_;
  Affixes beginnings_{false, {}};
  Affixes ends_{true, {}};
};

}  // namespace triage
