#include "config/reader.hpp"

namespace triage::config {
namespace {

std::string in_section(const Path& path) {
  return path.empty() ? "at the top level" : "in " + to_string(path);
}

std::string plural(std::string_view noun) {
  return std::string(noun) + (noun.ends_with("s") ? "es" : "s");
}

}  // namespace

std::string Reader::example_of(const Path& section) {
  if (section.empty()) return "key: ...";
  return section.back().starts_with('[') ? "- {...}" : section.back() + ": {...}";
}

void Reader::fail(const Path& path, std::string message, std::string fix) {
  origins_.mark_failed(path);
  report_.error(origins_.place(path), std::move(message), std::move(fix));
}

std::optional<std::string> Reader::scalar_text(const Node& node, const Path& path, std::string_view hint) {
  if (node.kind == Node::Kind::null) {
    fail(path, to_string(path) + " has no value", "write it as " + std::string(hint) + ", or remove the key");
    return std::nullopt;
  }
  if (node.kind != Node::Kind::scalar) {
    fail(path, to_string(path) + " cannot be " + std::string(describe_kind(node.kind)),
         "write it as " + std::string(hint));
    return std::nullopt;
  }
  auto text = sources_.resolve(node);
  if (!text) origins_.mark_failed(path);
  return text;
}

std::optional<std::size_t> Reader::word_at(const Node& node, const Path& path, std::string_view noun,
                                           const std::vector<std::string>& known, const std::vector<OldWord>& old) {
  const auto text = scalar_text(node, path, "one word");
  if (!text) return std::nullopt;
  if (const auto found = std::ranges::find(known, *text); found != known.end())
    return static_cast<std::size_t>(found - known.begin());
  const std::string subject = to_string(path) + " " + in_quotes(node.text);
  const auto was = std::ranges::find(old, *text, &OldWord::word);
  if (was == old.end()) {
    fail(path, subject + ": it is not known", suggest(*text, known, "known " + plural(noun), ""));
    return std::nullopt;
  }
  report_.warning(node.place, subject + " is called " + in_quotes(known[was->now]) + " now",
                  "write '" + known[was->now] + "': the next version does not know the old word");
  return was->now;
}

bool Reader::expect(const Node& node, Node::Kind kind, const Path& path, std::string_view example) {
  if (node.kind == kind) return true;
  if (node.kind == Node::Kind::null) return false;
  fail(path,
       to_string(path) + " must be " + std::string(describe_kind(kind)) + ", not " +
           std::string(describe_kind(node.kind)),
       "write it as '" + std::string(example) + "'");
  return false;
}

bool Reader::passes(Check check, std::string_view text, const Path& path, const std::string& subject) {
  const Refusal refusal = check ? check(text) : Refusal{};
  if (refusal) fail(path, subject + ": " + std::string(refusal.reason), std::string(refusal.fix));
  return !refusal;
}

void Reader::unknown_key(const Member& member, const Path& path, const std::vector<std::string>& known,
                         const std::vector<std::string_view>& later) {
  if (std::find(later.begin(), later.end(), member.key) != later.end()) {
    report_.error(member.place, in_quotes(member.key) + " " + in_section(path) + " is not in this version of Triage",
                  "remove it");
    return;
  }
  origins_.mark_failed(path / member.key);
  // What was meant is there, if misspelt: no complaint that it is missing.
  if (const std::string near = nearest(member.key, known); !near.empty()) origins_.mark_failed(path / near);
  report_.error(member.place, "unknown key " + in_quotes(member.key) + " " + in_section(path),
                suggest(member.key, known, "known keys", "remove it"));
}

const Member* Reader::Fields::take(const Key& key) {
  known_.emplace_back(key.name);
  const auto find = [this](std::string_view name) {
    const auto found = std::ranges::find(map_.members, name, &Member::key);
    return found == map_.members.end() ? nullptr : &*found;
  };
  if (const Member* member = find(key.name)) return member;
  const Member* member = key.formerly.empty() ? nullptr : find(key.formerly);
  if (!member) return nullptr;
  known_.emplace_back(key.formerly);
  reader_.report_.warning(
      member->place, in_quotes(key.formerly) + " " + in_section(path_) + " is called " + in_quotes(key.name) + " now",
      "write '" + std::string(key.name) + "': the next version does not know the old name");
  return member;
}

void Reader::Fields::keyword(const Key& key, bool& out, std::string_view word) {
  const Member* member = take(key);
  if (!member) return;
  const Path path = path_ / std::string(key.name);
  const std::string fix = "write '" + std::string(key.name) + ": " + std::string(word) + "', or remove the key";
  reader_.origins_.note(path, *member->value, &member->place);
  const auto text = reader_.scalar_text(*member->value, path, std::string(key.name) + ": " + std::string(word));
  if (!text) return;
  out = *text == word;
  if (!out)
    reader_.fail(path, to_string(path) + " " + in_quotes(member->value->text) + ": it takes one word only", fix);
}

void Reader::Fields::finish() {
  for (const Member& member : map_.members)
    if (std::find(known_.begin(), known_.end(), member.key) == known_.end())
      reader_.unknown_key(member, path_, known_, later_);
  for (const Key& key : missing_) {
    const Path path = path_ / std::string(key.name);
    if (!reader_.origins_.intact(path)) continue;
    reader_.fail(path, to_string(path_) + " has no " + in_quotes(key.name),
                 "add '" + std::string(key.name) + ": ...' (" + std::string(key.text) + ")");
  }
}

bool Reader::Kinds::open() {
  static const Node nothing;
  if (node_.kind == Node::Kind::scalar) {
    const auto text = reader_.scalar_text(node_, path_, "the name of a kind");
    if (!text) return false;
    name_ = *text;
    place_ = node_.place;
    options_ = &nothing;
    return true;
  }
  if (node_.kind == Node::Kind::map && node_.members.size() == 1) {
    const Member& only = node_.members.front();
    name_ = only.key;
    place_ = only.place;
    options_ = only.value.get();
    return true;
  }
  const std::string found = node_.kind == Node::Kind::map ? std::to_string(node_.members.size()) + " keys"
                                                          : std::string(describe_kind(node_.kind));
  reader_.fail(path_, to_string(path_) + " must be one kind, not " + found, "write it as 'kind: {option: ...}'");
  return false;
}

std::string Reader::Kinds::finish() {
  if (found_) return name_;
  reader_.origins_.mark_failed(path_);
  if (std::find(later_.begin(), later_.end(), name_) != later_.end())
    reader_.report_.error(place_, to_string(path_) + ": " + in_quotes(name_) + " is not in this version of Triage",
                          suggest("", known_, "known kinds", ""));
  else
    reader_.report_.error(place_, to_string(path_) + ": unknown kind " + in_quotes(name_),
                          suggest(name_, known_, "known kinds", ""));
  return {};
}

}  // namespace triage::config
