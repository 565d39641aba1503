#include "import/foreign.hpp"

#include "base/ascii.hpp"
#include "base/glob.hpp"
#include "json/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace triage::imports {
namespace {

const std::string empty_text;
constexpr std::size_t shown_max = 4000;
constexpr std::size_t line_max = 240;

bool is_leaf(const Foreign& value) noexcept {
  return value.items.empty();
}

}  // namespace

Item Item::operator[](std::string_view key) const {
  if (!is_map()) return {};
  const auto found = std::ranges::find(of_->items, key, &Foreign::key);
  return found == of_->items.end() ? Item() : Item(&*found);
}

Item Item::first(std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys)
    if (const Item found = (*this)[key]) return found;
  return {};
}

std::vector<Item> Item::items() const {
  std::vector<Item> out;
  if (is_map() || is_list())
    for (Foreign& each : of_->items) out.emplace_back(&each);
  return out;
}

std::vector<Item> Item::list() const {
  if (is_list()) return items();
  return *this ? std::vector<Item>{*this} : std::vector<Item>();
}

const std::string& Item::key() const {
  return of_ ? of_->key : empty_text;
}

const std::string& Item::path() const {
  return of_ ? of_->path : empty_text;
}

const std::string& Item::peek() const noexcept {
  return is_scalar() ? of_->text : empty_text;
}

std::string Item::text() const {
  if (!is_scalar()) return {};
  of_->used = true;
  return of_->text;
}

std::optional<double> Item::number() const {
  const std::string& spelled = peek();
  double value = 0;
  const auto [rest, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
  if (spelled.empty() || error != std::errc() || rest != spelled.data() + spelled.size()) return std::nullopt;
  of_->used = true;
  return value;
}

bool Item::is_true() const {
  return to_lower(text()) == "true";
}

std::vector<std::string> Item::texts() const {
  std::vector<std::string> out;
  for (const Item& each : list())
    if (each.is_scalar()) out.push_back(each.text());
  return out;
}

void Item::use() const {
  if (!of_) return;
  of_->used = true;
  for (const Item& each : items()) each.use();
}

void Item::unuse() const {
  if (!of_) return;
  of_->used = false;
  for (const Item& each : items()) each.unuse();
}

void Item::belongs(const NotesPtr& to) const {
  if (of_) of_->notes = to;
}

void Item::note(const std::string& text) const {
  if (of_ && of_->notes && std::ranges::find(*of_->notes, text) == of_->notes->end()) of_->notes->push_back(text);
}

bool looks_secret(std::string_view key, std::string_view value) {
  static constexpr std::array<std::string_view, 12> words{"api_key",     "apikey", "secret",      "password",
                                                          "passwd",      "token",  "credential",  "authorization",
                                                          "webhook_url", "dsn",    "private_key", "access_key"};
  // tokens are also what models count, and the names of variables are no secrets
  static constexpr std::array<std::string_view, 4> counts{"tokens", "token_", "_per_token", "api_key_env"};
  const std::string name = to_lower(key);
  const bool named =
      std::ranges::any_of(words, [&](std::string_view word) { return name.find(word) != std::string::npos; }) &&
      std::ranges::none_of(counts, [&](std::string_view word) { return name.find(word) != std::string::npos; });
  const std::size_t at = value.find("://");
  const bool has_password = at != std::string_view::npos && value.find('@', at) != std::string_view::npos &&
                            value.find(':', at + 3) < value.find('@', at);
  const bool a_key = value.starts_with("sk-") || value.starts_with("Bearer ") || value.starts_with("-----BEGIN");
  const bool reference = value.starts_with("os.environ/") || value.starts_with("env.") || value.starts_with("env::") ||
                         value.starts_with("$") || value.empty() || value == "true" || value == "false";
  return !reference && (named || has_password || a_key);
}

void each_leaf(const Foreign& root, const std::function<void(const Foreign&)>& see) {
  if (is_leaf(root)) return see(root);
  for (const Foreign& each : root.items) each_leaf(each, see);
}

namespace {

std::string shown(const Foreign& leaf, std::string_view key) {
  if (leaf.kind == Foreign::Kind::null) return "null";
  if (looks_secret(key, leaf.text)) return "(a secret, not shown)";
  const bool plain = !leaf.text.empty() && leaf.text.size() <= shown_max &&
                     std::ranges::all_of(leaf.text, [](char c) { return c >= ' ' && c != '\x7f'; });
  if (plain) return leaf.text;
  std::string out;
  append_json_string(out, std::string_view(leaf.text).substr(0, shown_max));
  if (leaf.text.size() > shown_max) out += "... (" + std::to_string(leaf.text.size()) + " bytes)";
  return out;
}

/// Whether all of it is to be told in the same place.
bool all_unused(const Foreign& value) {
  if (is_leaf(value)) return !value.used;
  return std::ranges::all_of(value.items, [](const Foreign& each) { return !each.notes && all_unused(each); });
}

/// "{a: 1, b: [2, 3]}", for people.
std::string flow(const Foreign& value, std::string_view key) {
  if (value.kind != Foreign::Kind::list && value.kind != Foreign::Kind::map) return shown(value, key);
  const bool is_list = value.kind == Foreign::Kind::list;
  std::string out = is_list ? "[" : "{";
  for (const Foreign& each : value.items) {
    if (out.size() > 1) out += ", ";
    if (!is_list) out += each.key + ": ";
    out += flow(each, is_list ? key : std::string_view(each.key));
  }
  return out + (is_list ? "]" : "}");
}

/// Of a collection the reason that its first value has.
std::string reason_of(const Foreign& value, const std::vector<Reason>& reasons) {
  for (const Reason& reason : reasons)
    if (glob_matches(reason.path, value.path)) return " (" + std::string(reason.text) + ")";
  return value.items.empty() ? "" : reason_of(value.items[0], reasons);
}

/// What the comments are made with.
struct Telling {
  const std::vector<Reason>& reasons;
  const std::set<const Notes*>& shown;
};

void tell(const Foreign& value, const std::string& key, const Telling& with, const NotesPtr& notes) {
  const bool is_collection = value.kind == Foreign::Kind::list || value.kind == Foreign::Kind::map;
  if (is_collection && value.items.empty()) return;  // it says nothing
  const NotesPtr& to = value.notes && with.shown.contains(value.notes.get()) ? value.notes : notes;
  const std::string& name = value.key.empty() ? key : value.key;
  if (all_unused(value) && !value.path.empty()) {
    const std::string text = flow(value, name);
    if (!is_collection || text.size() <= line_max)
      return to->push_back("no counterpart: " + value.path + ": " + text + reason_of(value, with.reasons));
  }
  for (const Foreign& each : value.items) tell(each, name, with, to);
}

}  // namespace

void tell_unused(const Foreign& root, const std::vector<Reason>& reasons, const NotesPtr& rest,
                 const std::set<const Notes*>& shown) {
  tell(root, "", {reasons, shown}, rest);
}

}  // namespace triage::imports
