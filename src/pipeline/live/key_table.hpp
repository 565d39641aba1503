#pragma once
// Gateway keys by their digests. Finding one takes the same time whether there is one or 100,000. Immutable.

#include "triage/spec.hpp"

#include <openssl/crypto.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <unordered_map>
#include <vector>

namespace triage {

class KeyTable {
 public:
  KeyTable() = default;
  /// `keys` must outlive the table. Of two keys with one digest the last is found.
  explicit KeyTable(const std::vector<KeySpec>& keys) {
    by_prefix_.reserve(keys.size());
    for (const KeySpec& key : keys) by_prefix_[prefix(key.sha256)].push_back(&key);
  }

  /// The key whose digest this is, or null. The bucket depends on the digest, from which nothing follows about the keys
  /// of others: who chooses a token does not choose its SHA-256. The comparison takes constant time.
  [[nodiscard]] const KeySpec* find(const std::array<std::uint8_t, 32>& digest) const noexcept {
    const auto bucket = by_prefix_.find(prefix(digest));
    if (bucket == by_prefix_.end()) return nullptr;
    const KeySpec* found = nullptr;
    for (const KeySpec* key : bucket->second)
      if (CRYPTO_memcmp(key->sha256.data(), digest.data(), digest.size()) == 0) found = key;
    return found;
  }

 private:
  static std::uint64_t prefix(const std::array<std::uint8_t, 32>& digest) noexcept {
    std::uint64_t out = 0;
    std::memcpy(&out, digest.data(), sizeof out);
    return out;
  }
  std::unordered_map<std::uint64_t, std::vector<const KeySpec*>> by_prefix_;
};

}  // namespace triage
