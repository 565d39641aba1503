#include "triage/secret.hpp"

#include <ostream>

namespace triage {

std::ostream& operator<<(std::ostream& out, const Secret& secret) {
  return out << (secret.empty() ? "" : "***");
}

}  // namespace triage
