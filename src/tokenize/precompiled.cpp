#include "json/json.hpp"
#include "tokenize/normalizer.hpp"
#include "tokenize/unicode.hpp"

#include <cstdint>
#include <cstring>
#include <utility>

namespace triage::tokenize {

namespace {

// A unit of a double-array trie (Darts-clone): its label, whether a value follows, and where its children stand.
struct Unit {
  std::uint32_t bits = 0;
  [[nodiscard]] bool has_leaf() const { return (bits >> 8 & 1) == 1; }
  [[nodiscard]] std::uint32_t value() const { return bits & 0x7fffffff; }
  [[nodiscard]] std::uint32_t label() const { return bits & 0x800000ff; }
  [[nodiscard]] std::uint32_t offset() const { return (bits >> 10) << ((bits & 0x200) >> 6); }
};

class Precompiled final : public Normalizer {
 public:
  Precompiled(std::vector<Unit> units, std::string replacements)
      : units_(std::move(units)), replacements_(std::move(replacements)) {}

  [[nodiscard]] Problem apply(Text& text) const override {
    const std::string_view in = text.bytes;
    std::string out;
    for (std::size_t at = 0; at < in.size();) {
      const std::size_t end = grapheme_end(in, at);
      // The reference looks for a short cluster as a whole, and replaces all of it even if only its beginning is found.
      const char* whole = end - at < 6 ? replacement(in.substr(at, end - at)) : nullptr;
      if (whole != nullptr) {
        out += whole;
        at = end;
      }
      while (at < end) {
        const std::size_t begin = at;
        decode(in, at);
        const std::string_view character = in.substr(begin, at - begin);
        const char* const single = replacement(character);
        out += single != nullptr ? std::string_view(single) : character;
      }
    }
    text.bytes = std::move(out);
    return nullptr;
  }

 private:
  /// What the shortest entry that `text` begins with is replaced by; null: there is none.
  [[nodiscard]] const char* replacement(std::string_view text) const {
    std::uint32_t node = units_[0].offset();
    for (const char byte : text) {
      const auto label = static_cast<unsigned char>(byte);
      node ^= label;
      if (label == 0 || node >= units_.size() || units_[node].label() != label) return nullptr;
      const Unit unit = units_[node];
      node ^= unit.offset();
      if (!unit.has_leaf()) continue;
      if (node >= units_.size() || units_[node].value() >= replacements_.size()) return nullptr;
      const char* const found = replacements_.c_str() + units_[node].value();
      return (*found & 0xc0) == 0x80 ? nullptr : found;  // not inside a character
    }
    return nullptr;
  }

  std::vector<Unit> units_;
  std::string replacements_;
};

}  // namespace

Result<NormalizerPointer> precompiled_normalizer(std::string charsmap) {
  const auto broken = [](const char* why) {
    return Error{ErrorCode::invalid_config, std::string("expected a character map of SentencePiece, but ") + why};
  };
  std::uint32_t size = 0;
  if (charsmap.size() < sizeof size) return broken("it is shorter than 4 bytes");
  for (int at = 3; at >= 0; --at) size = size << 8 | static_cast<unsigned char>(charsmap[static_cast<std::size_t>(at)]);
  if (size > charsmap.size() - sizeof size) return broken("its trie ends behind its end");
  std::vector<Unit> units(size / sizeof(Unit));
  if (units.empty()) return broken("its trie is empty");
  for (std::size_t at = 0; at < units.size() * sizeof(Unit); ++at) {
    const auto byte = static_cast<unsigned char>(charsmap[sizeof size + at]);
    units[at / 4].bits |= static_cast<std::uint32_t>(byte) << (at % 4 * 8);
  }
  std::string replacements = charsmap.substr(sizeof size + units.size() * sizeof(Unit));
  if (find_invalid_utf8(replacements)) return broken("its replacements are not UTF-8");
  return NormalizerPointer(std::make_unique<Precompiled>(std::move(units), std::move(replacements)));
}

}  // namespace triage::tokenize
