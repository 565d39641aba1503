#include "openai/row_line.hpp"

#include "json/json.hpp"
#include "triage/body_padding.hpp"

#include <charconv>
#include <cmath>

namespace triage {
namespace {

using Kind = JsonReader::Kind;

constexpr std::uint32_t depth_max = 64;
constexpr std::size_t shown_max = 40;
constexpr const char* shape = R"(write an object, {"prompt": "...", ...})";

// A value as a message may show it.
std::string shown(std::string_view json) {
  std::string out = valid_utf8(json.substr(0, shown_max));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < ' ') c = '?';
  return json.size() > shown_max ? out + "..." : out;
}

void append_line(JsonReader& in, std::string& out) {
  JsonString text;
  if (!in.string(text)) return;
  if (!out.empty()) out += '\n';
  text.append_to(out);
}

// A text, or parts with texts.
void append_content(JsonReader& in, std::string& out) {
  if (in.kind() == Kind::string) return append_line(in, out);
  each_element(in, [&] {
    each_member(in, [&](const JsonString& name) {
      if (name.is("text") && in.kind() == Kind::string)
        append_line(in, out);
      else
        in.skip();
    });
  });
}

}  // namespace

RowLine::RowLine(std::string_view line) : line_(line), in_(line, depth_max, &names_) {
  if (const auto bad = find_invalid_utf8(line))
    refuse("byte " + std::to_string(*bad + 1) + " of the line is not UTF-8", "save the file as UTF-8");
}

bool RowLine::is_object() {
  if (problem_) return false;
  if (in_.kind() == Kind::object) return true;
  refuse("the line is " + shown(line_), shape);
  return false;
}

void RowLine::finish() {
  if (problem_ || in_.finish()) return;
  if (in_.problem() == JsonReader::Problem::repeated_name)
    return refuse("member '" + std::string(in_.repeated_name()) + "' comes twice", "leave one of them out");
  refuse("the line is not JSON: " + std::string(in_.problem_text()) + " at byte " +
             std::to_string(in_.problem_offset() + 1),
         "write one object on each line");
}

void RowLine::wrong(std::string_view name, std::size_t begin, const char* fix) {
  refuse("'" + std::string(name) + "' is " + shown(line_.substr(begin, in_.offset() - begin)), fix);
}

void RowLine::wrong(std::string_view name, const char* fix) {
  const std::size_t begin = in_.value_offset();
  if (in_.skip()) wrong(name, begin, fix);
}

void RowLine::prompt(std::string& json, bool may_be_blank) {
  constexpr const char* fix = "write a text, or a list of chat messages that have one";
  const std::size_t begin = in_.value_offset();
  if (in_.kind() != Kind::string && in_.kind() != Kind::array) return wrong("prompt", fix);
  if (!in_.skip()) return;
  json = line_.substr(begin, in_.offset() - begin);
  if (may_be_blank) return;
  if (texts_of_prompt(json).find_first_not_of(" \t\r\n") == std::string::npos) wrong("prompt", begin, fix);
}

void RowLine::text(std::string_view name, std::string& out) {
  if (in_.kind() != Kind::string) return wrong(name, "write a text, or leave it out");
  JsonString value;
  if (in_.string(value)) out = valid_utf8(value.text());
}

void RowLine::text_or_null(std::string_view name, std::optional<std::string>& out) {
  if (in_.kind() == Kind::null) {
    in_.null();
    return;
  }
  std::string value;
  text(name, value);
  if (!problem_) out = std::move(value);
}

void RowLine::word(std::string_view name, std::string& out) {
  const std::size_t begin = in_.value_offset();
  text(name, out);
  if (!problem_ && !in_.failed() && out.empty()) wrong(name, begin, "write a text, or leave it out");
}

void RowLine::grade(std::string_view name, std::optional<double>& out) {
  if (in_.kind() != Kind::boolean)
    return number(name, 1, "write a score from 0 (wrong) to 1 (right), or true or false", out);
  if (bool value = false; in_.boolean(value)) out = value ? 1 : 0;
}

void RowLine::number_or_null(std::string_view name, double most, const char* fix, std::optional<double>& out) {
  if (in_.kind() == Kind::null)
    in_.null();
  else
    number(name, most, fix, out);
}

void RowLine::number(std::string_view name, double most, const char* fix, std::optional<double>& out) {
  const std::size_t begin = in_.value_offset();
  if (in_.kind() != Kind::number) return wrong(name, fix);
  std::string_view spelled;
  if (!in_.number(spelled)) return;
  double value = 0;
  const auto [end, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
  if (error != std::errc() || !(value >= 0 && value <= most)) return wrong(name, begin, fix);
  out = value;
}

void RowLine::vector(std::string_view name, std::size_t most, std::vector<float>& out) {
  const std::string subject = "'" + std::string(name) + "' ";
  if (in_.kind() != Kind::array) return wrong(name, "give a list of numbers");
  each_element(in_, [&] {
    const std::size_t begin = in_.value_offset();
    std::string_view spelled;
    float value = 0;
    const bool is_number = in_.kind() == Kind::number;
    if (!(is_number ? in_.number(spelled) : in_.skip())) return;
    const std::from_chars_result read = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
    if (!is_number || read.ec != std::errc() || !std::isfinite(value))
      return refuse(
          subject + "holds " + shown(line_.substr(begin, in_.offset() - begin)) + ", which is no 32-bit number",
          "give it as the encoder did");
    if (out.size() == most)
      return refuse(subject + "has more than " + std::to_string(most) + " numbers", "use an encoder with fewer");
    out.push_back(value);
  });
}

std::string texts_of_prompt(const std::string& json) {
  std::string padded = json;
  padded.append(body_padding, '\0');
  JsonReader in(std::string_view(padded).substr(0, json.size()), depth_max);
  std::string out;
  if (in.kind() == Kind::string) {
    append_line(in, out);
    return out;
  }
  each_element(in, [&] {
    each_member(in, [&](const JsonString& name) {
      if (name.is("content"))
        append_content(in, out);
      else
        in.skip();
    });
  });
  return out;
}

std::string body_of_prompt(const std::string& json, std::string_view model) {
  std::string out = R"({"model":)";
  append_json_string(out, model);
  const bool is_text = json.starts_with('"');
  out += is_text ? R"(,"messages":[{"role":"user","content":)" : R"(,"messages":)";
  return out.append(json).append(is_text ? "}]}" : "}");
}

}  // namespace triage
