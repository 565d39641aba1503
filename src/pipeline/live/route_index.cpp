#include "pipeline/live/route_index.hpp"

#include "base/ascii.hpp"

#include <tuple>
#include <utility>

namespace triage {
namespace {

// Adjacent ones with the same text become one.
template <class Entries>
void join_equal(Entries& entries) {
  Entries out;
  for (auto& entry : entries) {
    if (out.empty() || out.back().literal != entry.literal) {
      out.push_back(std::move(entry));
      continue;
    }
    auto& places = out.back().places;
    if (places.back() != entry.places.front()) places.push_back(entry.places.front());
  }
  entries = std::move(out);
}

}  // namespace

void PatternTable::add(const GlobPart& part, std::uint32_t place) {
  if (part.kind != GlobPart::Kind::exact) {
    Affixes& affixes = part.kind == GlobPart::Kind::beginning ? beginnings_ : ends_;
    affixes.entries.push_back({std::string(part.literal), {place}, 0});
    return;
  }
  Places& places = exact_[std::string(part.literal)];
  if (places.empty() || places.back() != place) places.push_back(place);
}

void PatternTable::seal() {
  beginnings_.seal();
  ends_.seal();
}

void PatternTable::Affixes::seal() {
  std::stable_sort(entries.begin(), entries.end(),
                   [this](const Entry& a, const Entry& b) { return less(a.literal, b.literal); });
  join_equal(entries);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].shorter = i;
    if (i == 0) continue;
    std::size_t at = i - 1;
    while (!has(entries[i].literal, entries[at].literal) && entries[at].shorter != at) at = entries[at].shorter;
    if (has(entries[i].literal, entries[at].literal)) entries[i].shorter = at;
  }
}

namespace {

enum class By : std::uint8_t { model, path, key, header, metadata };

// A condition of a route: its value fits one of the patterns.
struct Condition {
  By by;
  std::string name;  // of the header, in lower case, or of the entry of the metadata
  std::vector<std::string_view> patterns;
};

// Under what a route may be filed.
using Handle = std::tuple<By, std::string, GlobPart>;

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_lower(c);
  return out;
}

std::vector<Condition> conditions_of(const MatchSpec& match, RouteIndex::Of what) {
  const bool passing = what == RouteIndex::Of::passing;
  std::vector<Condition> out;
  if (passing && (match.paths.empty() || !match.metadata.empty())) return out;
  const auto add = [&out](By by, const std::vector<std::string>& patterns) {
    if (!patterns.empty()) out.push_back({by, {}, {patterns.begin(), patterns.end()}});
  };
  if (!passing) add(By::model, match.models);
  add(By::key, match.keys);
  add(By::path, match.paths);
  for (const auto& [name, glob] : match.headers) out.push_back({By::header, in_lower_case(name), {glob}});
  for (const auto& [name, glob] : match.metadata) out.push_back({By::metadata, name, {glob}});
  return out;
}

// Names of keys are no globs.
std::vector<GlobPart> parts_of(const Condition& condition, std::string_view pattern) {
  if (condition.by == By::key) return {{GlobPart::Kind::exact, pattern}};
  return triage::parts_of(pattern);
}

class Census {
 public:
  void count(const Condition& condition) {
    for (const std::string_view pattern : condition.patterns)
      for (const GlobPart& part : parts_of(condition, pattern)) ++routes_[{condition.by, condition.name, part}];
  }
  [[nodiscard]] std::size_t routes(const Condition& condition, const GlobPart& part) const {
    return routes_.at({condition.by, condition.name, part});
  }
  // The part that the fewest routes share.
  [[nodiscard]] GlobPart rarest(const Condition& condition, std::string_view pattern) const {
    const auto parts = parts_of(condition, pattern);
    const bool second = parts.size() > 1 && routes(condition, parts[1]) < routes(condition, parts[0]);
    return parts[second ? 1 : 0];
  }
  // How many routes share its commonest pattern.
  [[nodiscard]] std::size_t sharing(const Condition& condition) const {
    std::size_t out = 0;
    for (const std::string_view pattern : condition.patterns)
      out = std::max(out, routes(condition, rarest(condition, pattern)));
    return out;
  }

 private:
  std::map<Handle, std::size_t> routes_;
};

}  // namespace

std::size_t RouteIndex::HashIgnoringCase::operator()(std::string_view text) const noexcept {
  std::size_t out = 0xcbf29ce484222325U;  // FNV-1a
  for (const char c : text) out = (out ^ static_cast<unsigned char>(to_lower(c))) * 0x100000001b3U;
  return out;
}

RouteIndex::RouteIndex(const std::vector<RouteSpec>& routes, Of what) {
  std::vector<std::vector<Condition>> conditions;
  Census census;
  for (const RouteSpec& route : routes) {
    conditions.push_back(conditions_of(route.match, what));
    for (const Condition& condition : conditions.back()) census.count(condition);
  }
  const auto table_of = [this](const Condition& condition) -> PatternTable& {
    if (condition.by == By::header) return headers_[condition.name];
    if (condition.by == By::metadata) return metadata_[condition.name];
    return condition.by == By::model ? models_ : condition.by == By::key ? keys_ : paths_;
  };
  for (std::size_t place = 0; place < conditions.size(); ++place) {
    if (conditions[place].empty()) continue;  // asked for by its name only
    std::vector<std::size_t> sharing;
    for (const Condition& condition : conditions[place]) sharing.push_back(census.sharing(condition));
    const auto least = std::min_element(sharing.begin(), sharing.end()) - sharing.begin();
    const Condition& under = conditions[place][static_cast<std::size_t>(least)];
    for (const std::string_view pattern : under.patterns)
      table_of(under).add(census.rarest(under, pattern), static_cast<std::uint32_t>(place));
  }
  for (PatternTable* table : {&models_, &paths_, &keys_}) table->seal();
  for (auto& [name, table] : headers_) table.seal();
  for (auto& [name, table] : metadata_) table.seal();
}

}  // namespace triage
