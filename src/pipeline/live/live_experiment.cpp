#include "pipeline/live/live_experiment.hpp"

#include "base/hash.hpp"
#include "base/sha256.hpp"
#include "pipeline/live/snapshot.hpp"

namespace triage {
namespace {

std::uint64_t number_at(const std::array<std::uint8_t, 32>& bytes, std::size_t begin) noexcept {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out |= std::uint64_t{bytes[begin + i]} << (8 * i);
  return out;
}

}  // namespace

UnitHash::UnitHash(std::string_view purpose) {
  for (std::size_t of = 0; of < seeds_.size(); ++of)
    seeds_[of] = stable_hash64(std::string(purpose).append("\n").append(std::to_string(of)));
}

std::uint64_t UnitHash::operator()(UnitClass of, std::string_view unit) const noexcept {
  return stable_hash64(unit, seeds_[static_cast<std::size_t>(of)]);
}

UnitDisguise::UnitDisguise(std::string_view secret, std::string_view purpose) {
  const auto key = hmac_sha256(secret, purpose);
  low_ = number_at(key, 0);
  high_ = number_at(key, 8);
}

std::uint64_t UnitDisguise::operator()(UnitClass of, std::string_view unit) const noexcept {
  return keyed_hash64(unit, low_ ^ static_cast<std::uint64_t>(of), high_);
}

double fraction(std::uint64_t hash) noexcept {
  constexpr double below_one = 0x1p-53;  // a double has 53 bits
  return static_cast<double>(hash >> 11) * below_one;
}

RecordedAssignment::RecordedAssignment(const Assignment& assigned) {
  if (assigned.experiment == nullptr) return;
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < unit_.size(); ++i) unit_[i] = digits[assigned.unit >> (60 - 4 * i) & 0xf];
  record_ = {assigned.experiment->spec->name,
             assigned.experiment->spec->version,
             word(assigned.arm),
             {unit_.data(), unit_.size()},
             assigned.share};
}

}  // namespace triage
