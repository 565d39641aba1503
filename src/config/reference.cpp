// One table for each top-level key:
//   | key | type | default | what it is | metric |
// Sections are walked depth first, under dotted names: routes.<name>.tiers.<tier>[].weight
#include "config/describe.hpp"
#include "config/schema.hpp"
#include "options/type_of.hpp"

#include <span>

namespace triage::config {

using namespace options;

namespace {

std::string code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

std::string bounds(const Key& key, const ScalarType& type) {
  if (!type.bounded) return {};
  if (key.most != std::numeric_limits<std::int64_t>::max())
    return ", " + type.format_magnitude(key.least) + " to " + type.format_magnitude(key.most);
  return key.least > 0 ? ", at least " + type.format_magnitude(key.least) : "";
}

std::string listed(std::span<const std::string_view> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out.append(i == 0 ? "" : i + 1 == words.size() ? " or " : ", ").append(code(words[i]));
  return out;
}

// "number", or "numbers" for several; for a closed list, its words.
std::string name_of(const Key& key, const ScalarType& type, bool several) {
  if (key.words != nullptr) return listed(key.words());
  if (!type.words.empty()) return listed(type.words);
  return std::string(type.name) + (several ? "s" : "");
}

class ReferenceVisitor final : public Describer {
 public:
  ReferenceVisitor(std::string& out, std::string path, std::string_view inside = "")
      : out_(out), path_(std::move(path)), inside_(inside) {}

  void visit(const Key& key, Ref value) override { walk(key, value, at(key), true); }
  void keyword(const Key& key, bool&, std::string_view word) override {
    row(key, at(key), "the word " + code(word), std::string(key.shown_default));
  }

 private:
  [[nodiscard]] std::string at(const Key& key) const {
    return path_.empty() ? std::string(key.name) : path_ + "." + std::string(key.name);
  }

  void row(const Key& key, const std::string& path, const std::string& type, const std::string& default_text) {
    const std::string metric = "triage_limit_hits_total{limit=\"" + std::string(key.name) + "\"}";
    out_ += "| " + code(path) + " | " + type + " | " + (key.required ? "**required**" : default_text) + " | " +
            std::string(key.text) + " | " + (key.counted ? code(metric) : "") + " |\n";
  }

  // `own`: the key itself gets a row; otherwise it is the item of a list that has one.
  void walk(const Key& key, Ref value, const std::string& path, bool own) {
    switch (value.type->shape) {
      case Shape::scalar: return own ? walk_scalar(key, value, path) : void();
      case Shape::optional: {
        Key optional = key;
        if (key.shown_default.empty()) optional.shown_default = "none";
        return walk_inside(optional, value, path, own);
      }
      case Shape::list:
      case Shape::map:
      case Shape::named: return walk_list(key, value, path, own);
      case Shape::section:
      case Shape::choice: return walk_section(key, value, path, own);
    }
  }

  void walk_inside(const Key& key, Ref container, const std::string& path, bool own) {
    const Type& inside = container.type->inside();
    const std::shared_ptr<void> unwritten = inside.unwritten();
    walk(key, {&inside, unwritten.get()}, path, own);
  }

  void walk_scalar(const Key& key, Ref value, const std::string& path) {
    const ScalarType& type = *value.type->scalar;
    const std::string shown(key.shown_default);
    const std::string written = type.format(value.at);
    row(key, path, name_of(key, type, false) + bounds(key, type),
        !shown.empty()    ? shown
        : written.empty() ? "none"
                          : code(written));
  }

  // Whether an enclosing section, which can contain itself, has this type.
  [[nodiscard]] bool again(const Type& type) const {
    return !type.recursive_name().empty() && type.recursive_name() == inside_;
  }

  void walk_section(const Key& key, Ref value, const std::string& path, bool own) {
    const Type& type = *value.type;
    const std::string shown(key.shown_default);
    if (again(type)) {
      if (own) row(key, path, "a " + std::string(inside_), shown);
      return;
    }
    if (type.overlay()) return row(key, path, "map of keys as a route has, from `tiers` to `shadow`", shown);
    if (own) row(key, path, type.shape == Shape::choice ? "a kind" : "map", shown);
    ReferenceVisitor inner(out_, path, type.recursive_name().empty() ? inside_ : type.recursive_name());
    if (type.shape == Shape::section) return type.section->describe(inner, value.at);
    for (const Kind* kind : type.choice->kinds()) {
      const std::shared_ptr<void> unwritten = kind->type().unwritten();
      inner.visit({.name = kind->name, .text = kind->text}, {&kind->type(), unwritten.get()});
    }
  }

  void walk_list(const Key& key, Ref list, const std::string& path, bool own) {
    const Type& inside = list.type->inside();
    const Shape shape = list.type->shape;
    std::string type = shape == Shape::named ? "map of sections" : shape == Shape::map ? "map of lists" : "list";
    if (inside.shape == Shape::scalar)
      type = (shape == Shape::map ? "map of " : "list of ") + name_of(key, *inside.scalar, true);
    else if (shape == Shape::list && again(inside))
      type = "list of " + std::string(inside_) + "s";
    if (own) row(key, path, type, key.shown_default.empty() ? "none" : std::string(key.shown_default));
    walk_inside(key, list, shape == Shape::list ? path + "[]" : path + ".<" + std::string(key.entry) + ">", false);
  }

  std::string& out_;
  std::string path_;
  std::string_view inside_;  // the enclosing section that can contain itself
};

// Writes the top level: a heading and a table for each key.
struct TablesVisitor final : Describer {
  std::string out;

  void visit(const Key& key, Ref value) override {
    out += "### `" + std::string(key.name) + "`\n\n";
    out += "| key | type | default | what it is | metric |\n|---|---|---|---|---|\n";
    ReferenceVisitor(out, "").visit(key, value);
    out += "\n";
  }
  void keyword(const Key&, bool&, std::string_view) override {}
};

}  // namespace
}  // namespace triage::config

namespace triage {

std::string config_reference() {
  config::TablesVisitor visitor;
  ConfigSpec spec;
  describe(visitor, spec);
  return visitor.out;
}

}  // namespace triage
