#pragma once
// Vectors of texts as one encoder makes them, kept in a file beside the texts, so that nothing has to be asked when the
// gateway starts. `triage similarity embed` writes it.
//
//   "triage vectors 1\n"                 17 bytes
//   u32 dimensions, u32 rows, u32 bytes of the encoder's name, the name
//   rows, by key:  16 bytes key, `dimensions` floats, of Euclidean length 1
//   u32 CRC-32C of everything before
//
// All numbers are little endian. A key is the beginning of the SHA-256 of a text.

#include "triage/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace triage::similarity {

using TextKey = std::array<std::uint8_t, 16>;
TextKey key_of(std::string_view text);

class VectorFile {
 public:
  explicit VectorFile(std::string encoder) : encoder_(std::move(encoder)) {}
  /// The content of a file. Error: what is wrong with it, as a phrase.
  static Result<VectorFile> read(std::string_view bytes);

  [[nodiscard]] const std::string& encoder() const noexcept { return encoder_; }
  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
  [[nodiscard]] std::size_t dimensions() const noexcept { return dimensions_; }

  /// Empty: there is none. Valid until the next put().
  [[nodiscard]] std::span<const float> find(const TextKey& key) const;
  /// Adds a vector and scales it to length 1. False: it has no direction, or not as many numbers as the others.
  bool put(const TextKey& key, std::vector<float> vector);

  [[nodiscard]] std::string bytes() const;

 private:
  std::string encoder_;
  std::size_t dimensions_ = 0;  // 0: there is no vector yet
  std::map<TextKey, std::size_t> rows_;
  std::vector<float> numbers_;
};

}  // namespace triage::similarity
