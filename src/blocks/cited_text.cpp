#include "blocks/cited_text.hpp"

#include "blocks/spelling.hpp"

namespace triage {

// An escape is one character, and two of \uXXXX that are a surrogate pair are.
std::int64_t characters_in(std::string_view raw) noexcept {
  constexpr std::size_t unicode_escape = 6;
  std::int64_t out = 0;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    const auto byte = static_cast<unsigned char>(raw[at]);
    if (byte == '\\') {
      const bool unicode = at + 1 < raw.size() && raw[at + 1] == 'u';
      const bool second = unicode && at + 3 < raw.size() && (raw[at + 2] | 0x20) == 'd' && (raw[at + 3] | 0x20) >= 'c';
      out += second ? 0 : 1;
      at += unicode ? unicode_escape - 1 : 1;
    } else {
      out += (byte & 0xc0) != 0x80 ? 1 : 0;
    }
  }
  return out;
}

void CitedText::add(const BlockEvent& event) {
  using Kind = BlockEvent::Kind;
  if (event.block != BlockKind::text) return;
  if (event.kind == Kind::block_begin) from_ = count_;
  if (event.kind == Kind::delta) count_ += characters_in(event.text.raw);
  if (event.kind == Kind::citation)
    citations_.push_back({std::string(event.id.raw), std::string(event.name.raw), std::string(event.text.raw),
                          std::string(event.native.raw), event.from < 0 ? -1 : from_ + event.from, from_ + event.to});
  if (event.kind != Kind::block_end) return;
  for (Citation& each : citations_)
    if (each.from < 0) each.from = from_, each.to = count_;
}

void append_url_citation(std::string& out, const Citation& citation, std::string_view before) {
  out.append(before).append(R"("start_index":)").append(std::to_string(citation.from));
  out.append(R"(,"end_index":)").append(std::to_string(citation.to));
  append_spelled(out += R"(,"url":")", citation.url);
  append_spelled(out += R"(","title":")", citation.title);
  out += "\"}";
}

}  // namespace triage
