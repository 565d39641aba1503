#include "config/keys_file.hpp"

#include "options/key.hpp"
#include "options/nearest.hpp"
#include "options/values.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

namespace triage::config {
namespace {

constexpr std::size_t keys_bytes_max = 256UL * 1024 * 1024;
constexpr std::string_view shape = R"(write the line that `triage key new` prints: - {name: NAME, sha256: "HEX"})";

/// What is wrong with a line, and where; the column counts from 0.
struct Mistake {
  std::size_t column = 0;
  std::string message;
  std::string fix{shape};
};

class Line {
 public:
  explicit Line(std::string_view text) : text_(text) {}

  /// Throws a Mistake.
  KeySpec read() {
    KeySpec key;
    bool named = false;
    bool hashed = false;
    take('-');
    if (!take('{')) refuse("a key begins with '{'");
    while (true) {
      const std::string_view member = word();
      if (!take(':')) refuse("there is no ':' after '" + std::string(member) + "'");
      if (member == "name")
        named = read_name(key);
      else if (member == "sha256")
        hashed = read_hash(key);
      else if (member == "routes")
        key.routes = words();
      else if (member == "may")
        read_powers(key);
      else
        refuse("unknown key " + in_quotes(member),
               suggest(member, {"name", "sha256", "routes", "may"}, "known keys", ""));
      if (take('}')) break;
      if (!take(',')) refuse("there is neither ',' nor '}'");
    }
    skip_spaces();
    if (at_ < text_.size() && text_[at_] != '#') refuse("there is more behind the '}'");
    if (!named) refuse("the key has no name");
    if (!hashed) refuse("the key has no sha256");
    return key;
  }

 private:
  [[noreturn]] void refuse(std::string message, std::string fix = std::string(shape)) const {
    throw Mistake{at_, std::move(message), std::move(fix)};
  }

  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool take(char c) {
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  /// Bare, or in double quotes and without escapes.
  std::string_view word() {
    const bool quoted = take('"');
    const std::size_t begin = at_;
    constexpr std::string_view ends_bare = " \t:,{}[]\"#";
    while (at_ < text_.size() && (quoted ? text_[at_] != '"' : ends_bare.find(text_[at_]) == std::string_view::npos)) {
      if (quoted && text_[at_] == '\\') refuse("there is a '\\'", "a key's name and hash need none");
      ++at_;
    }
    const std::string_view out = text_.substr(begin, at_ - begin);
    if (quoted && !take('"')) refuse("the quote is not closed");
    if (out.empty()) refuse("a word is missing");
    return out;
  }

  std::vector<std::string> words() {
    std::vector<std::string> out;
    if (!take('[')) refuse("a list begins with '['");
    while (!take(']')) {
      if (!out.empty() && !take(',')) refuse("there is neither ',' nor ']'");
      out.emplace_back(word());
    }
    return out;
  }

  bool read_name(KeySpec& key) {
    key.name = word();
    if (const Refusal refusal = check_name(key.name))
      refuse("name " + in_quotes(key.name) + ": " + std::string(refusal.reason), std::string(refusal.fix));
    return true;
  }

  bool read_hash(KeySpec& key) {
    const auto hash = Scalar<Sha256>::parse(word());
    if (!hash) refuse("sha256: " + hash.error().message, "write " + std::string(Scalar<Sha256>::hint));
    key.sha256 = *hash;
    return true;
  }

  void read_powers(KeySpec& key) {
    key.may.emplace();
    for (const std::string& power : words()) {
      const auto found = std::ranges::find(triage::words<KeyPower>, power);
      if (found == triage::words<KeyPower>.end())
        refuse("may: " + in_quotes(power) + " is not known", "known words: tier, timeout, cascade, session");
      key.may->push_back(static_cast<KeyPower>(found - triage::words<KeyPower>.begin()));
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Finds what no two keys may share.
class Uniqueness {
 public:
  Uniqueness(const ConfigSpec& spec, const Origins& origins, Report& report) : report_(report) {
    for (std::size_t i = 0; i < spec.keys.size(); ++i) {
      const Place place = origins.place(Path{"keys"} / i);
      names_.try_emplace(spec.keys[i].name, place);
      hashes_.try_emplace(text_of(spec.keys[i].sha256), place);
    }
    for (const RouteSpec& route : spec.routes) routes_.push_back(route.name);
  }

  /// False: another key has its name or its hash.
  bool check(const KeySpec& key, const Place& place) {
    const auto [name, new_name] = names_.try_emplace(key.name, place);
    if (!new_name)
      report_.error(place, "key " + in_quotes(key.name) + " is defined twice",
                    "the first one is at " + report_.name(name->second));
    const auto [first, new_hash] = hashes_.try_emplace(text_of(key.sha256), place);
    if (!new_hash)
      report_.error(place, "key " + in_quotes(key.name) + " has the sha256 of another key",
                    "the first one is at " + report_.name(first->second));
    return new_name && new_hash;
  }

  void check_routes(const KeySpec& key, const Place& place) {
    for (const std::string& route : key.routes)
      if (std::ranges::find(routes_, route) == routes_.end())
        report_.error(place, "key " + in_quotes(key.name) + ": unknown route " + in_quotes(route),
                      suggest(route, routes_, "known routes", "there are no routes"));
  }

 private:
  static std::string text_of(const Sha256& hash) { return {hash.begin(), hash.end()}; }

  Report& report_;
  std::unordered_map<std::string, Place> names_;
  std::unordered_map<std::string, Place> hashes_;
  std::vector<std::string> routes_;
};

void read_lines(std::string_view text, std::size_t file, ConfigSpec& spec, const Origins& origins, Report& report) {
  Uniqueness seen(spec, origins, report);
  int number = 0;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos || line[begin] == '#') continue;
    try {
      KeySpec key = Line(line).read();
      const Place place{file, number, static_cast<int>(begin) + 1};
      if (!seen.check(key, place)) continue;
      seen.check_routes(key, place);
      spec.keys.push_back(std::move(key));
    } catch (Mistake& mistake) {
      report.error({file, number, static_cast<int>(mistake.column) + 1}, std::move(mistake.message),
                   std::move(mistake.fix));
    }
  }
}

}  // namespace

void read_keys_file(ConfigSpec& spec, Sources& sources, const Origins& origins, Report& report) {
  const Path path{"keys_file"};
  if (spec.keys_file.empty() || !origins.intact(path)) return;
  if (const auto read = sources.read_named(spec.keys_file, origins.place(path), keys_bytes_max))
    read_lines(read->text, report.add_file(read->name), spec, origins, report);
}

}  // namespace triage::config
