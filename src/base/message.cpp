#include "triage/message.hpp"

#include <cstdint>
#include <cstring>

namespace triage {
namespace {

// Eight characters at a time: whether they are the same, or letters that differ in their case.
bool iequals_eight(std::uint64_t a, std::uint64_t b) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101;
  const std::uint64_t different = a ^ b;
  if (different == 0) return true;
  if ((different & ~(each * 0x20)) != 0) return false;
  const std::uint64_t lower = (a | each * 0x20) & each * 0x7f;
  const std::uint64_t from_a = lower + each * (0x80 - 'a');
  const std::uint64_t beyond_z = lower + each * (0x80 - ('z' + 1));
  const std::uint64_t letters = from_a & ~beyond_z & ~a & each * 0x80;
  return (different & ~(letters >> 2)) == 0;
}

constexpr std::size_t eight = sizeof(std::uint64_t);

std::uint64_t load(const char* text) noexcept {
  std::uint64_t out = 0;
  std::memcpy(&out, text, eight);
  return out;
}

bool iequals_each(std::string_view a, std::string_view b) noexcept {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<unsigned char>(a[i]);
    const auto y = static_cast<unsigned char>(b[i]);
    if (x == y) continue;
    if ((x ^ y) != 0x20 || (x | 0x20) < 'a' || (x | 0x20) > 'z') return false;
  }
  return true;
}

}  // namespace

bool iequals_of_one_size(std::string_view a, std::string_view b) noexcept {
  if (a.size() < eight) return iequals_each(a, b);
  for (std::size_t i = 0; i + eight < a.size(); i += eight)
    if (!iequals_eight(load(a.data() + i), load(b.data() + i))) return false;
  const std::size_t last = a.size() - eight;  // with some that were compared before
  return iequals_eight(load(a.data() + last), load(b.data() + last));
}

std::optional<std::string_view> find_field(const std::vector<Field>& fields, std::string_view name) noexcept {
  for (const Field& field : fields)
    if (iequals(field.name, name)) return field.value;
  return std::nullopt;
}

}  // namespace triage
