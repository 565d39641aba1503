#pragma once
// The types that values of the configuration have, as those see them who read, dump, document or compare values of any
// type. type_of<T>() makes the Type of a T:
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
// there, and then part of the reader, `triage schema`, the dump, `check --diff` and docs/configuration.md.

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

/// A value of any type. Does not own it.
struct Ref {
  const Type* type;
  void* at;
};

template <class T>
const Type& type_of();

/// Is told what a section holds.
class Describer {
 public:
  /// A key and where its value is.
  template <class T>
  void field(const Key& key, T& value) {
    visit(key, {&type_of<T>(), &value});
  }
  /// A flag that is switched on by one word.
  virtual void keyword(const Key& key, bool& value, std::string_view word) = 0;
  /// Keys that the contract has and this version does not.
  virtual void later(std::initializer_list<std::string_view> /*names*/) {}

 protected:
  ~Describer() = default;
  virtual void visit(const Key& key, Ref value) = 0;
};

/// One way to be a choice. Its options are of a type that only its own file needs to know.
struct Kind {
  std::string_view name;
  std::string_view text;              ///< what it is, one sentence without a full stop
  const Type& (*type)();              ///< of its options
  const std::any& (*unwritten)();     ///< its options as they are if nothing is written
  void* (*value)(std::any& options);  ///< options of that type
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

/// The key of a section that a bare text stands for; "" if a bare text is not allowed.
template <class T>
inline constexpr std::string_view short_form = "";

/// Sections and choices that can hold themselves: their name in the JSON schema's $defs. "" for all others.
template <class T>
inline constexpr std::string_view recursive_name = "";

enum class Shape : std::uint8_t { scalar, optional, list, map, named, section, choice };

/// How JSON may write it, besides as a text.
enum class JsonForm : std::uint8_t { text, boolean, integer, number, money, anything };

/// Who may see it.
enum class Seen : std::uint8_t { by_all, as_hash, by_nobody };

/// A word that is still read, and the place of what it means among the words.
struct OldWord {
  std::string_view word;
  std::size_t now;
};

struct ScalarType {
  std::string_view name;
  std::string_view hint;
  std::string_view pattern;
  bool bounded;
  JsonForm json;
  Seen seen;
  std::span<const std::string_view> words;  ///< all that it can be; empty: it is no closed list
  std::string_view noun;                    ///< what one of them is
  std::vector<OldWord> (*old_words)();
  std::any (*parse)(std::string_view text, std::string& problem);  ///< empty: `problem` says why
  void (*assign)(void* to, std::any value);                        ///< what parse() gave
  std::string (*format)(const void* value);                        ///< secrets as ***
  std::string (*in_clear)(const void* value);
  std::int64_t (*magnitude)(const std::any& value);  ///< of what is bounded
  std::string (*format_magnitude)(std::int64_t magnitude);
  bool (*is_hidden)(std::string_view text);  ///< no message may show it
};

struct ContainerType {
  const Type& (*inside)();
  std::size_t (*size)(const void* value);  ///< of what is optional: 0 or 1
  void* (*at)(void* value, std::size_t index);
  const std::string& (*name_at)(const void* value, std::size_t index);  ///< of an entry of a map, or a named section
  void* (*add)(void* value, std::string_view name);                     ///< one more
};

struct SectionType {
  std::string_view short_form;
  std::string_view recursive_name;
  void (*describe)(Describer& describer, void* value);
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
  std::shared_ptr<void> (*unwritten)();  ///< a value as it is if nothing is written
  const ScalarType* scalar = nullptr;    ///< one of these four
  const ContainerType* container = nullptr;
  const SectionType* section = nullptr;
  const ChoiceType* choice = nullptr;

  [[nodiscard]] std::string_view recursive_name() const noexcept {
    return section != nullptr ? section->recursive_name : choice != nullptr ? choice->recursive_name : "";
  }
  [[nodiscard]] const Type& inside() const { return container->inside(); }
};

/// The kind that the value of a choice is of; nullptr: of none that is known.
inline const Kind* kind_of(Ref choice) {
  const std::string& name = choice.type->choice->kind(choice.at);
  for (const Kind* kind : choice.type->choice->kinds())
    if (kind->name == name) return kind;
  return nullptr;
}

/// A kind's options: at their defaults where `options` holds none.
template <class Options>
const Options& options_as(const std::any& options) {
  static const Options unwritten{};
  return options.has_value() ? std::any_cast<const Options&>(options) : unwritten;
}

/// The same, to be changed.
template <class Options>
Options& options_in(std::any& options) {
  if (!options.has_value()) options = Options();
  return std::any_cast<Options&>(options);
}

}  // namespace triage::options
