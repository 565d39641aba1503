#include "app/address_option.hpp"

#include "options/values.hpp"

namespace triage {

Address address_option(const Arguments& arguments, const char* name, const Address& otherwise) {
  if (!arguments.has(name)) return otherwise;
  const std::string text = arguments.value(name);
  const auto address = parse_address(text);
  if (!address)
    throw UsageError("--" + std::string(name) + " '" + text + "': " + address.error().message +
                     "; write HOST:PORT, as in 127.0.0.1:8080");
  return *address;
}

}  // namespace triage
