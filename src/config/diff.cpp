// Compares both specs as trees (tree.hpp), key by key. An item with a name, or another identity, is compared with its
// counterpart; what makes sense only as a whole is reported as a whole.
#include "config/diff.hpp"

#include "base/text.hpp"
#include "config/tree.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace triage::config {
namespace {

using Names = std::vector<std::string>;

bool one_of(std::initializer_list<std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// Where a value is, for programs, and for people ("route 'chat', tier 'small'", then the keys inside).
struct Place {
  std::string path;
  std::string key;      // the last key
  std::string subject;  // what the sentence is about
  std::string rest;     // the keys below the subject

  [[nodiscard]] Place at_key(const Tree& tree) const {
    const std::string& name = tree.name;
    Place out = *this;
    out.path += (path.empty() ? "" : ".") + name;
    out.rest += (rest.empty() ? "" : ".") + name;
    out.key = name;
    if (tree.overlay) {
      out.subject += ", " + name;
      out.rest.clear();
    }
    return out;
  }
  [[nodiscard]] Place at_entry(const std::string& name, bool list) const {
    Place out = *this;
    out.path += list ? "[" + name + "]" : "." + name;
    out.subject += (subject.empty() ? "" : ", ") + thing(name);
    out.rest.clear();
    return out;
  }
  // "tier 'small'", for an entry of this section.
  [[nodiscard]] std::string thing(const std::string& name) const {
    static const std::map<std::string, std::string, std::less<>> nouns{
        {"routes", "route"},       {"deployments", "deployment"},
        {"providers", "provider"}, {"keys", "key"},
        {"aliases", "alias"},      {"tiers", "tier"},
        {"routers", "router"},     {"rules", "rule"},
        {"headers", "header"}};
    const auto noun = nouns.find(key);
    return (noun == nouns.end() ? key : noun->second) + " " + quoted_name(name);
  }
  // "route 'chat', tier 'small': "
  [[nodiscard]] std::string lead() const { return subject.empty() ? "" : subject + ": "; }
  [[nodiscard]] std::string named() const { return rest.empty() ? subject : lead() + rest; }
};

class Comparison {
 public:
  std::vector<Change> changes;

  void section(const Tree& before, const Tree& after, const Place& place);

 private:
  void value(const Tree& before, const Tree& after, const Place& place);
  void appeared_or_gone(const Tree* before, const Tree* after, const Place& place);
  void words(const Tree& before, const Tree& after, const Place& place);
  void entries(const Tree& before, const Tree& after, const Place& place);
  void members(const Tree& before, const Tree& after, const Place& place);
  void order(const Names& before, const Names& after, const Place& place, const std::string& what);
  void add(Change::Kind kind, const Place& place, std::string before, std::string after, std::string text);
};

void Comparison::add(Change::Kind kind, const Place& place, std::string before, std::string after, std::string text) {
  const std::string_view top = std::string_view(place.path).substr(0, place.path.find_first_of(".["));
  changes.push_back({kind, place.path, std::move(before), std::move(after), std::move(text),
                     !one_of({"admin", "ledger", "log"}, top)});
}

Names names_of(const Tree& tree) {
  Names out;
  for (const Tree& item : tree.inside) out.push_back(item.name);
  return out;
}

// The meaning of a key, if it is short: docs/configuration.md has the rest.
std::string meaning_of(const Tree& tree) {
  constexpr std::size_t short_text = 70;
  if (tree.meaning.empty() || tree.whole || tree.meaning.size() > short_text) return "";
  return " (" + std::string(tree.meaning) + ")";
}

// The entry without what the sentence has said already: ": {tier: small}".
std::string contents(const Tree& entry) {
  Tree copy = entry;
  std::erase_if(copy.inside, [&](const Tree& key) { return copy.section && key.scalar() && key.text == copy.name; });
  const std::string out = copy.choice && copy.inside.size() == 1 ? flow(copy.inside.front()) : flow(copy);
  return out == "{}" ? "" : ": " + out;
}

bool secret(const Tree& tree) {
  return tree.shape == Tree::Shape::hash || tree.shape == Tree::Shape::hidden;
}

void Comparison::section(const Tree& before, const Tree& after, const Place& place) {
  for (const Tree& key : after.inside) {
    const Tree* const old = before.find(key.name);
    if (old != nullptr)
      value(*old, key, place.at_key(key));
    else
      appeared_or_gone(nullptr, &key, place.at_key(key));
  }
  for (const Tree& key : before.inside)
    if (after.find(key.name) == nullptr) appeared_or_gone(&key, nullptr, place.at_key(key));
}

void Comparison::value(const Tree& before, const Tree& after, const Place& place) {
  if (same(before, after)) return;
  if (secret(after)) return add(Change::changed, place, "***", "***", place.named() + " changed");
  const bool emptied = !after.scalar() && before.empty() != after.empty() && !after.shown_default.empty();
  if (emptied) return appeared_or_gone(before.empty() ? nullptr : &before, after.empty() ? nullptr : &after, place);
  const bool listed = after.shape == Tree::Shape::list || (after.shape == Tree::Shape::map && !after.section);
  const auto nameless = [](const Tree& list) { return !list.inside.empty() && list.inside.front().name.empty(); };
  if (listed && !nameless(before) && !nameless(after)) return entries(before, after, place);
  if (after.section && !after.whole) return section(before, after, place);
  add(Change::changed, place, flow(before), flow(after),
      place.named() + " is " + flow(after) + ", was " + flow(before) + meaning_of(after));
}

void Comparison::appeared_or_gone(const Tree* before, const Tree* after, const Place& place) {
  const Tree& there = after != nullptr ? *after : *before;
  if (there.shown_default.empty() && there.empty()) return;
  if (secret(there))
    return add(after != nullptr ? Change::added : Change::removed, place, after != nullptr ? "" : "***",
               after != nullptr ? "***" : "",
               place.named() + (after != nullptr ? " is set now" : " is not set any more"));
  const std::string otherwise = there.shown_default.empty() ? "not set" : std::string(there.shown_default);
  const std::string told = after != nullptr ? " is " + flow(there) + ", was: " + otherwise
                                            : " was " + flow(there) + ", is now: " + otherwise;
  add(after != nullptr ? Change::added : Change::removed, place, after != nullptr ? "" : flow(there),
      after != nullptr ? flow(there) : "", place.named() + told + meaning_of(there));
}

// Compares a map, or a list whose items can be told apart.
void Comparison::entries(const Tree& before, const Tree& after, const Place& place) {
  const Tree& sample = after.inside.empty() ? before.inside.front() : after.inside.front();
  const bool list = after.shape == Tree::Shape::list;
  if (sample.short_key == "deployment") return members(before, after, place);
  if (list && sample.scalar()) return words(before, after, place);
  if (place.path == "keys" && before.empty() != after.empty())
    add(Change::changed, place, "", "",
        after.empty() ? "requests need no key any more: there are no `keys`" : "requests need a key now");
  for (const Tree& item : before.inside)
    if (after.find(item.name) == nullptr)
      add(Change::removed, place.at_entry(item.name, list), flow(item), "",
          place.lead() + place.thing(item.name) + " is removed" +
              (place.path == "keys" ? ": its requests are refused" : ""));
  const bool ordered = list ? !one_of({"keys"}, place.key) : place.path == "routes";
  for (std::size_t i = 0; i < after.inside.size(); ++i) {
    const Tree& item = after.inside[i];
    if (const Tree* const old = before.find(item.name)) {
      const Place inside = place.at_entry(item.name, list);
      if (item.choice && old->inside.size() == 1 && item.inside.size() == 1)
        value(old->inside.front(), item.inside.front(), inside);
      else
        value(*old, item, inside);
      continue;
    }
    std::string where;
    if (ordered && after.inside.size() > 1)
      where = i + 1 == after.inside.size() ? " at the end" : " in front of " + quoted_name(after.inside[i + 1].name);
    add(Change::added, place.at_entry(item.name, list), "", flow(item),
        place.lead() + place.thing(item.name) + " is added" + where + contents(item));
  }
  if (ordered) order(names_of(before), names_of(after), place, place.named() + " are asked");
}

void Comparison::words(const Tree& before, const Tree& after, const Place& place) {
  for (const Tree& word : after.inside)
    if (before.find(word.name) == nullptr)
      add(Change::added, place, "", flow(word), place.named() + ": " + flow(word) + " is added");
  for (const Tree& word : before.inside)
    if (after.find(word.name) == nullptr)
      add(Change::removed, place, flow(word), "", place.named() + ": " + flow(word) + " is removed");
  const bool ordered = !one_of(
      {"models", "paths", "keys", "routes", "may", "capabilities", "origins", "headers", "specialists", "keywords"},
      place.key);
  if (ordered) order(names_of(before), names_of(after), place, place.named() + " stand");
}

// Compares the order of those that are in both.
void Comparison::order(const Names& before, const Names& after, const Place& place, const std::string& what) {
  const auto common = [](const Names& all, const Names& others) {
    Names out;
    for (const std::string& name : all)
      if (std::ranges::find(others, name) != others.end()) out.push_back(name);
    return out;
  };
  const Names old = common(before, after);
  const Names now = common(after, before);
  if (old == now) return;
  add(Change::reordered, place, joined(before), joined(after),
      what + " in another order: " + joined(after) + "; was " + joined(before));
}

// Compares the deployments of a tier: what matters is each one's share, and which is asked after which.
void Comparison::members(const Tree& before, const Tree& after, const Place& place) {
  struct Member {
    std::string name;
    double weight = 0;
    double share = 0;
  };
  const auto read = [](const Tree& list) {
    std::vector<Member> out;
    double sum = 0;
    for (const Tree& item : list.inside) {
      const Tree* const weight = item.find("weight");
      out.push_back({item.name, weight != nullptr ? std::stod(weight->text) : 1, 0});
      sum += out.back().weight;
    }
    for (Member& member : out) member.share = member.weight / sum;
    std::ranges::stable_sort(out, std::ranges::greater(), &Member::weight);
    return out;
  };
  const auto percent = [](double share) {
    const double rounded = std::round(share * 1000) / 10;
    std::string text = std::to_string(rounded);
    text.erase(text.find('.') + (std::fmod(rounded, 1) == 0 ? 0 : 2));
    return text + " %";
  };
  const auto old = read(before);
  const auto now = read(after);
  bool moved = false;
  for (const Member& member : now) {
    const auto was = std::ranges::find(old, member.name, &Member::name);
    const std::string share = percent(member.share);
    const Place at = place.at_entry(member.name, true);
    if (was == old.end())
      add(Change::added, at, "", share,
          place.lead() + "deployment " + quoted_name(member.name) + " is added, with " + share + " of its requests");
    else if (std::abs(was->share - member.share) > 1e-9)
      add(Change::changed, at, percent(was->share), share,
          place.lead() + "deployment " + quoted_name(member.name) + " gets " + share + " of its requests, had " +
              percent(was->share));
    moved = moved || was == old.end() || std::abs(was->share - member.share) > 1e-9;
  }
  for (const Member& member : old)
    if (std::ranges::find(now, member.name, &Member::name) == now.end())
      add(Change::removed, place.at_entry(member.name, true), percent(member.share), "",
          place.lead() + "deployment " + quoted_name(member.name) + " is removed, which had " + percent(member.share) +
              " of its requests");
  if (moved || now.size() != old.size()) return;
  Names old_order;
  Names new_order;
  for (const Member& member : old) old_order.push_back(member.name);
  for (const Member& member : now) new_order.push_back(member.name);
  order(old_order, new_order, place, place.lead() + "deployments fall back to each other");
}

}  // namespace
}  // namespace triage::config

namespace triage {

std::vector<Change> config_changes(const ConfigSpec& before, const ConfigSpec& after) {
  config::Comparison comparison;
  comparison.section(config::tree_of(before), config::tree_of(after), {});
  return std::move(comparison.changes);
}

}  // namespace triage
