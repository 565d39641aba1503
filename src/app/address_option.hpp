#pragma once
// Options that take an address.

#include "app/arguments.hpp"
#include "triage/spec.hpp"

namespace triage {

/// The address that the option gives, or `otherwise`. Throws UsageError.
Address address_option(const Arguments& arguments, const char* name, const Address& otherwise);

}  // namespace triage
