#include "json/array_reader.hpp"

#include "triage/body_padding.hpp"

#include <algorithm>
#include <utility>

namespace triage {
namespace {

bool is_white(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

void JsonArrayReader::feed(std::string_view bytes) {
  bytes_.resize(size_);
  bytes_.erase(0, begin_);
  at_ -= begin_;
  object_ -= std::min(object_, begin_);
  begin_ = 0;
  bytes_.append(bytes);
  size_ = bytes_.size();
  bytes_.append(body_padding, '\0');
}

JsonArrayReader::Step JsonArrayReader::step(char c) noexcept {
  if (in_string_) {
    if (escaped_)
      escaped_ = false;
    else if (c == '\\')
      escaped_ = true;
    else
      in_string_ = c != '"';
    return Step::more;
  }
  if (depth_ > 0) {
    in_string_ = c == '"';
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') --depth_;
    return depth_ == 0 ? Step::element : Step::more;
  }
  if (is_white(c)) return Step::more;
  if (!inside_) {
    inside_ = c == '[';
    return inside_ ? Step::more : Step::broken;
  }
  if (c == ']') return Step::end;
  if (c == '{') {
    object_ = at_;
    depth_ = 1;
    return Step::more;
  }
  return c == ',' ? Step::more : Step::broken;
}

std::string_view JsonArrayReader::taken(std::size_t from) const noexcept {
  return std::string_view(bytes_).substr(from, at_ - from);
}

Result<std::optional<JsonArrayReader::Element>> JsonArrayReader::next() {
  while (at_ < size_ && !ended_) {
    const Step taken_step = step(bytes_[at_]);
    ++at_;
    if (taken_step == Step::broken)
      return Error{ErrorCode::upstream_bad_response, "the provider's stream is no JSON array of objects"};
    if (at_ - begin_ > element_bytes_max_)
      return Error{ErrorCode::upstream_too_large,
                   "an event of the provider's stream is longer than " + std::to_string(element_bytes_max_) + " bytes"};
    if (taken_step == Step::more) continue;
    Element out;
    if (taken_step == Step::element)
      out.json = taken(object_);
    else
      ended_ = true;
    out.raw = taken(std::exchange(begin_, at_));
    return std::optional(out);
  }
  return std::optional<Element>();
}

}  // namespace triage
