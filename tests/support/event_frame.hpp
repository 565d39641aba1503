#pragma once
// Writes frames of AWS's event streams, for tests of what reads them.

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::test {

using FrameHeaders = std::vector<std::pair<std::string, std::string>>;

inline std::string big_endian(std::uint32_t value, int bytes) {
  std::string out;
  for (int at = bytes - 1; at >= 0; --at) out += static_cast<char>(value >> (8 * at) & 0xffU);
  return out;
}

inline std::string crc_of(std::string_view bytes) {
  return big_endian(
      static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size())), 4);
}

/// A frame whose headers are strings.
inline std::string frame_of(const FrameHeaders& headers, std::string_view payload) {
  std::string block;
  for (const auto& [name, value] : headers)
    block += big_endian(static_cast<std::uint32_t>(name.size()), 1) + name + '\x07' +
             big_endian(static_cast<std::uint32_t>(value.size()), 2) + value;
  std::string out = big_endian(static_cast<std::uint32_t>(16 + block.size() + payload.size()), 4);
  out += big_endian(static_cast<std::uint32_t>(block.size()), 4);
  out += crc_of(out);
  out.append(block).append(payload);
  return out + crc_of(out);
}

/// An event of this type.
inline std::string event_frame(const std::string& type, std::string_view payload) {
  return frame_of({{":event-type", type}, {":content-type", "application/json"}, {":message-type", "event"}}, payload);
}

}  // namespace triage::test
