// The YAML's shape as JSON: named sections as maps, pairs as maps, choices as {kind: options}, scalars as they would be
// written.
#include "config/describe.hpp"
#include "config/schema.hpp"

#include <nlohmann/json.hpp>

namespace triage::config {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json dump_of(T& value);

struct DumpVisitor {
  Json object = Json::object();

  template <class T>
  void field(const Key& key, T& value) {
    if constexpr (OptionalType<T>) {
      if (!value) return;
    }
    Json written = dump_of(value);
    if (written != "") object[std::string(key.name)] = std::move(written);  // an empty text is one that is not set
  }
  void keyword(const Key& key, bool& value, std::string_view word) {
    if (value) object[std::string(key.name)] = word;
  }
  template <class T>
  void kind(const Key& key, T& options, bool) {
    if (chosen == key.name) object[std::string(key.name)] = dump_of(options);
  }
  void later(std::initializer_list<std::string_view>) {}

  std::string_view chosen = {};
};

template <class T>
Json scalar_json(const T& value) {
  if constexpr (std::is_arithmetic_v<T>)
    return value;
  else
    return Scalar<T>::format(value);
}

template <class T>
Json list_json(std::vector<T>& list) {
  Json out = is_named<T> || PairOf<T>::value ? Json::object() : Json::array();
  for (T& item : list) {
    if constexpr (is_named<T>)
      out[item.name] = dump_of(item);
    else if constexpr (PairOf<T>::value)
      out[item.first] = dump_of(item.second);
    else
      out.push_back(dump_of(item));
  }
  return out;
}

template <class T>
Json dump_of(T& value) {
  if constexpr (OptionalType<T>) {
    return dump_of(*value);
  } else if constexpr (ScalarType<T>) {
    return scalar_json(value);
  } else if constexpr (ListType<T>) {
    return list_json(value);
  } else {
    DumpVisitor visitor;
    if constexpr (is_choice<T>) visitor.chosen = value.kind;
    describe(visitor, value);
    return std::move(visitor.object);
  }
}

}  // namespace
}  // namespace triage::config

namespace triage {

std::string config_dump(const ConfigSpec& spec) {
  ConfigSpec copy = spec;  // describe() takes what it could change
  return config::dump_of(copy).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace triage
