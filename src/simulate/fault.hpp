#pragma once
// An error as a provider sends it: {"error":{"message","type","param","code"}}.

#include <chrono>
#include <optional>
#include <string>

namespace triage::simulate {

struct Fault {
  int status = 400;
  std::string message;
  std::string type = "invalid_request_error";
  std::string param = {};  ///< empty: null
  std::string code = {};   ///< empty: null
  std::optional<std::chrono::seconds> retry_after = {};
};

inline Fault bad_value(std::string message, std::string param, std::string code = "invalid_value") {
  return Fault{400, std::move(message), "invalid_request_error", std::move(param), std::move(code), {}};
}

/// The fault that providers usually send with this status.
Fault usual_fault(int status);

/// The body of the response.
std::string fault_text(const Fault& fault);

}  // namespace triage::simulate
