#include "tokenize/json_node.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <limits>

namespace triage::tokenize {

namespace {

std::string_view kind_of(const simdjson::dom::element& value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY: return "an array";
    case simdjson::dom::element_type::OBJECT: return "an object";
    case simdjson::dom::element_type::STRING: return "a string";
    case simdjson::dom::element_type::BOOL: return "a boolean";
    case simdjson::dom::element_type::NULL_VALUE: return "null";
    default: return "a number";
  }
}

}  // namespace

void Faults::add(std::string_view path, std::string_view what) {
  if (any()) return;
  first_ = path.empty() ? "the file" : path;
  first_ += ": ";
  first_ += what;
}

std::string JsonNode::below(std::string_view name) const {
  const bool plain = !name.empty() && name.size() <= 64 &&
                     std::all_of(name.begin(), name.end(), [](char c) { return is_alphanumeric(c) || c == '_'; });
  if (!plain) return path_ + "[\"" + std::string(name.substr(0, 64)) + "\"]";
  return path_.empty() ? std::string(name) : path_ + '.' + std::string(name);
}

JsonNode JsonNode::operator[](std::string_view name) const {
  simdjson::dom::element found;
  if (!is_object() || value_->at_key(name).get(found) != simdjson::SUCCESS) return {below(name), *faults_};
  return {found, below(name), *faults_};
}

std::string JsonNode::text() const {
  std::string_view text;
  if (!value_ || value_->get(text) != simdjson::SUCCESS) expected("a string");
  return std::string(text);
}

bool JsonNode::boolean() const {
  bool is = false;
  if (!value_ || value_->get(is) != simdjson::SUCCESS) expected("true or false");
  return is;
}

std::uint32_t JsonNode::number() const {
  std::uint64_t number = 0;
  // The largest is the mark for "none".
  if (!value_ || value_->get(number) != simdjson::SUCCESS || number >= std::numeric_limits<std::uint32_t>::max()) {
    expected("a whole number from 0 to 4294967294");
    return 0;
  }
  return static_cast<std::uint32_t>(number);
}

double JsonNode::real() const {
  double number = 0;
  if (!value_ || value_->get(number) != simdjson::SUCCESS) expected("a number");
  return number;
}

void JsonNode::allow(std::initializer_list<std::string_view> names) const {
  each_member([&](std::string_view name, const JsonNode& member) {
    if (std::find(names.begin(), names.end(), name) == names.end()) member.fault("this member is not supported");
  });
}

void JsonNode::expected(std::string_view what) const {
  fault("expected " + std::string(what) + ", found " + std::string(value_ ? kind_of(*value_) : "nothing"));
}

}  // namespace triage::tokenize
