#include "verify/loose_json.hpp"

#include "json/json_schema.hpp"
#include "verify/answer_chars.hpp"

#include <algorithm>

namespace triage::verify {
namespace {

using nlohmann::json;

constexpr std::size_t json_max = 1024 * 1024;

// Whether the backslash at `at` begins a LaTeX command rather than an escape.
bool is_latex(std::string_view text, std::size_t at) {
  const std::string_view name = text.substr(at + 1);
  if (name.empty()) return true;
  if (std::string_view("\"\\/").find(name[0]) != std::string_view::npos) return false;
  if (name[0] == 'u')
    return name.size() < 5 ||
           !std::all_of(name.begin() + 1, name.begin() + 5, [](char c) { return hex_value(c) >= 0; });
  if (name[0] == 'b' || name[0] == 'f') return name.size() > 1 && is_letter(name[1]);
  if (name[0] != 'n' && name[0] != 'r' && name[0] != 't') return true;
  for (const std::string_view command :
       {"text", "times", "theta", "tan", "tfrac", "tau", "right", "rho", "neq", "notin", "nmid"})
    if (name.starts_with(command)) return true;
  return false;
}

void append_escaped(std::string& out, char c) {
  constexpr char hex[] = "0123456789abcdef";
  if (c == '\n')
    out += "\\n";
  else if (c == '\t')
    out += "\\t";
  else if (c != '\r')
    out.append("\\u00").append(1, hex[(c >> 4) & 0xf]).append(1, hex[c & 0xf]);
}

std::string strict(std::string_view text) {
  std::string out;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\') {
      out += is_latex(text, at) ? "\\\\" : "\\";
      if (!is_latex(text, at) && at + 1 < text.size()) out += text[++at];
    } else if (in_string && static_cast<unsigned char>(c) < 0x20) {
      append_escaped(out, c);
    } else if (!in_string && c == ',') {
      const std::size_t next = text.find_first_not_of(" \t\r\n", at + 1);
      if (next == std::string_view::npos || (text[next] != '}' && text[next] != ']')) out += c;
    } else {
      out += c;
    }
  }
  return out;
}

// Whether the words only say that JSON follows.
bool announces(std::string_view prose) {
  constexpr std::string_view known =
      " here is are the a an in as your you my this below following json answer final output result response object "
      "array format "
      "formatted requested asked for sure certainly of course solution so therefore with i it to data valid schema "
      "provided ";
  std::string word;
  for (const char c : to_lower(prose) + " ") {
    if (is_wordy(c)) {
      word += c;
    } else if (!word.empty()) {
      if (known.find(" " + word + " ") == std::string_view::npos && word != "s") return false;
      word.clear();
    }
  }
  return true;
}

std::optional<JsonIn> read_part(std::string_view text, std::string_view part) {
  std::optional<json> value = read_loose_json(part);
  if (!value || !value->is_structured()) return std::nullopt;
  const auto begin = static_cast<std::size_t>(part.data() - text.data());
  std::string beside(text.substr(0, begin));
  beside.append(" ").append(text.substr(begin + part.size()));
  return JsonIn{std::move(*value), announces(beside)};
}

// The content of the last fence.
std::string_view last_fence(std::string_view text) {
  const std::size_t close = text.rfind("```");
  if (close == std::string_view::npos || close == 0) return {};
  const std::size_t open = text.rfind("```", close - 1);
  if (open == std::string_view::npos) return {};
  const std::size_t begin = text.find('\n', open);
  return begin < close ? trimmed(text.substr(begin, close - begin)) : std::string_view();
}

}  // namespace

std::optional<json> read_loose_json(std::string_view text) {
  if (text.size() > json_max) return std::nullopt;
  const std::string mended = strict(text);
  // The depth is checked before anything is built.
  if (!is_json(mended, false)) return std::nullopt;
  json out = json::parse(mended, nullptr, false);
  if (out.is_discarded()) return std::nullopt;
  return out;
}

std::optional<JsonIn> json_in(std::string_view text) {
  text = trimmed(text);
  if (text.size() > json_max || text.find_first_of("{[") == std::string_view::npos) return std::nullopt;
  if (text[0] == '{' || text[0] == '[')
    if (auto all = read_part(text, text)) return all;
  if (const std::string_view fenced = last_fence(text); !fenced.empty() && (fenced[0] == '{' || fenced[0] == '['))
    if (auto out = read_part(text, fenced)) return out;
  const std::size_t begin = text.find('{');
  const std::size_t end = text.rfind('}');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return std::nullopt;
  if (auto out = read_part(text, text.substr(begin, end + 1 - begin))) return out;
  // Formulas may have braces, too, so this takes the last object that begins a line.
  const std::size_t line = text.rfind("\n{");
  if (line == std::string_view::npos || line + 1 <= begin || line > end) return std::nullopt;
  return read_part(text, text.substr(line + 1, end - line));
}

std::string_view answer_member_in(std::string_view text) {
  std::size_t at = text.rfind("\"answer\"");
  std::size_t size = std::string_view("\"answer\"").size();
  if (at == std::string_view::npos) {
    at = text.rfind("\"final_answer\"");
    size = std::string_view("\"final_answer\"").size();
  }
  if (at == std::string_view::npos) return {};
  std::string_view rest = trimmed(text.substr(at + size));
  if (!rest.starts_with(':')) return {};
  rest = trimmed(rest.substr(1));
  rest = trimmed(rest.substr(0, rest.find('\n')));
  if (rest.ends_with('}') && std::count(rest.begin(), rest.end(), '}') > std::count(rest.begin(), rest.end(), '{'))
    rest = trimmed(rest.substr(0, rest.size() - 1));
  if (rest.ends_with(',')) rest.remove_suffix(1);
  if (rest.size() > 1 && rest.starts_with('"') && rest.ends_with('"')) rest = rest.substr(1, rest.size() - 2);
  return rest;
}

}  // namespace triage::verify
