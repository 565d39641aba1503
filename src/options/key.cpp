#include "options/key.hpp"

#include <charconv>
#include <cmath>

namespace triage::options {

std::int64_t Scalar<double>::magnitude(double value) {
  return static_cast<std::int64_t>(value < 0 ? std::floor(value) : std::ceil(value));
}

std::string Scalar<double>::format(double value) {
  char text[400];  // the largest double has 309 digits
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed).ptr;
  return {text, end};
}

}  // namespace triage::options
