#include "config/reader.hpp"

#include "options/nearest.hpp"

#include <algorithm>

namespace triage::config {
namespace {

const Node nothing = empty_map();

std::string in_section(const Path& path) {
  return path.empty() ? "at the top level" : "in " + to_string(path);
}

std::string plural(std::string_view noun) {
  return std::string(noun) + (noun.ends_with("s") ? "es" : "s");
}

std::string example_of(const Path& section) {
  if (section.empty()) return "key: ...";
  return section.back().starts_with('[') ? "- {...}" : section.back() + ": {...}";
}

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

/// Reads one section: each field takes its member of the map, finish() complains about the rest.
class Reader::Fields final : public Describer {
 public:
  Fields(Reader& reader, const Node& map, const Path& path) : reader_(reader), map_(map), path_(path) {}

  void keyword(const Key& key, bool& out, std::string_view word) override;
  void later(std::initializer_list<std::string_view> names) override { later_.assign(names); }
  void elsewhere(std::initializer_list<std::string_view> names, std::string_view why) override {
    elsewhere_.assign(names);
    why_elsewhere_ = why;
  }
  void finish();

  [[nodiscard]] const std::vector<std::string>& known() const noexcept { return known_; }
  [[nodiscard]] bool comes_later(std::string_view name) const { return holds(later_, name); }
  [[nodiscard]] bool stands_elsewhere(std::string_view name) const { return holds(elsewhere_, name); }
  [[nodiscard]] const std::string& why_elsewhere() const noexcept { return why_elsewhere_; }

 private:
  void visit(const Key& key, Ref out) override;
  const Member* take(const Key& key);
  const Member* find(std::string_view name) const;

  Reader& reader_;
  const Node& map_;
  const Path& path_;
  std::vector<std::string> known_;
  std::vector<std::string_view> later_;
  std::vector<std::string_view> elsewhere_;
  std::string why_elsewhere_;
  std::vector<Key> missing_;
};

void Reader::Fields::visit(const Key& key, Ref out) {
  const bool list = out.type->shape == Shape::list || out.type->shape == Shape::map || out.type->shape == Shape::named;
  if (const Member* member = take(key))
    reader_.read(*member->value, path_ / std::string(key.name), &member->place, key, out);
  else if (key.required && !list)  // an empty list is left to the checks, whether written or not
    missing_.push_back(key);
}

const Member* Reader::Fields::find(std::string_view name) const {
  const auto found = std::ranges::find(map_.members, name, &Member::key);
  return found == map_.members.end() ? nullptr : &*found;
}

const Member* Reader::Fields::take(const Key& key) {
  known_.emplace_back(key.name);
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
  reader_.note(path, *member->value, &member->place);
  const auto text = reader_.scalar_text(*member->value, path, std::string(key.name) + ": " + std::string(word));
  if (!text) return;
  out = *text == word;
  if (!out)
    reader_.fail(path, to_string(path) + " " + in_quotes(member->value->text) + ": it takes one word only", fix);
}

void Reader::Fields::finish() {
  for (const Member& member : map_.members)
    if (!holds(known_, member.key)) reader_.unknown_key(member, path_, *this);
  for (const Key& key : missing_) {
    const Path path = path_ / std::string(key.name);
    if (!reader_.origins_.intact(path) || reader_.origins_.inherited(path)) continue;
    reader_.fail(path, to_string(path_) + " has no " + in_quotes(key.name),
                 "add '" + std::string(key.name) + ": ...' (" + std::string(key.text) + ")");
  }
}

void Reader::read(const Node& node, const Path& path, const Place* key_place, const Key& key, Ref out) {
  note(path, node, key_place);
  switch (out.type->shape) {
    case Shape::scalar: return read_scalar(node, path, key, out);
    case Shape::optional: {
      const Type& inside = out.type->inside();
      const ContainerType& type = *out.type->container;
      if (inside.shape != Shape::scalar && node.kind == Node::Kind::null) {
        if (differs_) replace(path, out);
        return;
      }
      void* const value = type.size(out.at) > 0 ? type.at(out.at, 0) : type.add(out.at, "");
      return read(node, path, key_place, key, {&inside, value});
    }
    case Shape::list: return read_list(node, path, key, out);
    case Shape::map:
    case Shape::named: return read_entries(node, path, key, out);
    case Shape::section: return read_section(node, path, out);
    case Shape::choice: return read_choice(node, path, out);
  }
}

void Reader::read_scalar(const Node& node, const Path& path, const Key& key, Ref out) {
  const ScalarType& type = *out.type->scalar;
  const auto text = scalar_text(node, path, type.hint);
  if (!text) return;
  // Text from outside the file is shown as it was written; what may be secret is not shown at all.
  const std::string subject = type.is_hidden(*text) || type.is_hidden(node.text)
                                  ? to_string(path)
                                  : to_string(path) + " " + in_quotes(node.text);
  std::string problem;
  if (!type.words.empty()) {
    if (const auto at = word_at(node, path, type, *text, subject))
      type.assign(out.at, type.parse(type.words[*at], problem));
    return;
  }
  std::any value = type.parse(*text, problem);
  if (!value.has_value()) return fail(path, subject + ": " + problem, "write it as " + std::string(type.hint));
  if (type.bounded) {
    const std::int64_t magnitude = type.magnitude(value);
    if (magnitude < key.least)
      return fail(path, subject + " is too small", "the least is " + type.format_magnitude(key.least));
    if (magnitude > key.most)
      return fail(path, subject + " is too large", "the most is " + type.format_magnitude(key.most));
  }
  if (!passes(key.check, *text, path, subject)) return;
  if (type.part && !read_part(std::any_cast<PartFile&>(value), node.place, path, subject)) return;
  type.assign(out.at, std::move(value));
}

bool Reader::read_part(PartFile& file, const Place& place, const Path& path, const std::string& subject) {
  if (file.written.empty() || file.written.starts_with(builtin_prefix)) return true;
  file.path = beside(report_.files().at(place.file), file.written);
  std::string reason;
  auto digest = sources_.digest_part(file.path, reason);
  if (digest)
    file.sha256 = std::move(*digest);
  else
    fail(path, subject + ": cannot read '" + file.path + "': " + reason,
         "check the path, which is relative to the folder of this file, and its permissions");
  return digest.has_value();
}

std::optional<std::size_t> Reader::word_at(const Node& node, const Path& path, const ScalarType& type,
                                           const std::string& text, const std::string& subject) {
  if (const auto found = std::ranges::find(type.words, text); found != type.words.end())
    return static_cast<std::size_t>(found - type.words.begin());
  for (const OldWord& old : type.old_words()) {
    if (old.word != text) continue;
    const std::string now(type.words[old.now]);
    report_.warning(node.place, subject + " is called " + in_quotes(now) + " now",
                    "write '" + now + "': the next version does not know the old word");
    return old.now;
  }
  fail(path, subject + ": it is not known",
       suggest(text, {type.words.begin(), type.words.end()}, "known " + plural(type.noun), ""));
  return std::nullopt;
}

void Reader::replace(const Path& path, Ref container) {
  container.type->container->clear(container.at);
  origins_.replace(path);
}

void Reader::read_list(const Node& node, const Path& path, const Key& key, Ref out) {
  if (differs_) replace(path, out);
  const auto add = [&] { return Ref{&out.type->inside(), out.type->container->add(out.at, "")}; };
  if (key.lone && node.kind != Node::Kind::list && node.kind != Node::Kind::null)
    return read(node, path / 0, nullptr, key, add());
  if (!expect(node, Node::Kind::list, path, std::string(key.name) + ": [...]")) return;
  for (std::size_t i = 0; i < node.items.size(); ++i) read(*node.items[i], path / i, nullptr, key, add());
}

// A map, or sections that a map defines by name.
void Reader::read_entries(const Node& node, const Path& path, const Key& key, Ref out) {
  const bool named = out.type->shape == Shape::named;
  const std::string entry(named ? "name" : key.entry);
  if (!expect(node, Node::Kind::map, path, std::string(key.name) + ": {" + entry + (named ? ": {...}}" : ": ...}")))
    return;
  const ContainerType& type = *out.type->container;
  for (const Member& member : node.members) {
    std::size_t at = differs_ ? 0 : type.size(out.at);
    while (at < type.size(out.at) && type.name_at(out.at, at) != member.key) ++at;
    const bool there = at < type.size(out.at);
    const Ref value{&type.inside(), there ? type.at(out.at, at) : type.add(out.at, member.key)};
    read(*member.value, path / member.key, &member.place, key, value);
    if (there && value.type->shape == Shape::list && value.type->container->size(value.at) == 0)
      type.remove(out.at, at);
    const Check check = named ? check_name : key.check_key;
    const Refusal refusal = check ? check(member.key) : Refusal{};
    if (refusal)
      report_.error(member.place, entry + " " + in_quotes(member.key) + ": " + std::string(refusal.reason),
                    std::string(refusal.fix));
  }
}

void Reader::read_section(const Node& node, const Path& path, Ref out) {
  const SectionType& type = *out.type->section;
  Node wrapped = empty_map();
  const Node* map = &node;
  if (node.kind == Node::Kind::null) {
    map = &nothing;  // `listen:` with nothing after it: all defaults, and required keys are missing
  } else if (!type.short_form.empty() && node.kind == Node::Kind::scalar) {
    wrapped.members.push_back({std::string(type.short_form), node.place, std::make_shared<Node>(node)});
    map = &wrapped;
  } else if (!expect(node, Node::Kind::map, path, example_of(path))) {
    return;
  }
  if (out.type->overlay()) return read_overlay(*map, path, out);
  read_fields(*map, path, out);
}

void Reader::read_overlay(const Node& map, const Path& path, Ref out) {
  const SectionType& type = *out.type->section;
  const auto base =
      std::find_if(open_.rbegin(), open_.rend(), [&](const auto& open) { return open.first.type == &type.base(); });
  type.start_as(out.at, base->first.at);
  origins_.inherit(path, base->second);
  differs_ = true;
  read_fields(map, path, out);
  differs_ = false;
}

void Reader::read_fields(const Node& map, const Path& path, Ref out) {
  open_.emplace_back(out, path);
  Fields fields(*this, map, path);
  out.type->section->describe(fields, out.at);
  fields.finish();
  open_.pop_back();
}

// Reads `kind`, or `kind: {options}`.
void Reader::read_choice(const Node& node, const Path& path, Ref out) {
  if (node.kind == Node::Kind::scalar) {
    static const auto no_options = std::make_shared<const Node>();
    if (const auto text = scalar_text(node, path, "the name of a kind"))
      read_kind({*text, node.place, no_options}, path, out);
  } else if (node.kind == Node::Kind::map && node.members.size() == 1) {
    read_kind(node.members.front(), path, out);
  } else {
    const std::string found = node.kind == Node::Kind::map ? std::to_string(node.members.size()) + " keys"
                                                           : std::string(describe_kind(node.kind));
    fail(path, to_string(path) + " must be one kind, not " + found, "write it as 'kind: {option: ...}'");
  }
}

void Reader::read_kind(const Member& member, const Path& path, Ref out) {
  const ChoiceType& choice = *out.type->choice;
  choice.kind(out.at) = member.key;
  const Kind* const kind = kind_of(out);
  if (!kind) {
    choice.kind(out.at).clear();
    return unknown_kind(member, path, choice);
  }
  std::any& options = choice.options(out.at) = kind->unwritten();
  const Ref value{&kind->type(), kind->value(options)};
  const Node& node = *member.value;
  const Path at = path / member.key;
  if (value.type->shape != Shape::section)
    return read(node, at, &member.place, {.name = kind->name, .text = kind->text}, value);
  note(at, node, &member.place);
  if (node.kind == Node::Kind::null)
    read_section(nothing, at, value);
  else if (expect(node, Node::Kind::map, at, member.key + ": {...}"))
    read_section(node, at, value);
}

void Reader::unknown_kind(const Member& member, const Path& path, const ChoiceType& choice) {
  std::vector<std::string> known;
  for (const Kind* kind : choice.kinds()) known.emplace_back(kind->name);
  origins_.mark_failed(path);
  if (holds(choice.later, member.key))
    report_.error(member.place, to_string(path) + ": " + in_quotes(member.key) + " is not in this version of Triage",
                  suggest("", known, "known kinds", ""));
  else
    report_.error(member.place, to_string(path) + ": unknown kind " + in_quotes(member.key),
                  suggest(member.key, known, "known kinds", ""));
}

void Reader::note(const Path& path, const Node& node, const Place* key) {
  const bool at_value = node.kind == Node::Kind::scalar || !key;
  origins_.note(path, {at_value ? node.place : *key, key ? *key : node.place, node.text});
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

bool Reader::expect(const Node& node, Node::Kind kind, const Path& path, std::string_view example) {
  if (node.kind == kind) return true;
  if (node.kind == Node::Kind::null) return false;
  fail(path,
       to_string(path) + " must be " + std::string(describe_kind(kind)) + ", not " +
           std::string(describe_kind(node.kind)),
       node.kind == Node::Kind::scalar && kind == Node::Kind::list ? "write it as '[" + node.text + "]'"
                                                                   : "write it as '" + std::string(example) + "'");
  return false;
}

bool Reader::passes(Check check, std::string_view text, const Path& path, const std::string& subject) {
  const Refusal refusal = check ? check(text) : Refusal{};
  if (refusal) fail(path, subject + ": " + std::string(refusal.reason), std::string(refusal.fix));
  return !refusal;
}

void Reader::unknown_key(const Member& member, const Path& path, const Fields& fields) {
  const std::vector<std::string>& known = fields.known();
  if (fields.stands_elsewhere(member.key)) {
    report_.error(member.place,
                  in_quotes(member.key) + " does not belong " + in_section(path) + ": " + fields.why_elsewhere(),
                  "remove it here");
    return;
  }
  if (fields.comes_later(member.key)) {
    report_.error(member.place, in_quotes(member.key) + " " + in_section(path) + " is not in this version of Triage",
                  "remove it");
    return;
  }
  origins_.mark_failed(path / member.key);
  // What was meant is there, but misspelt, so there is no complaint that it is missing.
  if (const std::string near = nearest(member.key, known); !near.empty()) origins_.mark_failed(path / near);
  report_.error(member.place, "unknown key " + in_quotes(member.key) + " " + in_section(path),
                suggest(member.key, known, "known keys", "remove it"));
}

}  // namespace triage::config
