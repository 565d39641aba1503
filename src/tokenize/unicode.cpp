#include "tokenize/unicode.hpp"

#include "tokenize/reference_tables.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <vector>

namespace triage::tokenize {

namespace {

template <std::size_t Size>
bool contains(const std::array<CodePoints, Size>& table, char32_t point) noexcept {
  const auto after = std::upper_bound(table.begin(), table.end(), point,
                                      [](char32_t wanted, const CodePoints& range) { return wanted < range.first; });
  return after != table.begin() && point <= std::prev(after)->last;
}

bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char byte) { return static_cast<signed char>(byte) >= 0; });
}

// Lower case that came after Unicode 14, for a utf8proc that does not know it.
struct NewCase {
  char32_t first;
  char32_t last;
  int distance;
};
constexpr std::array<NewCase, 10> new_cases = {{{0x1c89, 0x1c89, 1},
                                                {0xa7cb, 0xa7cb, 0x264 - 0xa7cb},
                                                {0xa7cc, 0xa7cc, 1},
                                                {0xa7ce, 0xa7ce, 1},
                                                {0xa7d2, 0xa7d2, 1},
                                                {0xa7d4, 0xa7d4, 1},
                                                {0xa7da, 0xa7da, 1},
                                                {0xa7dc, 0xa7dc, 0x19b - 0xa7dc},
                                                {0x10d50, 0x10d65, 0x20},
                                                {0x16ea0, 0x16eb8, 0x1b}}};

char32_t lower(char32_t point) noexcept {
  for (const NewCase& range : new_cases) {
    if (point >= range.first && point <= range.last) {
      return static_cast<char32_t>(static_cast<int>(point) + range.distance);
    }
  }
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(point)));
}

class Normalization {
 public:
  explicit Normalization(NormalForm form)
      : compose_(form == NormalForm::nfc || form == NormalForm::nfkc),
        options_(static_cast<utf8proc_option_t>(
            UTF8PROC_DECOMPOSE | (form == NormalForm::nfkc || form == NormalForm::nfkd ? UTF8PROC_COMPAT : 0))) {}

  void add(char32_t point) {
    if (contains(unnormalized, point)) {
      end_part();
      append_utf8(out_, point);
      return;
    }
    utf8proc_int32_t parts[32];  // the longest decomposition has 18
    int last_class = 0;
    const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(point), parts, 32, options_, &last_class);
    part_.insert(part_.end(), parts, parts + std::clamp<utf8proc_ssize_t>(count, 0, 32));
  }

  std::string end() {
    end_part();
    return std::move(out_);
  }

 private:
  static int combining_class(utf8proc_int32_t point) { return utf8proc_get_property(point)->combining_class; }

  // Orders the marks behind each character by their class (UAX 15, D109), and composes.
  void end_part() {
    for (auto begin = part_.begin(); begin != part_.end();) {
      const auto marks = std::find_if(begin, part_.end(), [](auto point) { return combining_class(point) != 0; });
      begin = std::find_if(marks, part_.end(), [](auto point) { return combining_class(point) == 0; });
      std::stable_sort(marks, begin, [](auto a, auto b) { return combining_class(a) < combining_class(b); });
    }
    if (compose_ && !part_.empty()) {
      const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
      const auto size = static_cast<utf8proc_ssize_t>(part_.size());
      part_.resize(static_cast<std::size_t>(utf8proc_normalize_utf32(part_.data(), size, options)));
    }
    for (const utf8proc_int32_t point : part_) append_utf8(out_, static_cast<char32_t>(point));
    part_.clear();
  }

  bool compose_;
  utf8proc_option_t options_;
  std::vector<utf8proc_int32_t> part_;
  std::string out_;
};

}  // namespace

void append_utf8(std::string& out, char32_t point) {
  const auto put = [&](char32_t bits) { out += static_cast<char>(bits); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xe0 | point >> 12);
    } else {
      put(0xf0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3f));
    }
    put(0x80 | (point >> 6 & 0x3f));
  }
  put(0x80 | (point & 0x3f));
}

bool is_white_space(char32_t point) noexcept {
  if (point < 0x80) return point == ' ' || (point >= '\t' && point <= '\r');
  return point == 0x85 || point == 0xa0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200a) || point == 0x2028 ||
         point == 0x2029 || point == 0x202f || point == 0x205f || point == 0x3000;
}

bool is_mark(char32_t point) noexcept {
  return point >= 0x300 && contains(marks, point);
}

bool is_nonspacing_mark(char32_t point) noexcept {
  return point >= 0x300 && contains(nonspacing_marks, point);
}

bool is_punctuation(char32_t point) noexcept {
  if (point >= 0x80) return contains(punctuation, point);
  return (point > ' ' && point < '0') || (point > '9' && point < 'A') || (point > 'Z' && point < 'a') ||
         (point > 'z' && point < 0x7f);
}

bool is_number(char32_t point) noexcept {
  if (point < 0x80) return point >= '0' && point <= '9';
  return contains(numbers, point);
}

bool is_not_text(char32_t point) noexcept {
  if (point < 0x80) return (point < ' ' && point != '\t' && point != '\n' && point != '\r') || point == 0x7f;
  return contains(not_text, point);
}

bool is_chinese(char32_t point) noexcept {
  if (point < 0x3400) return false;
  return (point >= 0x4e00 && point <= 0x9fff) || point <= 0x4dbf || (point >= 0xf900 && point <= 0xfaff) ||
         (point >= 0x20000 && point <= 0x2a6df) || (point >= 0x2a700 && point <= 0x2b73f) ||
         (point >= 0x2b740 && point <= 0x2b81f) || (point >= 0x2b920 && point <= 0x2ceaf) ||
         (point >= 0x2f800 && point <= 0x2fa1f);
}

void append_lower(std::string& out, char32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point >= 'A' && point <= 'Z' ? point + 0x20 : point);
  } else if (point == 0x130) {
    out += "i\xcc\x87";  // the only one that becomes two (SpecialCasing.txt)
  } else {
    append_utf8(out, lower(point));
  }
}

void normalize(std::string& text, NormalForm form) {
  if (is_ascii(text)) return;
  Normalization normalization(form);
  for (std::size_t at = 0; at < text.size();) normalization.add(decode(text, at));
  text = normalization.end();
}

std::size_t grapheme_end(std::string_view text, std::size_t begin) noexcept {
  std::size_t at = begin;
  utf8proc_int32_t state = 0;
  auto last = static_cast<utf8proc_int32_t>(decode(text, at));
  while (at < text.size()) {
    std::size_t behind = at;
    const auto next = static_cast<utf8proc_int32_t>(decode(text, behind));
    if (utf8proc_grapheme_break_stateful(last, next, &state)) break;
    last = next;
    at = behind;
  }
  return at;
}

}  // namespace triage::tokenize
