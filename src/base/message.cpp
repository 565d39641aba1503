#include "triage/message.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace triage {
namespace {

// Eight characters at a time: whether they are the same, or letters that differ in their case.
bool iequals_eight(std::uint64_t a, std::uint64_t b) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101;
  const std::uint64_t different = a ^ b;
  if ((different & ~(each * 0x20)) != 0) return false;
  const std::uint64_t lower = (a | each * 0x20) & each * 0x7f;
  const std::uint64_t from_a = lower + each * (0x80 - 'a');
  const std::uint64_t beyond_z = lower + each * (0x80 - ('z' + 1));
  const std::uint64_t letters = from_a & ~beyond_z & ~a & each * 0x80;
  return (different & ~(letters >> 2)) == 0;
}

std::uint64_t load(std::string_view text, std::size_t at) noexcept {
  std::uint64_t out = 0;
  std::memcpy(&out, text.data() + at, std::min(text.size() - at, sizeof out));
  return out;
}

}  // namespace

bool iequals_of_one_size(std::string_view a, std::string_view b) noexcept {
  for (std::size_t i = 0; i < a.size(); i += sizeof(std::uint64_t))
    if (!iequals_eight(load(a, i), load(b, i))) return false;
  return true;
}

std::optional<std::string_view> find_field(const std::vector<Field>& fields, std::string_view name) noexcept {
  for (const Field& field : fields)
    if (iequals(field.name, name)) return field.value;
  return std::nullopt;
}

}  // namespace triage
