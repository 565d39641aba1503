#include "blocks/kept_turn.hpp"

#include "base/ascii.hpp"
#include "base/hash.hpp"
#include "blocks/block_request.hpp"
#include "json/json.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>
#include <charconv>

namespace triage {
namespace {

using Kind = JsonReader::Kind;

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view white = " \t\r\n";
  const std::size_t first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

std::uint64_t hash_of(const JsonString& text, std::uint64_t seed) {
  return text.escaped ? hash64(trimmed(text.text()), seed) : hash64(trimmed(text.raw), seed);
}

std::uint64_t mixed(std::uint64_t hash, std::uint64_t seed) noexcept {
  return hash64({reinterpret_cast<const char*>(&hash), sizeof hash}, seed);
}

// 1, 1.0 and 1e0 are one number.
std::uint64_t hash_of_number(std::string_view spelled, std::uint64_t seed) {
  double value = 0;
  std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
  return hash64({reinterpret_cast<const char*>(&value), sizeof value}, seed);
}

// Of the next value, which is consumed.
std::uint64_t hash_of_value(JsonReader& in, std::uint64_t seed) {
  JsonString text;
  std::string_view number;
  std::uint64_t out = seed;
  switch (in.kind()) {
    case Kind::object:
      each_member(in, [&](const JsonString& name) { out += hash_of_value(in, hash_of(name, seed)); });
      return out;
    case Kind::array: each_element(in, [&] { out = mixed(out, hash_of_value(in, seed)); }); return out;
    case Kind::string: return in.string(text) ? hash_of(text, seed) : seed;
    case Kind::number: return in.number(number) ? hash_of_number(number, seed) : seed;
    default: {
      const auto kind = static_cast<std::uint64_t>(in.kind());
      in.skip();
      return mixed(kind, seed);
    }
  }
}

// An id that a dialect had to write as a hash comes back as that: see call_id().
std::uint64_t hash_of_id(const JsonString& id) {
  const std::string text = call_id(id, "", 0);
  const std::string plain = id.text();
  const auto is_letter_of_hash = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); };
  const std::size_t prefix = plain.rfind('_') + 1;
  const bool hashed = plain.size() - prefix == text.size() &&
                      std::all_of(plain.begin() + static_cast<std::ptrdiff_t>(prefix), plain.end(), is_letter_of_hash);
  return hashed ? hash64(std::string_view(plain).substr(prefix)) : hash64(text);
}

std::uint64_t hash_of_texts(const std::vector<Block>& blocks, std::uint64_t hash) {
  for (const Block& block : blocks) {
    if (block.kind == BlockKind::text && !trimmed(block.text.raw).empty()) hash = hash_of(block.text, hash);
    if (block.kind == BlockKind::result) hash = hash_of_texts(block.inner, hash);
  }
  return hash;
}

}  // namespace

std::size_t KeptTurn::bytes() const noexcept {
  std::size_t out = sizeof *this;
  for (const KeptThought& each : thoughts) out += sizeof each + each.text.size() + each.signature.size();
  for (const std::string& each : signatures) out += sizeof each + each.size();
  return out;
}

bool KeptTurn::says() const noexcept {
  return !thoughts.empty() || std::ranges::any_of(signatures, [](const std::string& each) { return !each.empty(); });
}

std::uint64_t question_print(std::span<const BlockTurn> turns, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && turns[begin - 1].role != Role::assistant) --begin;
  std::uint64_t hash = 0;
  for (std::size_t at = begin; at < end; ++at)
    if (turns[at].role == Role::user) hash = hash_of_texts(turns[at].blocks, hash);
  return hash;
}

void TurnKey::add_call(const JsonString& id, const JsonString& name, std::string_view arguments) {
  std::string padded(arguments.empty() ? "{}" : arguments);
  const std::size_t size = padded.size();
  padded.append(body_padding, '\0');
  JsonReader in(std::string_view(padded).substr(0, size));
  hash_ = hash_of_value(in, hash_of(name, mixed(hash_of_id(id), hash_)));
  ++calls_;
}

}  // namespace triage
