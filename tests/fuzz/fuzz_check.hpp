#pragma once
// What the fuzz targets share: how to fail, and how to derive choices from the input, so that seeds stay plain text.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace triage::fuzz {

/// Ends the program: the fuzzer keeps the input, ctest fails.
inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// FNV-1a.
inline std::uint64_t hash(std::string_view bytes) {
  std::uint64_t value = 14695981039346656037ULL;
  for (const char byte : bytes) value = (value ^ static_cast<unsigned char>(byte)) * 1099511628211ULL;
  return value;
}

/// Feeds `bytes` in two pieces cut at a place that depends on them.
template <class Stream>
void feed_split(Stream& stream, std::string_view bytes) {
  const auto cut = static_cast<std::size_t>((hash(bytes) >> 16) % (bytes.size() + 1));
  stream.feed(bytes.substr(0, cut));
  stream.feed(bytes.substr(cut));
}

/// Feeds `bytes` one at a time.
template <class Stream>
void feed_slowly(Stream& stream, std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); ++at) stream.feed(bytes.substr(at, 1));
}

/// Checks that a Stream ends with the same result however `bytes` are cut, and returns that. Each is made by `make`.
template <class Make>
auto end_of_any_split(std::string_view bytes, Make make) {
  auto whole = make();
  whole.feed(bytes);
  auto wanted = whole.end();
  auto split = make();
  feed_split(split, bytes);
  check(split.end() == wanted, "the same in two pieces");
  if (bytes.size() <= 512) {
    auto slow = make();
    feed_slowly(slow, bytes);
    check(slow.end() == wanted, "the same byte by byte");
  }
  return wanted;
}

}  // namespace triage::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
