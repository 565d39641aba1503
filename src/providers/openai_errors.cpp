#include "providers/openai.hpp"

namespace triage::openai {

Remedy classify(int status, std::string_view body) noexcept {
  if (status == 408 || status == 429 || status >= 500) return status == 501 ? Remedy::elsewhere : Remedy::anywhere;
  if (status < 400 || status == 401 || status == 403 || status == 404) return Remedy::elsewhere;
  const bool too_long = body.find("context_length_exceeded") != std::string_view::npos ||
                        body.find("maximum context length") != std::string_view::npos;
  return too_long ? Remedy::larger_window : Remedy::none;
}

}  // namespace triage::openai
