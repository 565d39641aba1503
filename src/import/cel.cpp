#include "import/cel.hpp"

#include "base/ascii.hpp"

#include <array>
#include <utility>

namespace triage::imports {
namespace {

constexpr int depth_max = 64;

/// Recursive descent; `good_` falls at the first thing that is not understood.
class CelParser {
 public:
  explicit CelParser(std::string_view text) : text_(text) {}

  std::optional<Cel> parse() {
    Cel out = any(0);
    skip_space();
    if (!good_ || at_ != text_.size()) return std::nullopt;
    return out;
  }

 private:
  struct Operand {
    bool literal = false;
    bool presence = false;  // has(field)
    std::string text;
    std::vector<std::string> list;
    std::optional<std::string> otherwise;
  };

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool take(std::string_view token) {
    skip_space();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  void expect(std::string_view token) { good_ = take(token) && good_; }
  [[nodiscard]] char next() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  Cel joined(Cel::Kind kind, std::string_view token, Cel (CelParser::*part)(int), int depth) {
    Cel first = (this->*part)(depth);
    if (!take(token)) return first;
    Cel out;
    out.kind = kind;
    out.inner.push_back(std::move(first));
    do {
      out.inner.push_back((this->*part)(depth));
    } while (good_ && take(token));
    return out;
  }
  Cel any(int depth) {
    if (depth > depth_max) good_ = false;
    return good_ ? joined(Cel::Kind::any, "||", &CelParser::all, depth + 1) : Cel();
  }
  Cel all(int depth) { return joined(Cel::Kind::all, "&&", &CelParser::unary, depth); }

  Cel unary(int depth) {
    if (depth > depth_max) good_ = false;
    if (!good_) return {};
    if (next() == '!' && !text_.substr(at_).starts_with("!=")) {
      ++at_;
      Cel out;
      out.kind = Cel::Kind::negated;
      out.inner.push_back(unary(depth + 1));
      return out;
    }
    if (take("(")) {
      Cel out = any(depth + 1);
      expect(")");
      return out;
    }
    return test();
  }

  Cel test() {
    Operand left = operand();
    Cel out;
    if (left.literal) good_ = false;
    out.field = std::move(left.text);
    out.otherwise = std::move(left.otherwise);
    if (left.presence) {
      out.op = "has";
      return out;
    }
    for (const std::string_view name : {"startsWith", "endsWith", "contains"}) {
      const std::string end = "." + std::string(name);
      if (!out.field.ends_with(end) || !take("(")) continue;
      out.field.resize(out.field.size() - end.size());
      out.op = name;
      Operand value = operand();
      expect(")");
      good_ = good_ && value.literal;
      out.values = {std::move(value.text)};
      return out;
    }
    for (const std::string_view op : {"==", "!=", "<=", ">=", "<", ">", "in "}) {
      if (!take(op)) continue;
      out.op = op == "in " ? "in" : op;
      Operand value = operand();
      good_ = good_ && value.literal;
      out.values = value.list.empty() ? std::vector<std::string>{std::move(value.text)} : std::move(value.list);
      return out;
    }
    out.op = "==";  // a boolean by itself
    out.values = {"true"};
    return out;
  }

  Operand operand() {
    const char c = next();
    Operand out;
    if (c == '"' || c == '\'') {
      out.literal = true;
      out.text = quoted(c);
    } else if (is_digit(c) || c == '-') {
      out.literal = true;
      while (at_ < text_.size() && (is_alphanumeric(text_[at_]) || text_[at_] == '.' || text_[at_] == '-'))
        out.text += text_[at_++];
    } else if (c == '[') {
      ++at_;
      out.literal = true;
      do {
        out.list.push_back(operand().text);
      } while (good_ && take(","));
      expect("]");
    } else {
      path(out);
    }
    return out;
  }

  std::string quoted(char quote) {
    std::string out;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\') good_ = false;
      out += text_[at_];
    }
    if (at_ == text_.size())
      good_ = false;
    else
      ++at_;
    return out;
  }

  /// a.b["c"].d, default(PATH, LITERAL), has(PATH), true
  void path(Operand& out) {
    skip_space();
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_alphanumeric(c) || c == '_' || c == '.') {
        out.text += c;
        ++at_;
      } else if (c == '[' && !out.text.empty()) {
        ++at_;
        const char quote = next();
        if (quote != '"' && quote != '\'') good_ = false;
        if (!good_) return;
        out.text += "[" + quoted(quote) + "]";
        expect("]");
      } else {
        break;
      }
    }
    if (out.text == "true" || out.text == "false") out.literal = true;
    if (out.text.empty()) good_ = false;
    if ((out.text != "default" && out.text != "has") || !take("(")) return;
    out.presence = out.text == "has";
    out.text.clear();
    path(out);
    if (!out.presence) {
      expect(",");
      const Operand value = operand();
      good_ = good_ && value.literal;
      out.otherwise = value.text;
    }
    expect(")");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool good_ = true;
};

}  // namespace

std::optional<Cel> parse_cel(std::string_view text) {
  return CelParser(text).parse();
}

}  // namespace triage::imports
