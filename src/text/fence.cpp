#include "text/fence.hpp"

#include "base/hash.hpp"
#include "text/utf8.hpp"

#include <cstdio>

namespace triage {

std::string fenced(std::string_view text) {
  char line[48];
  std::uint64_t seed = 0;
  do {
    std::snprintf(line, sizeof line, "=====%016llx=====", static_cast<unsigned long long>(hash64(text, ++seed)));
  } while (text.find(line) != std::string_view::npos);
  std::string out;
  out.reserve(text.size() + 2 * sizeof line);
  out.append(line).append("\n").append(text).append("\n").append(line);
  return out;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  const std::string_view head = utf8_prefix(text, most / 2);
  return std::string(head).append("\n[...]\n").append(utf8_suffix(text, most / 2));
}

}  // namespace triage
