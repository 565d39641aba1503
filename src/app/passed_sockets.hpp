#pragma once
// Listening sockets from whoever started this process: systemd, or the gateway before this one (successor.hpp). As in
// sd_listen_fds(3): LISTEN_FDS of them, from descriptor 3 on, if LISTEN_PID is this process; LISTEN_FDNAMES names them.

#include "triage/spec.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct PassedSockets {
  std::vector<int> api;
  std::vector<int> admin;
};

/// Takes them, and the variables, so that nobody else does; none if there are none. Throws std::runtime_error if they
/// are not what a gateway can serve.
PassedSockets take_passed_sockets();

/// Which is which: `api` and `admin` by name; under other names the first is for the API, the second for admin, and
/// more are refused (std::runtime_error). Pure.
PassedSockets told_apart(const std::vector<int>& sockets, std::string_view names);

/// The address to check and to show in place of `configured`: that one if all `sockets` have it, else theirs, one that
/// others can reach before one that they cannot.
Address prevailing_address(const std::vector<int>& sockets, const Address& configured);

}  // namespace triage
