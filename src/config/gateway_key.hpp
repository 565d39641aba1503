#pragma once
// What `triage key new` makes: a client's key and the config line that admits it. Only the hash is ever stored.

#include "triage/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct NewKey {
  std::string secret;      ///< "tk_" and 43 random characters (256 bits); shown once
  std::string sha256_hex;  ///< of the whole secret, prefix included
  std::string yaml_line;   ///< `- {name: checkout, sha256: "9f86...", routes: [chat]}`
};

/// Empty `routes`: all routes. Errors: invalid_value for names that the config would refuse.
Result<NewKey> new_gateway_key(std::string_view name, const std::vector<std::string>& routes);

}  // namespace triage
