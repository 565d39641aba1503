// d[i][j] is the distance between the first i and the first j characters; three rows of it are kept.
#include "options/nearest.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace triage::options {
namespace {

constexpr std::size_t length_max = 64;

char folded(char c) noexcept {
  return c == '-' ? '_' : to_lower(c);
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::vector<std::size_t> blank(b.size() + 1);
  std::array<std::vector<std::size_t>, 3> rows{blank, blank, blank};
  std::iota(rows[0].begin(), rows[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = folded(a[i - 1]) == folded(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) && folded(a[i - 2]) == folded(b[j - 1]))
        row[j] = std::min(row[j], rows[(i + 1) % 3][j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

std::string nearest(std::string_view text, const std::vector<std::string>& known) {
  if (text.size() > length_max) return {};
  std::string best;
  std::size_t least = std::max<std::size_t>(1, text.size() / 3) + 1;
  for (const std::string& name : known) {
    if (name.size() > length_max) continue;
    const std::size_t edits = edit_distance(text, name);
    if (edits >= least || edits >= std::max(text.size(), name.size())) continue;  // they would share nothing
    least = edits;
    best = name;
  }
  if (!best.empty() || text.size() < 3) return best;
  for (const std::string& name : known)  // abbreviated: sha for sha256
    if (name.starts_with(text)) return name;
  return {};
}

std::string suggest(std::string_view text, const std::vector<std::string>& known, std::string_view label,
                    std::string_view otherwise) {
  if (const std::string near = nearest(text, known); !near.empty()) return "did you mean '" + near + "'?";
  if (known.empty()) return std::string(otherwise);
  std::string out = std::string(label) + ": ";
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (i == 12) return out + ", ...";
    out += (i ? ", " : "") + known[i];
  }
  return out;
}

}  // namespace triage::options
