// triage health: GET /health/ready of a gateway's admin address, for health checks of containers that have no curl.
#include "app/address_option.hpp"
#include "app/arguments.hpp"
#include "app/ask_admin.hpp"
#include "app/commands.hpp"
#include "options/values.hpp"

#include <cstdio>
#include <stdexcept>

namespace triage {

namespace {

int health(const Arguments& arguments) {
  const Address address = address_option(arguments, "admin", {"127.0.0.1", 9090});

  const AdminAnswer answer = ask_admin(address, "GET", "/health/ready");
  std::fputs(answer.body.c_str(), stdout);
  if (answer.status == 200) return exit_done;
  if (answer.status == 503) return exit_no;
  throw std::runtime_error(format_address(address) + " is no admin address: it answered " +
                           std::to_string(answer.status));
}

}  // namespace

Command health_command() {
  return {.name = "health",
          .summary = "ask a running gateway whether it takes requests",
          .about = "Asks a running gateway's /health/ready and prints the answer; for health checks of containers.",
          .options = {{"admin", "HOST:PORT", "the gateway's admin.address; 127.0.0.1:9090 if not given"}},
          .examples = {{"triage health", "on the machine that it runs on"}},
          .exits = "0 it takes requests, 1 it does not, 3 no answer.",
          .run = health};
}

}  // namespace triage
