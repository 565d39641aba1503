#pragma once
// The strict reader: a visitor of describe() that takes values from a tree. Everything wrong is reported at its place,
// and reading goes on.

#include "config/describe.hpp"
#include "config/nearest.hpp"
#include "config/origins.hpp"
#include "config/sources.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace triage::config {

class Reader {
 public:
  Reader(Report& report, Sources& sources, Origins& origins) : report_(report), sources_(sources), origins_(origins) {}

  /// Fills `out` from `node`, which stands at `path`, behind the key at `key_place` if it has one.
  template <class T>
  void read(const Node& node, const Path& path, const Place* key_place, const Key& key, T& out);

 private:
  class Fields;
  class Kinds;
  struct OldWord {
    std::string_view word;
    std::size_t now;  // its place among the known ones
  };

  template <class T>
  void read_scalar(const Node& node, const Path& path, const Key& key, T& out);
  template <Worded E>
  void read_word(const Node& node, const Path& path, E& out);
  // The word's place among `known`; nullopt, and reported, if it is none.
  std::optional<std::size_t> word_at(const Node& node, const Path& path, std::string_view noun,
                                     const std::vector<std::string>& known, const std::vector<OldWord>& old);
  template <class T>
  void read_list(const Node& node, const Path& path, const Key& key, std::vector<T>& out);
  template <class T>
  void read_map(const Node& node, const Path& path, const Key& key, std::vector<std::pair<std::string, T>>& out);
  template <class T>
  void read_named(const Node& node, const Path& path, const Key& key, std::vector<T>& out);
  template <class T>
  void read_section(const Node& node, const Path& path, T& out);

  // The scalar's text after substitution; nullopt if it is none (reported).
  std::optional<std::string> scalar_text(const Node& node, const Path& path, std::string_view hint);
  // False, and reported, unless the node is of that kind; a null node counts as absent: false, not reported.
  bool expect(const Node& node, Node::Kind kind, const Path& path, std::string_view example);
  bool passes(Check check, std::string_view text, const Path& path, const std::string& subject);
  void fail(const Path& path, std::string message, std::string fix);
  static std::string example_of(const Path& section);
  void unknown_key(const Member& member, const Path& path, const std::vector<std::string>& known,
                   const std::vector<std::string_view>& later);

  Report& report_;
  Sources& sources_;
  Origins& origins_;
};

/// Reads one section: each field takes its member of the map, finish() complains of the rest.
class Reader::Fields {
 public:
  Fields(Reader& reader, const Node& map, const Path& path) : reader_(reader), map_(map), path_(path) {}

  template <class T>
  void field(const Key& key, T& out) {
    const Member* member = take(key);
    if (member)
      reader_.read(*member->value, path_ / std::string(key.name), &member->place, key, out);
    else if (key.required && !ListType<T>)  // an empty list is for the checks, whether it was written or not
      missing_.push_back(key);
  }
  void keyword(const Key& key, bool& out, std::string_view word);
  template <class T>
  void kind(const Key&, T&, bool) {}
  void later(std::initializer_list<std::string_view> names) { later_.assign(names); }
  void finish();

 private:
  const Member* take(const Key& key);

  Reader& reader_;
  const Node& map_;
  const Path& path_;
  std::vector<std::string> known_;
  std::vector<std::string_view> later_;
  std::vector<Key> missing_;
};

/// Reads a choice: finds the kind that is named, finish() complains if there is none.
class Reader::Kinds {
 public:
  Kinds(Reader& reader, const Node& node, const Path& path) : reader_(reader), node_(node), path_(path) {}

  /// The kind's name and options, nullptr if the node has no such shape (reported).
  bool open();

  template <class T>
  void kind(const Key& key, T& out, bool) {
    known_.emplace_back(key.name);
    if (name_ != key.name) return;
    found_ = true;
    const Path path = path_ / name_;
    if constexpr (ListType<T>) {
      reader_.read(*options_, path, &place_, key, out);
    } else {
      reader_.origins_.note(path, *options_, &place_);
      static const Node no_options = empty_map();
      const bool bare = options_->kind != Node::Kind::map;
      if (bare && options_->kind != Node::Kind::null)
        reader_.expect(*options_, Node::Kind::map, path, name_ + ": {...}");
      else
        reader_.read_section(bare ? no_options : *options_, path, out);
    }
  }
  void later(std::initializer_list<std::string_view> names) { later_.assign(names); }
  /// The kind's name, "" if it is not known (reported).
  std::string finish();

  template <class T>
  void field(const Key&, T&) {}
  void keyword(const Key&, bool&, std::string_view) {}

 private:
  Reader& reader_;
  const Node& node_;
  const Path& path_;
  std::string name_;
  Place place_;
  const Node* options_ = nullptr;
  std::vector<std::string> known_;
  std::vector<std::string_view> later_;
  bool found_ = false;
};

template <class T>
void Reader::read(const Node& node, const Path& path, const Place* key_place, const Key& key, T& out) {
  origins_.note(path, node, key_place);
  if constexpr (OptionalType<T>) {
    using Value = typename OptionalOf<T>::Value;
    if (!ScalarType<Value> && node.kind == Node::Kind::null) return;
    read(node, path, key_place, key, out.emplace());
  } else if constexpr (Worded<T>) {
    read_word(node, path, out);
  } else if constexpr (ScalarType<T>) {
    read_scalar(node, path, key, out);
  } else if constexpr (ListType<T>) {
    using Item = typename ListOf<T>::Item;
    if constexpr (is_named<Item>)
      read_named(node, path, key, out);
    else if constexpr (PairOf<Item>::value)
      read_map(node, path, key, out);
    else
      read_list(node, path, key, out);
  } else {
    read_section(node, path, out);
  }
}

template <class T>
void Reader::read_scalar(const Node& node, const Path& path, const Key& key, T& out) {
  const auto text = scalar_text(node, path, Scalar<T>::hint);
  if (!text) return;
  // What came from outside the file is shown as it was written; what may be a secret not at all.
  const std::string subject =
      is_hidden<T>(*text) || is_hidden<T>(node.text) ? to_string(path) : to_string(path) + " " + in_quotes(node.text);
  auto value = Scalar<T>::parse(*text);
  if (!value) return fail(path, subject + ": " + value.error().message, "write it as " + std::string(Scalar<T>::hint));
  if constexpr (Scalar<T>::bounded) {
    const auto magnitude = Scalar<T>::magnitude(*value);
    if (magnitude < key.least)
      return fail(path, subject + " is too small", "the least is " + Scalar<T>::format_magnitude(key.least));
    if (magnitude > key.most)
      return fail(path, subject + " is too large", "the most is " + Scalar<T>::format_magnitude(key.most));
  }
  if (!passes(key.check, *text, path, subject)) return;
  out = std::move(*value);
}

template <Worded E>
void Reader::read_word(const Node& node, const Path& path, E& out) {
  std::vector<OldWord> old;
  for (const auto& [text, value] : old_words<E>) old.push_back({text, static_cast<std::size_t>(value)});
  const auto at = word_at(node, path, word_noun<E>, {words<E>.begin(), words<E>.end()}, old);
  if (at) out = static_cast<E>(*at);
}

template <class T>
void Reader::read_list(const Node& node, const Path& path, const Key& key, std::vector<T>& out) {
  if (!expect(node, Node::Kind::list, path, std::string(key.name) + ": [...]")) return;
  for (std::size_t i = 0; i < node.items.size(); ++i) read(*node.items[i], path / i, nullptr, key, out.emplace_back());
}

template <class T>
void Reader::read_map(const Node& node, const Path& path, const Key& key, std::vector<std::pair<std::string, T>>& out) {
  if (!expect(node, Node::Kind::map, path, std::string(key.name) + ": {" + std::string(key.entry) + ": ...}")) return;
  for (const Member& member : node.members) {
    const Path at = path / member.key;
    out.emplace_back(member.key, T{});
    read(*member.value, at, &member.place, key, out.back().second);
    const Refusal refusal = key.check_key ? key.check_key(member.key) : Refusal{};
    if (refusal)
      report_.error(member.place,
                    std::string(key.entry) + " " + in_quotes(member.key) + ": " + std::string(refusal.reason),
                    std::string(refusal.fix));
  }
}

template <class T>
void Reader::read_named(const Node& node, const Path& path, const Key& key, std::vector<T>& out) {
  if (!expect(node, Node::Kind::map, path, std::string(key.name) + ": {name: {...}}")) return;
  for (const Member& member : node.members) {
    T& section = out.emplace_back();
    section.name = member.key;
    read(*member.value, path / member.key, &member.place, key, section);
    if (const Refusal refusal = check_name(member.key))
      report_.error(member.place, "name " + in_quotes(member.key) + ": " + std::string(refusal.reason),
                    std::string(refusal.fix));
  }
}

template <class T>
void Reader::read_section(const Node& node, const Path& path, T& out) {
  if constexpr (is_choice<T>) {
    Kinds kinds(*this, node, path);
    if (!kinds.open()) return;
    describe(kinds, out);
    out.kind = kinds.finish();
  } else {
    static const Node nothing = empty_map();
    Node wrapped = empty_map();
    const Node* map = &node;
    if (node.kind == Node::Kind::null) {
      map = &nothing;  // `listen:` and nothing behind it: all defaults, and what is required is missed
    } else if (!short_form<T>.empty() && node.kind == Node::Kind::scalar) {
      wrapped.members.push_back({std::string(short_form<T>), node.place, std::make_shared<Node>(node)});
      map = &wrapped;
    } else if (!expect(node, Node::Kind::map, path, example_of(path))) {
      return;
    }
    Fields fields(*this, *map, path);
    describe(fields, out);
    fields.finish();
  }
}

}  // namespace triage::config
