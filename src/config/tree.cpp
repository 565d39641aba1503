#include "config/tree.hpp"

#include "config/describe.hpp"

#include <algorithm>

namespace triage::config {
namespace {

template <class T>
Tree tree_of_value(T& value);

struct TreeVisitor {
  std::vector<Tree> keys;
  std::string_view chosen = {};

  template <class T>
  void field(const Key& key, T& value) {
    if constexpr (OptionalType<T>) {
      if (!value) return;
    }
    Tree tree = tree_of_value(value);
    if (tree.scalar() && tree.empty()) return;
    tree.name = key.name;
    tree.meaning = key.text;
    tree.shown_default = key.shown_default;
    keys.push_back(std::move(tree));
  }
  void keyword(const Key& key, bool& value, std::string_view word) {
    std::string text(value ? word : "");
    field(key, text);
  }
  template <class T>
  void kind(const Key& key, T& options, bool) {
    if (chosen == key.name) field(key, options);
  }
  void later(std::initializer_list<std::string_view>) {}
};

template <class T>
Tree scalar_tree(const T& value) {
  Tree tree;
  tree.shape = std::is_arithmetic_v<T> ? Tree::Shape::bare : Tree::Shape::text;
  if constexpr (std::same_as<T, Sha256>) tree.shape = Tree::Shape::hash;
  if constexpr (std::same_as<T, Secret>) {
    tree.shape = Tree::Shape::hidden;
    tree.text = value.reveal();
  } else {
    tree.text = Scalar<T>::format(value);
  }
  return tree;
}

// What tells an item of a list from the others; "": nothing but its place.
template <class T>
std::string identity(const T& item, const Tree& tree) {
  if constexpr (ScalarType<T>) {
    return tree.text;
  } else if constexpr (is_choice<T>) {
    return item.kind;
  } else {
    const Tree* key = tree.find(short_form<T>.empty() ? "name" : short_form<T>);
    return key != nullptr ? key->text : "";
  }
}

// "header", "header #2"
void make_distinct(std::vector<Tree>& list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string name = list[i].name;
    std::size_t seen = 1;
    for (std::size_t k = i + 1; k < list.size(); ++k)
      if (list[k].name == name) list[k].name = name + " #" + std::to_string(++seen);
  }
}

template <class T>
Tree list_tree(std::vector<T>& list) {
  Tree tree;
  tree.shape = is_named<T> || PairOf<T>::value ? Tree::Shape::map : Tree::Shape::list;
  for (T& item : list) {
    if constexpr (PairOf<T>::value) {
      tree.inside.push_back(tree_of_value(item.second));
      tree.inside.back().name = item.first;
    } else if constexpr (is_named<T>) {
      tree.inside.push_back(tree_of_value(item));
      tree.inside.back().name = item.name;
    } else {
      Tree inside = tree_of_value(item);
      inside.name = identity(item, inside);
      tree.inside.push_back(std::move(inside));
    }
  }
  if (tree.shape == Tree::Shape::list) make_distinct(tree.inside);
  return tree;
}

template <class T>
Tree section_tree(T& section) {
  TreeVisitor visitor;
  if constexpr (is_choice<T>) visitor.chosen = section.kind;
  describe(visitor, section);
  TreeVisitor plain;
  T unwritten{};
  describe(plain, unwritten);
  for (Tree& key : visitor.keys) {
    const auto standard = std::ranges::find(plain.keys, key.name, &Tree::name);
    key.standard = standard != plain.keys.end() ? same(key, *standard) : key.empty();
  }
  Tree tree;
  tree.section = true;
  tree.whole = !recursive_name<T>.empty();
  tree.choice = is_choice<T>;
  tree.short_key = short_form<T>;
  tree.inside = std::move(visitor.keys);
  return tree;
}

template <class T>
Tree tree_of_value(T& value) {
  if constexpr (OptionalType<T>)
    return tree_of_value(*value);
  else if constexpr (ScalarType<T>)
    return scalar_tree(value);
  else if constexpr (ListType<T>)
    return list_tree(value);
  else
    return section_tree(value);
}

// Whether YAML reads a text as that text without quotes around it, also inside of braces.
bool plain_text(std::string_view text) noexcept {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '/' || c == '+';
  };
  return !text.empty() && std::ranges::all_of(text, plain) && text.front() != '-' && text != "null";
}

std::string yaml_scalar(std::string_view text) {
  if (plain_text(text)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  return out + "\"";
}

}  // namespace

const Tree* Tree::find(std::string_view wanted) const noexcept {
  const auto found = std::ranges::find(inside, wanted, &Tree::name);
  return found == inside.end() ? nullptr : &*found;
}

Tree tree_of(const ConfigSpec& spec) {
  ConfigSpec copy = spec;  // describe() takes what it could change
  return tree_of_value(copy);
}

Tree tree_of(const ConditionSpec& condition) {
  ConditionSpec copy = condition;
  return tree_of_value(copy);
}

bool same(const Tree& a, const Tree& b) noexcept {
  return a.shape == b.shape && a.text == b.text &&
         std::ranges::equal(a.inside, b.inside,
                            [](const Tree& x, const Tree& y) { return x.name == y.name && same(x, y); });
}

std::string flow(const Tree& tree) {
  if (tree.shape == Tree::Shape::hidden || tree.shape == Tree::Shape::hash) return "***";
  if (tree.shape == Tree::Shape::bare) return tree.text;
  if (tree.scalar()) return yaml_scalar(tree.text);
  std::vector<std::string> items;
  for (const Tree& item : tree.inside) {
    if (tree.section && item.standard) continue;
    if (tree.choice && flow(item) == "{}") return item.name;
    const bool named = tree.shape == Tree::Shape::map;
    items.push_back((named ? yaml_scalar(item.name) + ": " : "") + flow(item));
  }
  const Tree* const shortest = tree.short_key.empty() ? nullptr : tree.find(tree.short_key);
  if (shortest != nullptr && items.size() == 1) return flow(*shortest);
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return tree.shape == Tree::Shape::list ? "[" + out + "]" : "{" + out + "}";
}

}  // namespace triage::config
