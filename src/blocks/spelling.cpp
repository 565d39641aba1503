#include "blocks/spelling.hpp"

namespace triage {

void append_spelled(std::string& out, std::string_view raw) {
  for (;;) {
    const std::size_t at = raw.find_first_of("\xc2\xe2");
    if (at == std::string_view::npos) break;
    const std::string_view rest = raw.substr(at);
    std::size_t size = 0;
    std::string_view escape;
    if (rest.starts_with("\xc2\x85")) size = 2, escape = "\\u0085";
    if (rest.starts_with("\xe2\x80\xa8")) size = 3, escape = "\\u2028";
    if (rest.starts_with("\xe2\x80\xa9")) size = 3, escape = "\\u2029";
    out.append(raw.substr(0, at));
    if (size == 0) {
      out += raw[at];
      size = 1;
    } else {
      out.append(escape);
    }
    raw = rest.substr(size);
  }
  out.append(raw);
}

void append_list(std::string& out, const std::vector<JsonString>& texts) {
  out += '[';
  for (const JsonString& text : texts) {
    if (&text != &texts.front()) out += ',';
    out.append("\"").append(text.raw).append("\"");
  }
  out += ']';
}

}  // namespace triage
