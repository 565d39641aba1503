#include "http1/sse_reader.hpp"

#include "base/byte_scan.hpp"

#include <string>

//   stream = [ BOM ] *event          event = *( comment / field ) end-of-line
//   comment = ":" *any end-of-line   field = name [ ":" [ SP ] value ] end-of-line      end-of-line = CRLF / LF / CR
//
//   fed bytes --- whole event, LF framed, no comment, one data line ---> views into the fed bytes
//        \------- anything else: line by line ------> raw_ (LF framed) ------> views into raw_ and data_
// An event that cannot be read the first way is read the second way from its start. What the first way read is bounded
// by that event, so each byte is read twice at most.

namespace triage {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t first_reserve = 4096;

/// The value of a data line, or nullopt for any other field (WHATWG HTML 9.2.6).
std::optional<std::string_view> data_value(std::string_view line) noexcept {
  if (!line.starts_with("data")) return std::nullopt;
  line.remove_prefix(4);
  if (line.empty()) return line;
  if (line.front() != ':') return std::nullopt;
  line.remove_prefix(1);
  if (line.starts_with(' ')) line.remove_prefix(1);
  return line;
}

}  // namespace

SseReader::SseReader(std::size_t event_bytes_max) : event_bytes_max_(event_bytes_max) {}

void SseReader::feed(std::string_view bytes) {
  fed_ = bytes;
}

void SseReader::feed_copy(std::string_view bytes) {
  copy_.clear();
  copy_.append(bytes);
  feed(copy_.view());
}

Result<std::optional<SseReader::Event>> SseReader::next() {
  auto event = next_complete();
  if (!ended_ || !event || *event) return event;
  ended_ = false;
  return finish();
}

Result<std::optional<SseReader::Event>> SseReader::next_complete() {
  start_event_if_emitted();
  for (;;) {
    skip_preamble();
    if (fed_.empty()) return std::optional<Event>();
    if (at_event_start()) {
      if (auto event = take_in_place()) {
        if (event->raw.size() > event_bytes_max_) return too_large();
        if (event->data.data() == nullptr) continue;  // no data line
        return event;
      }
    }
    switch (take_line()) {
      case Line::incomplete: return std::optional<Event>();
      case Line::field: break;
      case Line::too_large: return too_large();
      case Line::blank: {
        auto event = end_event();
        if (event) return event;
      }
    }
  }
}

Result<std::optional<SseReader::Event>> SseReader::finish() {
  start_event_if_emitted();
  fed_ = {};
  in_comment_ = false;
  if (raw_.size() > line_begin_) end_line();
  raw_.append("\n");
  if (raw_.size() > event_bytes_max_) return too_large();
  return end_event();
}

Error SseReader::too_large() const {
  return Error{ErrorCode::upstream_too_large,
               "the provider sent an event of more than " + std::to_string(event_bytes_max_) + " bytes (limits.event)"};
}

bool SseReader::at_event_start() const noexcept {
  return raw_.empty() && !in_comment_;
}

void SseReader::start_event_if_emitted() noexcept {
  if (!emitted_) return;
  raw_.clear();
  data_.clear();
  line_begin_ = 0;
  data_lines_ = 0;
  emitted_ = false;
}

/// Skips the byte order mark at the stream's start and the LF of a CRLF, either of which may have been split off.
void SseReader::skip_preamble() {
  while (mark_bytes_ < byte_order_mark.size() && !fed_.empty()) {
    if (fed_.front() == byte_order_mark[mark_bytes_]) {
      fed_.remove_prefix(1);
      ++mark_bytes_;
    } else {
      raw_.append(byte_order_mark.substr(0, mark_bytes_));  // it only began like a byte order mark
      mark_bytes_ = byte_order_mark.size();
    }
  }
  if (after_cr_ && !fed_.empty()) {
    if (fed_.front() == '\n') fed_.remove_prefix(1);
    after_cr_ = false;
  }
}

/// Reads one event without copying, if it is like nearly all events. `data` is null if it has no data line.
std::optional<SseReader::Event> SseReader::take_in_place() noexcept {
  const char* const begin = fed_.data();
  const char* const end = begin + fed_.size();
  Event event;
  for (const char* line = begin;;) {
    const char* const stop = byte_scan::find_line_end(line, end);
    if (stop == end || *stop == '\r' || *line == ':') return std::nullopt;
    if (stop == line) {
      event.raw = {begin, static_cast<std::size_t>(stop + 1 - begin)};
      fed_.remove_prefix(event.raw.size());
      return event;
    }
    if (const auto value = data_value({line, static_cast<std::size_t>(stop - line)})) {
      if (event.data.data() != nullptr) return std::nullopt;
      event.data = *value;
    }
    line = stop + 1;
  }
}

SseReader::Line SseReader::take_line() {
  const char* const begin = fed_.data();
  const char* const end = begin + fed_.size();
  const char* const stop = byte_scan::find_line_end(begin, end);
  const std::string_view piece(begin, static_cast<std::size_t>(stop - begin));
  if (raw_.size() == line_begin_ && !in_comment_) in_comment_ = piece.starts_with(':');
  if (!in_comment_ && !piece.empty()) {
    if (raw_.size() + piece.size() > event_bytes_max_) return Line::too_large;
    if (raw_.capacity() == 0) raw_.reserve(first_reserve);
    raw_.append(piece);
  }
  if (stop == end) {
    fed_ = {};
    return Line::incomplete;
  }
  after_cr_ = *stop == '\r';
  fed_.remove_prefix(piece.size() + 1);
  if (in_comment_) {
    in_comment_ = false;
    return Line::field;
  }
  const bool blank = raw_.size() == line_begin_;
  if (blank)
    raw_.append("\n");
  else
    end_line();
  if (raw_.size() > event_bytes_max_) return Line::too_large;
  return blank ? Line::blank : Line::field;
}

/// Ends the line that raw_ has from line_begin_ on. A single data line stays where it is; more are joined in data_.
void SseReader::end_line() {
  if (const auto value = data_value(raw_.view().substr(line_begin_))) {
    if (data_lines_ == 0) {
      data_begin_ = static_cast<std::size_t>(value->data() - raw_.data());
      data_size_ = value->size();
    } else {
      if (data_lines_ == 1) data_.append(raw_.view().substr(data_begin_, data_size_));
      data_.append("\n");
      data_.append(*value);
    }
    ++data_lines_;
  }
  raw_.append("\n");
  line_begin_ = raw_.size();
}

/// Called when raw_ ends with the blank line. nullopt, and ready for the next event, if there was no data.
std::optional<SseReader::Event> SseReader::end_event() noexcept {
  emitted_ = true;
  if (data_lines_ == 0) {
    start_event_if_emitted();
    return std::nullopt;
  }
  if (data_lines_ == 1) return Event{raw_.view().substr(data_begin_, data_size_), raw_.view()};
  return Event{data_.view(), raw_.view()};
}

}  // namespace triage
