#include "config/tree.hpp"

#include "base/ascii.hpp"
#include "config/describe.hpp"
#include "options/type_of.hpp"

#include <algorithm>

namespace triage::config {

using namespace options;

namespace {

Tree tree_of_value(Ref value);

bool absent(Ref value) {
  return value.type->shape == Shape::optional && value.type->container->size(value.at) == 0;
}

struct TreeVisitor final : Describer {
  explicit TreeVisitor(bool shows_absent = false) : shows_absent_(shows_absent) {}

  std::vector<Tree> keys;

  void visit(const Key& key, Ref value) override {
    if (!absent(value)) return add(key, tree_of_value(value));
    Tree null;
    null.shape = Tree::Shape::bare;
    null.text = "null";
    if (shows_absent_) add(key, std::move(null));
  }
  void keyword(const Key& key, bool& value, std::string_view word) override {
    std::string text(value ? word : "");
    field(key, text);
  }
  void add(const Key& key, Tree tree) {
    if (tree.scalar() && tree.empty()) return;
    tree.name = key.name;
    tree.meaning = key.text;
    tree.shown_default = key.shown_default;
    keys.push_back(std::move(tree));
  }

 private:
  const bool shows_absent_;
};

Tree scalar_tree(Ref value) {
  const ScalarType& type = *value.type->scalar;
  const bool bare = type.json == JsonForm::boolean || type.json == JsonForm::integer || type.json == JsonForm::number;
  Tree tree;
  tree.shape = type.seen == Seen::as_hash     ? Tree::Shape::hash
               : type.seen == Seen::by_nobody ? Tree::Shape::hidden
               : bare                         ? Tree::Shape::bare
                                              : Tree::Shape::text;
  tree.text = type.in_clear(value.at);
  return tree;
}

bool is_secret(const Tree& tree) noexcept {
  return tree.shape == Tree::Shape::hidden || tree.shape == Tree::Shape::hash;
}

// What distinguishes an item of a list from the others; "": only its position. It is shown, so that it is no secret.
std::string identity(Ref item, const Tree& tree) {
  if (item.type->shape == Shape::scalar) return is_secret(tree) ? "" : tree.text;
  if (item.type->shape == Shape::choice) return item.type->choice->kind(item.at);
  if (item.type->shape != Shape::section) return "";
  const std::string_view short_form = item.type->section->short_form;
  const Tree* key = tree.find(short_form);
  if (key == nullptr || is_secret(*key)) key = tree.find("name");
  return key != nullptr ? key->text : "";
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

Tree list_tree(Ref list) {
  const ContainerType& type = *list.type->container;
  Tree tree;
  tree.shape = type.name_at != nullptr ? Tree::Shape::map : Tree::Shape::list;
  for (std::size_t i = 0; i < type.size(list.at); ++i) {
    const Ref item{&type.inside(), type.at(list.at, i)};
    Tree inside = tree_of_value(item);
    inside.name = type.name_at != nullptr ? type.name_at(list.at, i) : identity(item, inside);
    tree.inside.push_back(std::move(inside));
  }
  if (tree.shape == Tree::Shape::list) make_distinct(tree.inside);
  return tree;
}

std::vector<Tree> keys_of(Ref value) {
  TreeVisitor visitor(value.type->overlay());
  if (value.type->shape == Shape::section) {
    value.type->section->describe(visitor, value.at);
  } else if (const Kind* const kind = kind_of(value)) {
    std::any& options = value.type->choice->options(value.at);
    if (!options.has_value()) options = kind->unwritten();
    visitor.add({.name = kind->name, .text = kind->text}, tree_of_value({&kind->type(), kind->value(options)}));
  }
  return std::move(visitor.keys);
}

// Leaves in `tree` what differs from `base`. An entry of a map that is taken away is an empty list.
void keep_differences(Tree& tree, const Tree& base) {
  for (const Tree& entry : base.inside) {
    if (tree.section || tree.find(entry.name) != nullptr) continue;
    Tree none;
    none.shape = Tree::Shape::list;
    none.name = entry.name;
    tree.inside.push_back(std::move(none));
  }
  std::erase_if(tree.inside, [&](const Tree& key) {
    const Tree* const other = base.find(key.name);
    return other != nullptr ? same(key, *other) : key.text == "null";
  });
  for (Tree& key : tree.inside) {
    const Tree* const other = base.find(key.name);
    key.standard = false;
    key.shown_default = "as in the route";
    if (other != nullptr && key.shape == Tree::Shape::map && !key.whole && !key.choice) keep_differences(key, *other);
  }
}

void keep_differences_of_overlays(Tree& section) {
  for (Tree& key : section.inside)
    for (Tree& inside : key.inside)
      if (inside.overlay) keep_differences(inside, section);
}

Tree section_tree(Ref section) {
  Tree tree;
  tree.inside = keys_of(section);
  const std::shared_ptr<void> unwritten = section.type->unwritten();
  const std::vector<Tree> plain = keys_of({section.type, unwritten.get()});
  for (Tree& key : tree.inside) {
    const auto standard = std::ranges::find(plain, key.name, &Tree::name);
    key.standard = standard != plain.end() ? same(key, *standard) : key.empty();
  }
  tree.section = true;
  tree.whole = !section.type->recursive_name().empty();
  tree.choice = section.type->shape == Shape::choice;
  tree.overlay = section.type->overlay();
  keep_differences_of_overlays(tree);
  if (section.type->section != nullptr) tree.short_key = section.type->section->short_form;
  return tree;
}

Tree tree_of_value(Ref value) {
  switch (value.type->shape) {
    case Shape::scalar: return scalar_tree(value);
    case Shape::optional: return tree_of_value({&value.type->inside(), value.type->container->at(value.at, 0)});
    case Shape::list:
    case Shape::map:
    case Shape::named: return list_tree(value);
    case Shape::section:
    case Shape::choice: return section_tree(value);
  }
  return {};
}

// Whether YAML reads a text without quotes as that same text, even inside braces.
bool plain_text(std::string_view text) noexcept {
  const auto plain = [](char c) {
    return is_alphanumeric(c) || c == '_' || c == '-' || c == '.' || c == '/' || c == '+';
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
  ConfigSpec copy = spec;  // describe() takes a mutable spec
  return tree_of_value({&type_of<ConfigSpec>(), &copy});
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
