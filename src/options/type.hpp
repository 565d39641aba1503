#pragma once
// The types of configuration values, as seen by code that reads, dumps, documents or compares values of any type.
// type_of<T>() makes the Type of a T:
//
//   scalar     Scalar<T> says how it is written (key.hpp)
//   optional   std::optional<T>, Boxed<T>
//   list       std::vector<T>
//   map        std::vector<std::pair<std::string, T>>, in the order of the file
//   named      std::vector<T> of sections that a map defines by name: its key is the section's `name`
//   section    a struct with describe(Describer&, T&) beside it
//   choice     a struct of a `kind` and its `options`, with a Choice<T>
//
// A section's description calls the Describer once for each key, in the order of the documentation. A key is one line
// there, and so becomes part of the reader, `triage schema`, the dump, `check --diff` and docs/configuration.md.

#include "options/key.hpp"

#include <any>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace triage::options {

struct Type;

/// A reference to a value of any type.
struct Ref {
  const Type* type;
  void* at;
};

template <class T>
const Type& type_of();

/// Receives what a section contains.
class Describer {
 public:
  /// A key, and where its value is.
  template <class T>
  void field(const Key& key, T& value) {
    visit(key, {&type_of<T>(), &value});
  }
  /// A flag that one word switches on.
  virtual void keyword(const Key& key, bool& value, std::string_view word) = 0;
  /// Keys that the contract defines but this version does not support.
  virtual void later(std::initializer_list<std::string_view> /*names*/) {}
  /// Keys that stand elsewhere, for the reason given.
  virtual void elsewhere(std::initializer_list<std::string_view> /*names*/, std::string_view /*why*/) {}

 protected:
  ~Describer() = default;
  virtual void visit(const Key& key, Ref value) = 0;
};

/// One kind that a choice can have. Its options have a type that only its own file needs to know.
struct Kind {
  std::string_view name;
  std::string_view text;              ///< what it is, in one sentence without a full stop
  const Type& (*type)();              ///< the type of its options
  const std::any& (*unwritten)();     ///< its options when nothing is written
  void* (*value)(std::any& options);  ///< a pointer to options of that type
};

template <class Options>
constexpr Kind kind_of(std::string_view name, std::string_view text) {
  return {name, text, type_of<Options>,
          []() -> const std::any& {
            static const std::any options{Options()};
            return options;
          },
          [](std::any& options) -> void* { return std::any_cast<Options>(&options); }};
}

/// The kinds of a T, which is {std::string kind; std::any options}:
///   static std::vector<const Kind*> kinds();
///   static constexpr std::array<std::string_view, N> later;   those that the contract has and this version does not
template <class T>
struct Choice;

/// Sections that a map defines by name.
template <class T>
inline constexpr bool is_named = false;

/// The key of a section that a bare text sets; "" if a bare text is not allowed.
template <class T>
inline constexpr std::string_view short_form = "";

/// The name in the JSON Schema's $defs of a section or choice that can contain itself; "" for all others.
template <class T>
inline constexpr std::string_view recursive_name = "";

/// The section around a section that starts as a copy of it, so that only what differs is written: `type`. Such a T has
/// a function start_as(T&, const type&).
template <class T>
struct Overlay {
  using type = void;
};

enum class Shape : std::uint8_t { scalar, optional, list, map, named, section, choice };

/// How JSON may write the value, besides as a text.
enum class JsonForm : std::uint8_t { text, boolean, integer, number, money, anything };

/// Who may see the value.
enum class Seen : std::uint8_t { by_all, as_hash, by_nobody };

/// A deprecated word, and the index of the word that replaces it.
struct OldWord {
  std::string_view word;
  std::size_t now;
};

struct ScalarType {
  std::string_view name;
  std::string_view hint;
  std::string_view pattern;
  bool bounded;
  bool part;  ///< a PartFile: what it names is read, too
  JsonForm json;
  Seen seen;
  std::span<const std::string_view> words;  ///< all possible values; empty: not a closed list
  std::string_view noun;                    ///< what the words are called
  std::vector<OldWord> (*old_words)();
  std::any (*parse)(std::string_view text, std::string& problem);  ///< empty: `problem` says why
  void (*assign)(void* to, std::any value);                        ///< what parse() gave
  std::string (*format)(const void* value);                        ///< secrets as ***
  std::string (*in_clear)(const void* value);
  std::int64_t (*magnitude)(const std::any& value);  ///< of a bounded value
  std::string (*format_magnitude)(std::int64_t magnitude);
  bool (*is_hidden)(std::string_view text);  ///< whether no message may show `text`
};

struct ContainerType {
  const Type& (*inside)();
  std::size_t (*size)(const void* value);  ///< of an optional: 0 or 1
  void* (*at)(void* value, std::size_t index);
  const std::string& (*name_at)(const void* value, std::size_t index);  ///< of a map's entry, or a named section
  void* (*add)(void* value, std::string_view name);                     ///< adds an entry
  void (*clear)(void* value);
  void (*remove)(void* value, std::size_t index);  ///< null for an optional
};

struct SectionType {
  std::string_view short_form;
  std::string_view recursive_name;
  void (*describe)(Describer& describer, void* value);
  const Type& (*base)();  ///< the Overlay's type; null: it is none
  void (*start_as)(void* value, const void* base);
};

struct ChoiceType {
  std::string_view recursive_name;
  std::vector<const Kind*> (*kinds)();
  std::span<const std::string_view> later;
  std::string& (*kind)(void* value);
  std::any& (*options)(void* value);
};

struct Type {
  Shape shape;
  std::shared_ptr<void> (*unwritten)();  ///< a value when nothing is written
  const ScalarType* scalar = nullptr;    ///< exactly one of these four is set
  const ContainerType* container = nullptr;
  const SectionType* section = nullptr;
  const ChoiceType* choice = nullptr;

  [[nodiscard]] std::string_view recursive_name() const noexcept {
    return section != nullptr ? section->recursive_name : choice != nullptr ? choice->recursive_name : "";
  }
  [[nodiscard]] const Type& inside() const { return container->inside(); }
  /// Whether only what differs from the section around it is written.
  [[nodiscard]] bool overlay() const noexcept { return section != nullptr && section->base != nullptr; }
};

/// The kind that a choice's value names; nullptr: none that is known.
inline const Kind* kind_of(Ref choice) {
  const std::string& name = choice.type->choice->kind(choice.at);
  for (const Kind* kind : choice.type->choice->kinds())
    if (kind->name == name) return kind;
  return nullptr;
}

/// A kind's options; the defaults if `options` is empty.
template <class Options>
const Options& options_as(const std::any& options) {
  static const Options unwritten{};
  return options.has_value() ? std::any_cast<const Options&>(options) : unwritten;
}

/// The same, mutable.
template <class Options>
Options& options_in(std::any& options) {
  if (!options.has_value()) options = Options();
  return std::any_cast<Options&>(options);
}

}  // namespace triage::options
