#include "base/ids.hpp"

#include <openssl/rand.h>

#include <array>
#include <chrono>
#include <random>
#include <stdexcept>

namespace triage {
namespace {

constexpr std::size_t time_digits = 8;  // of milliseconds: until the year 8888

// In the order of the character codes, so that ids sort like the numbers.
constexpr char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::mt19937_64 seeded() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
  return std::mt19937_64(seed);
}

}  // namespace

std::string random_secret(std::size_t length) {
  std::string out;
  out.reserve(length);
  while (out.size() < length) {
    std::array<unsigned char, 64> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) throw std::runtime_error("no random bytes");
    for (const unsigned char byte : bytes)
      if (byte < 248 && out.size() < length) out.push_back(alphabet[byte % 62]);  // 248 = 4 * 62: no bias
  }
  return out;
}

std::string request_id() {
  thread_local std::mt19937_64 generator = seeded();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string id = "req_";
  id.resize(4 + time_digits);
  auto time = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  for (std::size_t i = id.size(); i > 4; time /= 62) id[--i] = alphabet[time % 62];
  for (int half = 0; half < 2; ++half) {
    std::uint64_t bits = generator();
    for (int i = 0; i < 7; ++i, bits /= 62) id.push_back(alphabet[bits % 62]);
  }
  return id;
}

}  // namespace triage
