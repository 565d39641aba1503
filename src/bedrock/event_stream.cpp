// Amazon's documentation, "Event stream encoding"; all numbers are big-endian.
//
//   frame  = total length (4), length of the headers (4), CRC-32 of these 8 bytes (4),
//            headers, payload, CRC-32 of all before it (4)
//   header = length of the name (1), name, type (1), value
//   value  = nothing (true, false); 1, 2, 4, 8 bytes (numbers, a time), 16 (uuid); length (2) and bytes, or a string
#include "bedrock/event_stream.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace triage::bedrock {
namespace {

constexpr std::size_t prelude_bytes = 12;
constexpr std::size_t crc_bytes = 4;
constexpr std::size_t header_bytes_max = 128 * 1024;
constexpr std::size_t frame_bytes_limit = 16 * 1024 * 1024;

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size = 4) noexcept {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < size; ++i) out = out << 8U | static_cast<unsigned char>(bytes[at + i]);
  return out;
}

std::uint32_t crc_of(std::string_view bytes) noexcept {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

Error bad(std::string_view what) {
  return {ErrorCode::upstream_bad_response, "the provider's event stream has " + std::string(what)};
}

// Takes the first `size` bytes off; false: there are fewer.
bool take(std::string_view& from, std::size_t size, std::string_view& out) noexcept {
  if (from.size() < size) return false;
  out = from.substr(0, size);
  from.remove_prefix(size);
  return true;
}

bool take_header(std::string_view& from, EventHeader& out) noexcept {
  using Type = EventHeader::Type;
  std::string_view field;
  if (!take(from, 1, field) || !take(from, number_at(field, 0, 1), out.name) || !take(from, 1, field)) return false;
  const std::uint32_t type = number_at(field, 0, 1);
  if (type > static_cast<std::uint32_t>(Type::uuid)) return false;
  out.type = static_cast<Type>(type);
  if (out.type == Type::bytes || out.type == Type::string)
    return take(from, 2, field) && take(from, number_at(field, 0, 2), out.value);
  constexpr std::array<std::size_t, 10> sizes{0, 0, 1, 2, 4, 8, 0, 0, 8, 16};
  return take(from, sizes[type], out.value);
}

}  // namespace

EventStream::EventStream(std::size_t frame_bytes_max)
    : frame_bytes_max_(std::min(frame_bytes_max, frame_bytes_limit)) {}

std::string_view EventStream::Frame::text(std::string_view name) const noexcept {
  for (const EventHeader& header : headers)
    if (header.name == name && header.type == EventHeader::Type::string) return header.value;
  return {};
}

// Whether pending_ has `size` bytes, once it was given what is there.
bool EventStream::gather(std::size_t size) {
  const std::size_t missing = size - std::min(size, pending_.size());
  const std::string_view more = fed_.substr(0, missing);
  pending_.append(more);
  fed_.remove_prefix(more.size());
  return pending_.size() >= size;
}

Result<const EventStream::Frame*> EventStream::next() {
  if (std::exchange(emitted_, false)) pending_.clear();
  const bool whole_prelude = pending_.empty() && fed_.size() >= prelude_bytes;
  if (!whole_prelude && !gather(prelude_bytes)) return nullptr;
  const std::string_view prelude = whole_prelude ? fed_ : pending_.view();
  const std::size_t total = number_at(prelude, 0);
  const std::size_t header_bytes = number_at(prelude, 4);
  if (crc_of(prelude.substr(0, 8)) != number_at(prelude, 8)) return bad("a wrong checksum");
  if (header_bytes > header_bytes_max || total < prelude_bytes + header_bytes + crc_bytes) return bad("a wrong length");
  if (total > frame_bytes_max_)
    return Error{ErrorCode::upstream_too_large, "the provider sent an event of more than " +
                                                    std::to_string(frame_bytes_max_) + " bytes (limits.event)"};
  std::string_view frame;
  if (pending_.empty() && fed_.size() >= total) {
    frame = fed_.substr(0, total);
    fed_.remove_prefix(total);
  } else if (gather(total)) {
    frame = pending_.view();
    emitted_ = true;
  } else {
    return nullptr;
  }
  if (auto error = read(frame, header_bytes)) return *std::move(error);
  return &frame_;
}

std::optional<Error> EventStream::read(std::string_view frame, std::size_t header_bytes) {
  const std::size_t end = frame.size() - crc_bytes;
  if (crc_of(frame.substr(0, end)) != number_at(frame, end)) return bad("a wrong checksum");
  frame_.headers.clear();
  names_.clear();
  for (std::string_view rest = frame.substr(prelude_bytes, header_bytes); !rest.empty();) {
    if (!take_header(rest, frame_.headers.emplace_back())) return bad("a header that cannot be read");
    names_.push_back(frame_.headers.back().name);
  }
  std::ranges::sort(names_);
  if (std::ranges::adjacent_find(names_) != names_.end()) return bad("the same header twice");
  frame_.payload = frame.substr(prelude_bytes + header_bytes, end - prelude_bytes - header_bytes);
  return std::nullopt;
}

}  // namespace triage::bedrock
