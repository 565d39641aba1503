// One table for each top-level key:
//   | key | type | default | what it is | metric |
// Sections are walked depth first, under dotted names: routes.<name>.tiers.<tier>[].weight
#include "config/describe.hpp"
#include "config/schema.hpp"

#include <span>

namespace triage::config {
namespace {

std::string code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

template <class T>
std::string bounds(const Key& key) {
  using S = Scalar<T>;
  if constexpr (S::bounded) {
    if (key.most != std::numeric_limits<std::int64_t>::max())
      return ", " + S::format_magnitude(key.least) + " to " + S::format_magnitude(key.most);
    if (key.least > 0) return ", at least " + S::format_magnitude(key.least);
  }
  return {};
}

std::string listed(std::span<const std::string_view> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out.append(i == 0 ? "" : i + 1 == words.size() ? " or " : ", ").append(code(words[i]));
  return out;
}

template <class T>
std::string type_of(const Key& key) {
  if constexpr (Worded<T>) return listed(words<T>);
  if (key.words != nullptr) return listed(key.words());
  return std::string(Scalar<T>::type);
}

// "list of TYPEs"
template <class T>
std::string all_of(std::string_view of, const Key& key) {
  if constexpr (Worded<T>) return std::string(of) + listed(words<T>);
  return std::string(of) + type_of<T>(key) + "s";
}

class ReferenceVisitor {
 public:
  ReferenceVisitor(std::string& out, std::string path, std::string_view inside = "")
      : out_(out), path_(std::move(path)), inside_(inside) {}

  template <class T>
  void field(const Key& key, T& value) {
    walk(key, value, path_.empty() ? std::string(key.name) : path_ + "." + std::string(key.name), true);
  }
  void keyword(const Key& key, bool&, std::string_view word) {
    row(key, path_ + "." + std::string(key.name), "the word " + code(word), std::string(key.shown_default));
  }
  template <class T>
  void kind(const Key& key, T& options, bool) {
    field(key, options);
  }
  void later(std::initializer_list<std::string_view>) {}

 private:
  void row(const Key& key, const std::string& path, const std::string& type, const std::string& default_text) {
    const std::string metric = "triage_limit_hits_total{limit=\"" + std::string(key.name) + "\"}";
    out_ += "| " + code(path) + " | " + type + " | " + (key.required ? "**required**" : default_text) + " | " +
            std::string(key.text) + " | " + (key.counted ? code(metric) : "") + " |\n";
  }

  // `own`: the key itself gets a row; else it is the item of a list that has one.
  template <class T>
  void walk(const Key& key, T& value, const std::string& path, bool own) {
    const std::string shown(key.shown_default);
    if constexpr (OptionalType<T>) {
      typename OptionalOf<T>::Value inside{};
      Key optional = key;
      if (shown.empty()) optional.shown_default = "none";
      walk(optional, inside, path, own);
    } else if constexpr (ScalarType<T>) {
      const std::string written = Scalar<T>::format(value);
      if (own)
        row(key, path, type_of<T>(key) + bounds<T>(key),
            !shown.empty()    ? shown
            : written.empty() ? "none"
                              : code(written));
    } else if constexpr (ListType<T>) {
      walk_list(key, value, path, own);
    } else {
      if (!recursive_name<T>.empty() && recursive_name<T> == inside_) {
        if (own) row(key, path, "a " + std::string(inside_), shown);
        return;
      }
      if (own) row(key, path, is_choice<T> ? "a kind" : "map", shown);
      ReferenceVisitor inner(out_, path, recursive_name<T>.empty() ? inside_ : recursive_name<T>);
      describe(inner, value);
    }
  }

  template <class T>
  void walk_list(const Key& key, std::vector<T>&, const std::string& path, bool own) {
    const std::string shown = key.shown_default.empty() ? "none" : std::string(key.shown_default);
    const std::string entry = ".<" + std::string(key.entry) + ">";
    if constexpr (is_named<T>) {
      if (own) row(key, path, "map of sections", shown);
      T section{};
      walk(key, section, path + entry, false);
    } else if constexpr (PairOf<T>::value) {
      using Value = typename PairOf<T>::Value;
      if constexpr (ScalarType<Value>) {
        if (own) row(key, path, all_of<Value>("map of ", key), shown);
      } else {
        if (own) row(key, path, "map of lists", shown);
      }
      Value value{};
      walk(key, value, path + entry, false);
    } else {
      if constexpr (ScalarType<T>) {
        if (own) row(key, path, all_of<T>("list of ", key), shown);
      } else {
        const bool again = !recursive_name<T>.empty() && recursive_name<T> == inside_;
        if (own) row(key, path, again ? "list of " + std::string(inside_) + "s" : "list", shown);
      }
      T item{};
      walk(key, item, path + "[]", false);
    }
  }

  std::string& out_;
  std::string path_;
  std::string_view inside_;  // the section around it that can hold itself
};

// The top level: a heading and a table each.
struct TablesVisitor {
  std::string out;

  template <class T>
  void field(const Key& key, T& value) {
    out += "### `" + std::string(key.name) + "`\n\n";
    out += "| key | type | default | what it is | metric |\n|---|---|---|---|---|\n";
    ReferenceVisitor rows(out, "");
    rows.field(key, value);
    out += "\n";
  }
  void keyword(const Key&, bool&, std::string_view) {}
  template <class T>
  void kind(const Key&, T&, bool) {}
  void later(std::initializer_list<std::string_view>) {}
};

}  // namespace
}  // namespace triage::config

namespace triage {

std::string config_reference() {
  config::TablesVisitor visitor;
  ConfigSpec spec;
  config::describe(visitor, spec);
  return visitor.out;
}

}  // namespace triage
