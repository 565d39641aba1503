#include "gemini/stream_objects.hpp"

namespace triage::gemini {

constexpr std::string_view white = " \t\r\n";

void StreamObjects::feed(std::string_view bytes) {
  if (framing_ == Framing::unknown) {
    const std::size_t first = bytes.find_first_not_of(white);
    if (first == std::string_view::npos) return;
    framing_ = bytes[first] == '[' ? Framing::array : Framing::events;
  }
  if (framing_ == Framing::array)
    array_.feed(bytes);
  else
    events_.feed(bytes);
}

void StreamObjects::end() noexcept {
  ended_ = true;
  events_.end();
}

Result<std::optional<StreamObjects::Object>> StreamObjects::next() {
  if (framing_ == Framing::array) {
    const auto element = array_.next();
    if (!element) return element.error();
    if (!*element) return std::optional<Object>();
    return std::optional<Object>({(*element)->json, (*element)->raw});
  }
  for (;;) {
    const auto event = events_.next();
    if (!event) return event.error();
    if (!*event) return std::optional<Object>();
    if ((*event)->data.find_first_not_of(white) == std::string_view::npos) continue;
    return std::optional<Object>({(*event)->data, (*event)->raw});
  }
}

}  // namespace triage::gemini
