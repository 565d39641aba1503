#pragma once
// A value of a parsed JSON file that knows its path, so that whatever is wrong with it is told with its place.

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace triage::tokenize {

/// The first thing that is wrong with a file: "model.unk_token: expected a string, found a number".
class Faults {
 public:
  void add(std::string_view path, std::string_view what);
  [[nodiscard]] bool any() const noexcept { return !first_.empty(); }
  [[nodiscard]] const std::string& first() const noexcept { return first_; }

 private:
  std::string first_;
};

/// What a function reads from a value of the wrong kind is empty, and the fault is noted. The parser and the Faults
/// must outlive it.
class JsonNode {
 public:
  JsonNode(simdjson::dom::element value, std::string path, Faults& faults)
      : value_(value), path_(std::move(path)), faults_(&faults) {}

  /// Neither missing nor null.
  [[nodiscard]] bool given() const noexcept { return value_ && !value_->is_null(); }
  [[nodiscard]] bool is_object() const noexcept { return value_ && value_->is_object(); }
  [[nodiscard]] bool is_array() const noexcept { return value_ && value_->is_array(); }
  [[nodiscard]] bool is_string() const noexcept { return value_ && value_->is_string(); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] Faults& faults() const noexcept { return *faults_; }

  /// A member of an object; what else has none. A member that is missing is a node that is not given.
  [[nodiscard]] JsonNode operator[](std::string_view name) const;

  // The value must be given.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::uint32_t number() const;
  [[nodiscard]] double real() const;
  // The same with a value for what is not given.
  [[nodiscard]] std::string text_or(std::string_view otherwise) const {
    return given() ? text() : std::string(otherwise);
  }
  [[nodiscard]] bool boolean_or(bool otherwise) const { return given() ? boolean() : otherwise; }
  [[nodiscard]] std::uint32_t number_or(std::uint32_t otherwise) const { return given() ? number() : otherwise; }

  /// Calls `element(node)` for each element of an array, until there is a fault.
  template <class Element>
  void each_element(Element element) const {
    simdjson::dom::array array;
    if (!given() || value_->get(array) != simdjson::SUCCESS) return expected("an array");
    std::size_t index = 0;
    for (const simdjson::dom::element value : array) {
      if (faults_->any()) return;
      element(JsonNode(value, path_ + '[' + std::to_string(index++) + ']', *faults_));
    }
  }

  /// Calls `member(name, node)` for each member of an object, until there is a fault.
  template <class Member>
  void each_member(Member member) const {
    simdjson::dom::object object;
    if (!given() || value_->get(object) != simdjson::SUCCESS) return expected("an object");
    for (const simdjson::dom::key_value_pair pair : object) {
      if (faults_->any()) return;
      member(pair.key, JsonNode(pair.value, below(pair.key), *faults_));
    }
  }

  /// A member that is not among `names` is a fault: it would be ignored.
  void allow(std::initializer_list<std::string_view> names) const;

  /// Notes a fault of this value.
  void fault(std::string_view what) const { faults_->add(path_, what); }
  /// Notes that it should be `what`, and what it is instead.
  void expected(std::string_view what) const;

 private:
  JsonNode(std::string path, Faults& faults) : path_(std::move(path)), faults_(&faults) {}
  [[nodiscard]] std::string below(std::string_view name) const;

  std::optional<simdjson::dom::element> value_;
  std::string path_;
  Faults* faults_;
};

}  // namespace triage::tokenize
