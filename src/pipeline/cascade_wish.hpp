#pragma once

#include "triage/message.hpp"
#include "triage/spec.hpp"

#include <cstdint>

namespace triage {

/// What a client asks of a cascade by `x-triage-cascade`: that there is none, or that the stronger tier answers at
/// once.
enum class CascadeWish : std::uint8_t { none, off, force };

/// `none` also if the key may not ask.
inline CascadeWish cascade_wish(const RequestHead& head, const KeySpec* key) noexcept {
  const auto field = find_field(head.fields, "x-triage-cascade");
  if (!field || !may_set(key, KeyPower::cascade)) return CascadeWish::none;
  if (iequals(*field, "off")) return CascadeWish::off;
  return iequals(*field, "force") ? CascadeWish::force : CascadeWish::none;
}

}  // namespace triage
