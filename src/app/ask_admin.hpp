#pragma once
// A request to the admin address of a running gateway.

#include "triage/spec.hpp"

#include <stdexcept>
#include <string>

namespace triage {

struct AdminAnswer {
  int status = 0;
  std::string body;
};

/// Nobody listens there.
struct NoGateway : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `method` GET or POST; `key`: the admin key, or empty. Throws NoGateway, and std::runtime_error where what answers is
/// no gateway, or does not answer in time.
AdminAnswer ask_admin(const Address& address, const std::string& method, const std::string& path,
                      const std::string& body = "", const std::string& key = "");

}  // namespace triage
