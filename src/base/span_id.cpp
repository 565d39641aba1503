#include "base/span_id.hpp"

#include "base/hash.hpp"

#include <algorithm>

namespace triage {

std::string hex_of(std::uint64_t number) {
  std::string out(16, '0');
  for (std::size_t at = out.size(); at-- > 0; number >>= 4U) out[at] = "0123456789abcdef"[number & 15U];
  return out;
}

std::string span_id(std::string_view request_id, std::size_t attempt) {
  constexpr std::uint64_t seed = 0x7370616E;
  return hex_of(std::max<std::uint64_t>(1, stable_hash64(request_id, seed + attempt)));
}

}  // namespace triage
