#include "similarity/vector_file.hpp"

#include "base/crc32c.hpp"
#include "base/sha256.hpp"
#include "base/unit_vector.hpp"
#include "similarity/nearest.hpp"
#include "similarity/rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace triage::similarity {

static_assert(std::endian::native == std::endian::little);

namespace {

constexpr std::string_view magic = "triage vectors 1\n";
constexpr std::size_t name_bytes_max = 4096;

Error broken(const char* why) {
  return {ErrorCode::invalid_value, why};
}

template <class T>
bool take(std::string_view& from, T& out) {
  if (from.size() < sizeof out) return false;
  std::memcpy(&out, from.data(), sizeof out);
  from.remove_prefix(sizeof out);
  return true;
}

void append(std::string& out, std::uint32_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

}  // namespace

TextKey key_of(std::string_view text) {
  TextKey out;
  const auto digest = sha256(text);
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

Result<VectorFile> VectorFile::read(std::string_view bytes) {
  std::uint32_t sum = 0;
  if (!bytes.starts_with(magic)) return broken("it is no file of vectors, or one of another version");
  if (bytes.size() < magic.size() + sizeof sum) return broken("it is cut off");
  std::memcpy(&sum, bytes.data() + bytes.size() - sizeof sum, sizeof sum);
  bytes.remove_suffix(sizeof sum);
  if (crc32c(bytes) != sum) return broken("it is damaged: its checksum is another");
  bytes.remove_prefix(magic.size());
  std::uint32_t dimensions = 0;
  std::uint32_t rows = 0;
  std::uint32_t name = 0;
  if (!take(bytes, dimensions) || !take(bytes, rows) || !take(bytes, name) || name > name_bytes_max ||
      bytes.size() < name)
    return broken("its head is cut off");
  VectorFile out{std::string(bytes.substr(0, name))};
  bytes.remove_prefix(name);
  const std::size_t row_bytes = sizeof(TextKey) + std::size_t{dimensions} * sizeof(float);
  if (dimensions > dimensions_max || rows > bytes.size() / row_bytes || rows * row_bytes != bytes.size())
    return broken("its size is not that of its vectors");
  std::vector<float> vector(dimensions);
  for (TextKey key; take(bytes, key);) {
    std::memcpy(vector.data(), bytes.data(), dimensions * sizeof(float));
    bytes.remove_prefix(dimensions * sizeof(float));
    if (!out.put(key, vector)) return broken("it has a vector without a direction");
  }
  if (out.size() != rows) return broken("it has two vectors for one text");
  return out;
}

std::span<const float> VectorFile::find(const TextKey& key) const {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return {};
  return std::span(numbers_).subspan(found->second * dimensions_, dimensions_);
}

bool VectorFile::put(const TextKey& key, std::vector<float> vector) {
  if (dimensions_ != 0 && vector.size() != dimensions_) return false;
  if (!normalise(vector)) return false;
  dimensions_ = vector.size();
  const auto [place, fresh] = rows_.emplace(key, rows_.size());
  if (fresh)
    numbers_.insert(numbers_.end(), vector.begin(), vector.end());
  else
    std::copy(vector.begin(), vector.end(),
              numbers_.begin() + static_cast<std::ptrdiff_t>(place->second * dimensions_));
  return true;
}

std::string VectorFile::bytes() const {
  std::string out(magic);
  append(out, static_cast<std::uint32_t>(dimensions_));
  append(out, static_cast<std::uint32_t>(rows_.size()));
  append(out, static_cast<std::uint32_t>(encoder_.size()));
  out += encoder_;
  for (const auto& [key, row] : rows_) {
    out.append(reinterpret_cast<const char*>(key.data()), key.size());
    out.append(reinterpret_cast<const char*>(&numbers_[row * dimensions_]), dimensions_ * sizeof(float));
  }
  append(out, crc32c(out));
  return out;
}

}  // namespace triage::similarity
