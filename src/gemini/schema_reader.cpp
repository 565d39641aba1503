// {"type":"OBJECT","nullable":true,"properties":{"n":{"type":"INTEGER","minimum":1},"tags":{"type":"ARRAY",
//  "items":{...},"minItems":"1"}},"required":["n"],"propertyOrdering":["n","tags"],"anyOf":[...],"enum":[...]}
#include "gemini/schema_reader.hpp"

#include "base/ascii.hpp"
#include "gemini/spelling.hpp"
#include "json/json.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace triage::gemini {
namespace {

using Kind = JsonReader::Kind;

constexpr std::array<std::string_view, 8> limits{"minItems",      "maxItems",      "minLength", "maxLength",
                                                 "minProperties", "maxProperties", "minimum",   "maximum"};
constexpr std::array<std::string_view, 3> lists{"anyOf", "oneOf", "allOf"};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return to_lower(c); });
  return text;
}

class SchemaReader {
 public:
  SchemaReader(JsonReader& in, std::string_view json, std::string& out) : in_(in), json_(json), out_(out) {}

  void read() {
    if (in_.kind() != Kind::object) {  // additionalProperties: true
      out_ += value();
      return;
    }
    each_member(in_, [this](const JsonString& name) { read_member(name); });
    out_ += '{';
    add_type();
    add_enum();
    add_properties();
    for (const auto& [name, text] : members_) add(name, text);
    out_ += '}';
  }

 private:
  std::string_view value() {
    const std::size_t begin = in_.value_offset();
    in_.skip();
    return json_.substr(begin, in_.offset() - begin);
  }

  std::string inner() {
    std::string out;
    SchemaReader(in_, json_, out).read();
    return out;
  }

  void read_member(const JsonString& name) {
    if (name.is("type"))
      read_type();
    else if (name.is("nullable") && in_.kind() == Kind::boolean)
      in_.boolean(nullable_);
    else if (name.is("properties") && in_.kind() == Kind::object)
      each_member(in_, [this](const JsonString& each) { properties_.emplace_back(each.text(), inner()); });
    else if (name.is("enum") && in_.kind() == Kind::array)
      each_element(in_, [this] { enum_.push_back(value()); });
    else if (is_called(name, "propertyOrdering") && in_.kind() == Kind::array)
      each_element(in_, [this] { read_order(); });
    else if (name.is("items") || is_called(name, "additionalProperties"))
      members_.emplace_back(name.is("items") ? "items" : "additionalProperties", inner());
    else if (!read_list(name) && !read_limit(name))
      members_.emplace_back(is_called(name, "prefixItems") ? "prefixItems" : name.text(), value());
  }

  void read_order() {
    JsonString text;
    if (in_.kind() == Kind::string && in_.string(text))
      order_.push_back(text.text());
    else
      in_.skip();
  }

  void read_type() {
    JsonString text;
    if (in_.kind() != Kind::string) {
      type_ = value();
    } else if (in_.string(text)) {
      const std::string word = lower(text.text());
      if (word != "type_unspecified") append_json_string(type_, word);
    }
  }

  bool read_list(const JsonString& name) {
    const auto list = std::ranges::find_if(lists, [&](std::string_view each) { return is_called(name, each); });
    if (list == lists.end() || in_.kind() != Kind::array) return false;
    std::string all;
    each_element(in_, [&] { all.append(all.empty() ? "[" : ",").append(inner()); });
    if (all.empty()) return true;
    if (list == lists.begin())
      any_of_ = std::move(all);
    else
      members_.emplace_back(*list, all += ']');
    return true;
  }

  bool read_limit(const JsonString& name) {
    for (const std::string_view limit : limits) {
      if (!is_called(name, limit)) continue;
      if (const std::string_view number = read_number(in_); !number.empty()) members_.emplace_back(limit, number);
      return true;
    }
    return false;
  }

  void add(std::string_view name, std::string_view text) {
    if (out_.back() != '{') out_ += ',';
    append_json_string(out_, name);
    out_.append(":").append(text);
  }

  void add_type() {
    const bool plain = !type_.empty() && type_.front() == '"';
    if (!type_.empty()) add("type", nullable_ && plain ? "[" + type_ + R"(,"null"])" : type_);
    if (!any_of_.empty()) add("anyOf", any_of_ + (nullable_ && type_.empty() ? R"(,{"type":"null"}])" : "]"));
  }

  // Its values are texts, even those of a number.
  void add_enum() {
    if (enum_.empty()) return;
    const bool number = type_ == R"("integer")" || type_ == R"("number")";
    std::string all = "[";
    for (std::string_view text : enum_) {
      if (number && text.size() > 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
      all.append(all.size() > 1 ? "," : "").append(text);
    }
    add("enum", all += nullable_ ? ",null]" : "]");
  }

  void add_properties() {
    if (properties_.empty()) return;
    const auto place = [this](const auto& property) {
      return std::ranges::find(order_, property.first) - order_.begin();
    };
    std::ranges::stable_sort(properties_, {}, place);
    std::string all = "{";
    for (const auto& [name, text] : properties_) {
      if (all.size() > 1) all += ',';
      append_json_string(all, name);
      all.append(":").append(text);
    }
    add("properties", all += '}');
  }

  using Members = std::vector<std::pair<std::string, std::string>>;

  JsonReader& in_;
  std::string_view json_;
  std::string& out_;
  std::string type_;  // as JSON
  bool nullable_ = false;
  std::string any_of_;  // without its end
  std::vector<std::string_view> enum_;
  Members properties_;
  std::vector<std::string> order_;
  Members members_;
};

}  // namespace

std::string_view json_schema_of(std::string_view schema, BlockRequest& owner) {
  JsonReader in(schema);
  std::string out;
  SchemaReader(in, schema, out).read();
  return owner.own(std::move(out));
}

}  // namespace triage::gemini
