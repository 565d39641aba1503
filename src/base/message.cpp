#include "triage/message.hpp"

namespace triage {

bool iequals_of_one_size(std::string_view a, std::string_view b) noexcept {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<unsigned char>(a[i]);
    const auto y = static_cast<unsigned char>(b[i]);
    if (x == y) continue;
    if ((x ^ y) != 0x20 || (x | 0x20) < 'a' || (x | 0x20) > 'z') return false;
  }
  return true;
}

std::optional<std::string_view> find_field(const std::vector<Field>& fields, std::string_view name) noexcept {
  for (const Field& field : fields)
    if (iequals(field.name, name)) return field.value;
  return std::nullopt;
}

}  // namespace triage
