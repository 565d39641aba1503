#include "tokenize/byte_level.hpp"
#include "tokenize/normalizer.hpp"
#include "tokenize/unicode.hpp"

#include <utility>

namespace triage::tokenize {

namespace {

/// Replaces each character by what `put(out, point)` appends for it. Whether it drops the first one matters.
template <class Put>
void map_characters(Text& text, Put put) {
  std::string out;
  out.reserve(text.bytes.size() + 16);
  for (std::size_t at = 0; at < text.bytes.size();) {
    const bool first = at == 0;
    put(out, decode(text.bytes, at));
    if (first && out.empty()) text.at_start = false;
  }
  text.bytes = std::move(out);
}

template <class Put>
class CharacterMap final : public Normalizer {
 public:
  explicit CharacterMap(Put put) : put_(std::move(put)) {}
  [[nodiscard]] Problem apply(Text& text) const override {
    map_characters(text, put_);
    return nullptr;
  }

 private:
  Put put_;
};

class Form final : public Normalizer {
 public:
  explicit Form(NormalForm form) : form_(form) {}
  [[nodiscard]] Problem apply(Text& text) const override {
    normalize(text.bytes, form_);
    return nullptr;
  }

 private:
  NormalForm form_;
};

void clean(std::string& out, char32_t point) {
  if (is_not_text(point)) return;
  if (is_white_space(point)) {
    out += ' ';
  } else {
    append_utf8(out, point);
  }
}

void set_apart_chinese(std::string& out, char32_t point) {
  if (!is_chinese(point)) return append_utf8(out, point);
  out += ' ';
  append_utf8(out, point);
  out += ' ';
}

void drop_nonspacing(std::string& out, char32_t point) {
  if (!is_nonspacing_mark(point)) append_utf8(out, point);
}

void drop_marks(std::string& out, char32_t point) {
  if (!is_mark(point)) append_utf8(out, point);
}

void map_nmt(std::string& out, char32_t point) {
  const bool dropped = (point >= 0x1 && point <= 0x8) || point == 0xb || (point >= 0xe && point <= 0x1f) ||
                       point == 0x7f || point == 0x8f || point == 0x9f;
  if (dropped) return;
  const bool blank = point == 0x9 || point == 0xa || point == 0xc || point == 0xd || point == 0x1680 ||
                     (point >= 0x200b && point <= 0x200f) || point == 0x2028 || point == 0x2029 || point == 0x2581 ||
                     point == 0xfeff || point == 0xfffd;
  append_utf8(out, blank ? U' ' : point);
}

class Bert final : public Normalizer {
 public:
  explicit Bert(const BertCleaning& cleaning) : cleaning_(cleaning) {}

  [[nodiscard]] Problem apply(Text& text) const override {
    if (apply_ascii(text)) return nullptr;
    if (cleaning_.clean_text) map_characters(text, clean);
    if (cleaning_.handle_chinese_chars) map_characters(text, set_apart_chinese);
    if (cleaning_.strip_accents) {
      normalize(text.bytes, NormalForm::nfd);
      map_characters(text, drop_nonspacing);
    }
    if (cleaning_.lowercase) map_characters(text, append_lower);
    return nullptr;
  }

 private:
  // Most texts are ASCII, where the steps can be one. False, with the text as it was: it has other characters.
  [[nodiscard]] bool apply_ascii(Text& text) const {
    std::string out(text.bytes.size(), '\0');
    std::size_t size = 0;
    for (const char byte : text.bytes) {
      if (static_cast<signed char>(byte) < 0) return false;
      char kept = byte;
      if (cleaning_.clean_text && (byte < ' ' || byte == '\x7f')) {
        if (byte != '\t' && byte != '\n' && byte != '\r') continue;
        kept = ' ';
      }
      if (cleaning_.lowercase && kept >= 'A' && kept <= 'Z') kept = static_cast<char>(kept + 0x20);
      out[size++] = kept;
    }
    if (!text.bytes.empty() && cleaning_.clean_text && is_not_text(static_cast<unsigned char>(text.bytes.front()))) {
      text.at_start = false;
    }
    out.resize(size);
    text.bytes = std::move(out);
    return true;
  }

  BertCleaning cleaning_;
};

class Strip final : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}
  [[nodiscard]] Problem apply(Text& text) const override {
    const std::string& bytes = text.bytes;
    std::size_t begin = 0;
    for (std::size_t at = 0; left_ && at < bytes.size() && is_white_space(decode(bytes, at));) begin = at;
    std::size_t end = bytes.size();
    while (right_ && end > begin) {
      std::size_t last = end - 1;
      while ((bytes[last] & 0xc0) == 0x80) --last;
      std::size_t behind = last;
      if (!is_white_space(decode(bytes, behind))) break;
      end = last;
    }
    if (begin > 0) text.at_start = false;
    text.bytes = bytes.substr(begin, end - begin);
    return nullptr;
  }

 private:
  bool left_;
  bool right_;
};

class Prepend final : public Normalizer {
 public:
  explicit Prepend(std::string prefix) : prefix_(std::move(prefix)) {}
  [[nodiscard]] Problem apply(Text& text) const override {
    if (!text.bytes.empty()) text.bytes.insert(0, prefix_);
    return nullptr;
  }

 private:
  std::string prefix_;
};

class ByteLevel final : public Normalizer {
 public:
  [[nodiscard]] Problem apply(Text& text) const override {
    std::string out;
    append_byte_level(out, text.bytes);
    text.bytes = std::move(out);
    return nullptr;
  }
};

class Replace final : public Normalizer {
 public:
  Replace(Pattern pattern, std::string content) : pattern_(std::move(pattern)), content_(std::move(content)) {}

  [[nodiscard]] Problem apply(Text& text) const override {
    std::string out;
    std::size_t done = 0;
    const Problem problem = pattern_.each_match(text.bytes, [&](std::size_t begin, std::size_t end) {
      if (begin == 0 && end > 0) {
        std::size_t one = 0;  // what replaces several characters counts as stemming from the last of them
        decode(text.bytes, one);
        if (one < end || content_.empty()) text.at_start = false;
      }
      out.append(text.bytes, done, begin - done);
      out += content_;
      done = end;
    });
    out.append(text.bytes, done);
    text.bytes = std::move(out);
    return problem;
  }

 private:
  Pattern pattern_;
  std::string content_;
};

class Sequence final : public Normalizer {
 public:
  explicit Sequence(std::vector<NormalizerPointer> parts) : parts_(std::move(parts)) {}
  [[nodiscard]] Problem apply(Text& text) const override {
    for (const NormalizerPointer& part : parts_) {
      if (const Problem problem = part->apply(text)) return problem;
    }
    return nullptr;
  }

 private:
  std::vector<NormalizerPointer> parts_;
};

template <class Put>
NormalizerPointer character_map(Put put) {
  return std::make_unique<CharacterMap<Put>>(put);
}

}  // namespace

NormalizerPointer bert_normalizer(const BertCleaning& cleaning) {
  return std::make_unique<Bert>(cleaning);
}
NormalizerPointer nfc_normalizer() {
  return std::make_unique<Form>(NormalForm::nfc);
}
NormalizerPointer nfd_normalizer() {
  return std::make_unique<Form>(NormalForm::nfd);
}
NormalizerPointer nfkc_normalizer() {
  return std::make_unique<Form>(NormalForm::nfkc);
}
NormalizerPointer nfkd_normalizer() {
  return std::make_unique<Form>(NormalForm::nfkd);
}
NormalizerPointer lowercase_normalizer() {
  return character_map(append_lower);
}
NormalizerPointer strip_accents_normalizer() {
  return character_map(drop_marks);
}
NormalizerPointer nmt_normalizer() {
  return character_map(map_nmt);
}
NormalizerPointer strip_normalizer(bool left, bool right) {
  return std::make_unique<Strip>(left, right);
}
NormalizerPointer prepend_normalizer(std::string prefix) {
  return std::make_unique<Prepend>(std::move(prefix));
}
NormalizerPointer byte_level_normalizer() {
  return std::make_unique<ByteLevel>();
}
NormalizerPointer replace_normalizer(Pattern pattern, std::string content) {
  return std::make_unique<Replace>(std::move(pattern), std::move(content));
}
NormalizerPointer normalizer_sequence(std::vector<NormalizerPointer> parts) {
  return std::make_unique<Sequence>(std::move(parts));
}

}  // namespace triage::tokenize
