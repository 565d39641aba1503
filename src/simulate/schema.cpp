#include "simulate/schema.hpp"

#include "base/text.hpp"
#include "json/json.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

// write(schema): $ref -> its target; const, enum, anyOf, oneOf -> the first; else by type, which may be implied.
// allOf and a schema's own members are considered together: `Parts` is a list of schemas that must all hold.

namespace triage::simulate {

namespace {

using simdjson::SUCCESS;
using Element = simdjson::dom::element;

constexpr int depth_most = 24;                // a schema that refers to itself ends here
constexpr std::size_t looked_at_most = 4096;  // and one that doubles at every level here
constexpr std::size_t output_most = 1 << 20;

class Writer {
 public:
  Writer(Element root, std::string_view answer) : root_(root), answer_(answer) {}

  void write(Element schema, std::string_view key, int depth) {
    Parts parts;
    collect(schema, parts, depth);
    if (depth > depth_most || spent()) {
      out_ += "null";
    } else if (const auto fixed = find(parts, "const")) {
      out_ += simdjson::minify(*fixed);
    } else if (const auto choices = find(parts, "enum"); choices && choices->is_array() && first_of(*choices)) {
      out_ += simdjson::minify(*first_of(*choices));
    } else {
      write_type(parts, key, depth);
    }
  }

  std::string take() { return std::move(out_); }

 private:
  using Parts = std::vector<Element>;

  [[nodiscard]] bool spent() const { return looked_at_ > looked_at_most || out_.size() > output_most; }

  static std::optional<Element> find(const Parts& parts, std::string_view key) {
    Element value;
    for (const Element part : parts)
      if (part[key].get(value) == SUCCESS) return value;
    return std::nullopt;
  }

  static std::optional<Element> first_of(Element list) {
    simdjson::dom::array entries;
    if (list.get_array().get(entries) != SUCCESS || entries.size() == 0) return std::nullopt;
    return *entries.begin();
  }

  static std::optional<double> number_of(const Parts& parts, std::string_view key) {
    const auto value = find(parts, key);
    double number = 0;
    if (!value || value->get_double().get(number) != SUCCESS) return std::nullopt;
    return number;
  }

  static std::size_t count_of(const Parts& parts, std::string_view key, std::size_t otherwise) {
    const auto number = number_of(parts, key);
    return number && *number >= 0 ? static_cast<std::size_t>(std::min(*number, 10'000.0)) : otherwise;
  }

  // Collects the schema, what it refers to, all of allOf and the first of anyOf and oneOf.
  void collect(Element schema, Parts& parts, int depth) {
    if (!schema.is_object() || depth > depth_most || parts.size() > 64 || spent()) return;
    ++looked_at_;
    parts.push_back(schema);
    std::string_view target;
    Element found;
    if (schema["$ref"].get_string().get(target) == SUCCESS && resolve(target, found)) collect(found, parts, depth + 1);
    simdjson::dom::array all;
    if (schema["allOf"].get_array().get(all) == SUCCESS)
      for (const Element part : all) collect(part, parts, depth + 1);
    for (const std::string_view key : {std::string_view("anyOf"), std::string_view("oneOf")}) {
      Element choices;
      if (schema[key].get(choices) != SUCCESS) continue;
      if (const auto first = first_of(choices)) collect(*first, parts, depth + 1);
    }
  }

  // Resolves "#" or "#/a/b", a JSON pointer (RFC 6901).
  bool resolve(std::string_view target, Element& found) const {
    if (target == "#") {
      found = root_;
      return true;
    }
    return target.starts_with("#/") && root_.at_pointer(target.substr(1)).get(found) == SUCCESS;
  }

  static std::string_view type_of(const Parts& parts) {
    for (const Element part : parts) {
      Element type;
      std::string_view name;
      if (part["type"].get(type) != SUCCESS) continue;
      if (type.get_string().get(name) == SUCCESS) return name;
      if (const auto first = first_of(type); first && first->get_string().get(name) == SUCCESS) return name;
    }
    if (find(parts, "properties") || find(parts, "required")) return "object";
    if (find(parts, "items") || find(parts, "prefixItems")) return "array";
    return {};
  }

  void write_type(const Parts& parts, std::string_view key, int depth) {
    const std::string_view type = type_of(parts);
    if (type == "string") {
      write_string(parts, key);
    } else if (type == "integer" || type == "number") {
      write_number(parts, key, type == "integer");
    } else if (type == "boolean") {
      out_ += "true";
    } else if (type == "array") {
      write_array(parts, depth);
    } else if (type == "null") {
      out_ += "null";
    } else {
      write_object(parts, depth);
    }
  }

  void write_object(const Parts& parts, int depth) {
    std::vector<std::string_view> written;
    out_ += '{';
    for (const Element part : parts) {
      simdjson::dom::array required;
      if (part["required"].get_array().get(required) != SUCCESS) continue;
      for (const Element entry : required) {
        std::string_view name;
        if (entry.get_string().get(name) != SUCCESS) continue;
        if (std::find(written.begin(), written.end(), name) != written.end() || spent()) continue;
        if (!written.empty()) out_ += ',';
        written.push_back(name);
        append_json_string(out_, name);
        out_ += ':';
        write_property(parts, name, depth);
      }
    }
    out_ += '}';
  }

  void write_property(const Parts& parts, std::string_view name, int depth) {
    for (const Element part : parts) {
      Element schema;
      if (part["properties"].get(schema) == SUCCESS && schema[name].get(schema) == SUCCESS && schema.is_object())
        return write(schema, name, depth + 1);
    }
    append_json_string(out_, "text");
  }

  void write_array(const Parts& parts, int depth) {
    simdjson::dom::array prefix;
    const auto prefixes = find(parts, "prefixItems");
    const bool has_prefix = prefixes && prefixes->get_array().get(prefix) == SUCCESS;
    const auto items = find(parts, "items");
    std::size_t written = 0;
    out_ += '[';
    if (has_prefix) {
      for (const Element schema : prefix) {
        if (written++ > 0) out_ += ',';
        write(schema, {}, depth + 1);
      }
    }
    for (const std::size_t least = count_of(parts, "minItems", 0); written < least && !spent();) {
      if (written++ > 0) out_ += ',';
      if (items && items->is_object()) {
        write(*items, {}, depth + 1);
      } else {
        append_number(out_, written);
      }
    }
    out_ += ']';
  }

  static bool wants_answer(std::string_view key) { return key == "answer" || key == "result" || key == "value"; }

  void write_string(const Parts& parts, std::string_view key) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 9> samples{
        {{"date-time", "2025-01-01T00:00:00Z"},
         {"date", "2025-01-01"},
         {"time", "00:00:00Z"},
         {"duration", "P1D"},
         {"email", "someone@example.com"},
         {"hostname", "example.com"},
         {"ipv4", "192.0.2.1"},
         {"ipv6", "2001:db8::1"},
         {"uuid", "00000000-0000-4000-8000-000000000000"}}};
    std::string text(wants_answer(key) && !answer_.empty() ? answer_ : std::string_view("text"));
    std::string_view format;
    if (const auto value = find(parts, "format"); value && value->get_string().get(format) == SUCCESS) {
      for (const auto& [name, sample] : samples)
        if (name == format) text = sample;
      if (format == "uri") text = "https://example.com/";
    }
    const std::size_t least = count_of(parts, "minLength", 0);
    const std::size_t most = count_of(parts, "maxLength", std::string::npos);
    if (text.size() < least) text.append(least - text.size(), 'x');
    if (text.size() > most) text.assign(most, 'x');  // whole code points, however long the answer's are
    append_json_string(out_, text);
  }

  void write_number(const Parts& parts, std::string_view key, bool whole) {
    const double step = std::abs(number_of(parts, "multipleOf").value_or(whole ? 1 : 0));
    std::optional<double> least = number_of(parts, "minimum");
    if (const auto above = number_of(parts, "exclusiveMinimum")) least = *above + (step > 0 ? step : 0.5);
    std::optional<double> most = number_of(parts, "maximum");
    if (const auto below = number_of(parts, "exclusiveMaximum")) most = *below - (step > 0 ? step : 0.5);
    double value = whole || step > 0 ? 1 : 0.5;
    double given = 0;
    const auto [end, error] = std::from_chars(answer_.data(), answer_.data() + answer_.size(), given);
    if (wants_answer(key) && !answer_.empty() && error == std::errc() && end == answer_.data() + answer_.size())
      value = given;
    if (most && value > *most) value = *most;
    if (least && value < *least) value = *least;
    if (step > 0) {
      value = std::ceil(value / step) * step;
      if (most && value > *most) value = std::floor(*most / step) * step;
    }
    if (!std::isfinite(value)) value = 0;
    if (value == std::floor(value) && std::abs(value) < 9e15) {
      append_number(out_, static_cast<std::int64_t>(value));
    } else {
      append_number(out_, value);
    }
  }

  Element root_;
  std::string_view answer_;
  std::string out_;
  std::size_t looked_at_ = 0;
};

}  // namespace

std::string satisfy_schema(std::string_view schema, std::string_view answer) {
  simdjson::dom::parser parser;
  Element root;
  if (parser.parse(schema.data(), schema.size(), true).get(root) != SUCCESS) return "{}";
  Writer writer(root, answer);
  writer.write(root, {}, 0);
  return writer.take();
}

}  // namespace triage::simulate
