#pragma once
// type_of<T>(), for code that describes types: see type.hpp.

#include "options/type.hpp"

#include <concepts>
#include <type_traits>
#include <utility>

namespace triage::options {

template <class T>
constexpr JsonForm json_of() {
  if (std::same_as<T, bool>) return JsonForm::boolean;
  if (std::integral<T>) return JsonForm::integer;
  if (std::floating_point<T>) return JsonForm::number;
  if (std::derived_from<Scalar<T>, Money>) return JsonForm::money;
  return std::same_as<T, std::string> ? JsonForm::anything : JsonForm::text;
}

template <class T>
constexpr Seen seen_of() {
  if (std::same_as<T, Sha256>) return Seen::as_hash;
  return std::same_as<T, Secret> ? Seen::by_nobody : Seen::by_all;
}

template <class T>
std::any parse_scalar(std::string_view text, std::string& problem) {
  if constexpr (Worded<T>) {
    const auto value = from_word<T>(text);
    if (!value) problem = "it is not known";
    return value ? std::any(*value) : std::any();
  } else {
    auto value = Scalar<T>::parse(text);
    if (!value) problem = value.error().message;
    return value ? std::any(std::move(*value)) : std::any();
  }
}

template <class T>
std::vector<OldWord> old_words_of() {
  std::vector<OldWord> out;
  if constexpr (Worded<T>)
    for (const auto& [text, value] : old_words<T>) out.push_back({text, static_cast<std::size_t>(value)});
  return out;
}

template <class T>
constexpr ScalarType scalar_type() {
  ScalarType out{};
  out.name = Scalar<T>::type;
  out.hint = Scalar<T>::hint;
  out.pattern = Scalar<T>::pattern;
  out.bounded = Scalar<T>::bounded;
  out.part = std::same_as<T, PartFile>;
  out.json = json_of<T>();
  out.seen = seen_of<T>();
  if constexpr (Worded<T>) {
    out.words = words<T>;
    out.noun = word_noun<T>;
  }
  out.old_words = old_words_of<T>;
  out.parse = parse_scalar<T>;
  out.assign = [](void* to, std::any value) { *static_cast<T*>(to) = std::any_cast<T>(std::move(value)); };
  out.format = [](const void* value) { return Scalar<T>::format(*static_cast<const T*>(value)); };
  out.in_clear = [](const void* value) -> std::string {
    if constexpr (std::same_as<T, Secret>) return static_cast<const T*>(value)->reveal();
    return Scalar<T>::format(*static_cast<const T*>(value));
  };
  if constexpr (Scalar<T>::bounded) {
    out.magnitude = [](const std::any& value) { return Scalar<T>::magnitude(std::any_cast<const T&>(value)); };
    out.format_magnitude = [](std::int64_t value) { return Scalar<T>::format_magnitude(value); };
  }
  out.is_hidden = is_hidden<T>;
  return out;
}

template <class T>
constexpr ContainerType optional_type() {
  using Value = typename OptionalOf<T>::Value;
  return {type_of<Value>,
          [](const void* value) -> std::size_t { return *static_cast<const T*>(value) ? 1 : 0; },
          [](void* value, std::size_t) -> void* { return &**static_cast<T*>(value); },
          nullptr,
          [](void* value, std::string_view) -> void* { return &static_cast<T*>(value)->emplace(); },
          [](void* value) { *static_cast<T*>(value) = T(); },
          nullptr};
}

template <class T>
constexpr ContainerType list_type() {
  using Item = typename ListOf<T>::Item;
  ContainerType out{};
  out.size = [](const void* value) { return static_cast<const T*>(value)->size(); };
  out.clear = [](void* value) { static_cast<T*>(value)->clear(); };
  out.remove = [](void* value, std::size_t index) {
    static_cast<T*>(value)->erase(static_cast<T*>(value)->begin() + static_cast<std::ptrdiff_t>(index));
  };
  if constexpr (PairOf<Item>::value) {
    out.inside = type_of<typename PairOf<Item>::Value>;
    out.at = [](void* value, std::size_t index) -> void* { return &(*static_cast<T*>(value))[index].second; };
    out.name_at = [](const void* value, std::size_t index) -> const std::string& {
      return (*static_cast<const T*>(value))[index].first;
    };
    out.add = [](void* value, std::string_view name) -> void* {
      return &static_cast<T*>(value)->emplace_back(std::string(name), typename PairOf<Item>::Value{}).second;
    };
  } else {
    out.inside = type_of<Item>;
    out.at = [](void* value, std::size_t index) -> void* { return &(*static_cast<T*>(value))[index]; };
    out.add = [](void* value, std::string_view name) -> void* {
      Item& item = static_cast<T*>(value)->emplace_back();
      if constexpr (is_named<Item>) item.name = name;
      (void)name;
      return &item;
    };
    if constexpr (is_named<Item>)
      out.name_at = [](const void* value, std::size_t index) -> const std::string& {
        return (*static_cast<const T*>(value))[index].name;
      };
  }
  return out;
}

template <class T>
constexpr Shape list_shape() {
  using Item = typename ListOf<T>::Item;
  return is_named<Item> ? Shape::named : PairOf<Item>::value ? Shape::map : Shape::list;
}

template <class T>
constexpr SectionType section_type() {
  SectionType out{};
  out.short_form = short_form<T>;
  out.recursive_name = recursive_name<T>;
  out.describe = [](Describer& describer, void* value) { describe(describer, *static_cast<T*>(value)); };
  using Base = typename Overlay<T>::type;
  if constexpr (!std::is_void_v<Base>) {
    out.base = type_of<Base>;
    out.start_as = [](void* value, const void* base) {
      start_as(*static_cast<T*>(value), *static_cast<const Base*>(base));
    };
  }
  return out;
}

template <class T>
concept Chosen = requires {
  Choice<T>::kinds();
};

template <class T>
const Type& type_of() {
  constexpr auto unwritten = []() -> std::shared_ptr<void> { return std::make_shared<T>(); };
  if constexpr (IsScalar<T>) {
    static constexpr ScalarType scalar = scalar_type<T>();
    static constexpr Type type{.shape = Shape::scalar, .unwritten = unwritten, .scalar = &scalar};
    return type;
  } else if constexpr (OptionalOf<T>::value) {
    static constexpr ContainerType container = optional_type<T>();
    static constexpr Type type{.shape = Shape::optional, .unwritten = unwritten, .container = &container};
    return type;
  } else if constexpr (ListOf<T>::value) {
    static constexpr ContainerType container = list_type<T>();
    static constexpr Type type{.shape = list_shape<T>(), .unwritten = unwritten, .container = &container};
    return type;
  } else if constexpr (Chosen<T>) {
    static constexpr ChoiceType choice{recursive_name<T>, Choice<T>::kinds, Choice<T>::later,
                                       [](void* value) -> std::string& { return static_cast<T*>(value)->kind; },
                                       [](void* value) -> std::any& { return static_cast<T*>(value)->options; }};
    static constexpr Type type{.shape = Shape::choice, .unwritten = unwritten, .choice = &choice};
    return type;
  } else {
    static constexpr SectionType section = section_type<T>();
    static constexpr Type type{.shape = Shape::section, .unwritten = unwritten, .section = &section};
    return type;
  }
}

}  // namespace triage::options
