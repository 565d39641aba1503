#include "tokenize/byte_level.hpp"

#include "tokenize/unicode.hpp"

#include <array>

namespace triage::tokenize {

void append_byte_level(std::string& out, std::string_view text) {
  // Printable bytes of Latin-1 stand for themselves, the other 68 for U+0100 and on, in order.
  const auto printable = [](unsigned byte) {
    return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  };
  static const auto table = [&] {
    std::array<std::string, 256> spelled;
    char32_t next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte) append_utf8(spelled[byte], printable(byte) ? byte : next++);
    return spelled;
  }();
  for (const char byte : text) out += table[static_cast<unsigned char>(byte)];
}

}  // namespace triage::tokenize
