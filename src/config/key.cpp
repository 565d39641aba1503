#include "config/key.hpp"

#include <charconv>

namespace triage::config {

std::string Scalar<double>::format(double value) {
  char text[400];  // the largest double has 309 digits
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed).ptr;
  return {text, end};
}

}  // namespace triage::config
