// The head of a response (RFC 9112, 2.1 and 4):
//
//   "HTTP/1." DIGIT SP 3DIGIT [ SP reason ] CRLF  field section
//
//   version -3rd digit-> reason -CR-> line_feed -LF-> fields -end-> done
//
// and how its body ends (RFC 9112, 6.3), what could be read in two ways refused:
//
//   to HEAD, 1xx, 204, 304      no body
//   Transfer-Encoding           exactly `chunked`, in HTTP/1.1, without Content-Length
//   Content-Length              once
//   neither                     until the connection closes

#include "http1/response_head_parser.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace triage {
namespace {

constexpr std::string_view status_prefix = "HTTP/1.";
constexpr std::size_t status_line_start = sizeof("HTTP/1.1 200") - 1;

}  // namespace

ResponseHeadParser::ResponseHeadParser(HeadLimits limits) noexcept : limits_(limits) {
  error_.code = ErrorCode::upstream_bad_response;
}

void ResponseHeadParser::reset() noexcept {
  state_ = State::version;
  at_ = 0;
  status_ = 0;
  content_length_.reset();
  codings_.reset();
  connection_ = {};
}

ResponseHeadParser::Status ResponseHeadParser::fail(std::string message) {
  error_.message = "the provider's response has " + message;
  return Status::failed;
}

ResponseHeadParser::Status ResponseHeadParser::feed(std::string_view data, bool to_head_request, ResponseHead& head,
                                                    ResponseFraming& framing) {
  Status status = Status::done;
  if (state_ == State::version) status = feed_status_line(data);
  if (status == Status::done && state_ < State::fields) status = feed_reason(data);
  if (status == Status::done) status = feed_fields(data);
  if (status != Status::done) return status;

  head.status = status_;
  head.fields.clear();
  head.fields.reserve(scanner_.spans().size());
  for (const grammar::FieldSpan& span : scanner_.spans())
    head.fields.push_back({span.name_in(data), span.value_in(data)});
  framing = framing_of(to_head_request);
  return Status::done;
}

ResponseHeadParser::Status ResponseHeadParser::feed_status_line(std::string_view data) {
  for (; at_ < data.size(); ++at_) {
    const char byte = data[at_];
    bool valid = is_digit(byte);
    switch (at_) {
      case 7: minor_ = byte > '0' ? 1 : 0; break;
      case 8: valid = byte == ' '; break;
      case 9: valid = byte >= '1' && byte <= '5'; [[fallthrough]];
      case 10:
      case 11: status_ = status_ * 10 + (byte - '0'); break;
      default: valid = byte == status_prefix[at_];
    }
    if (!valid)
      return fail("the byte " + grammar::spell(byte) + " at offset " + std::to_string(at_) +
                  " of its status line; expected HTTP/1.1 and a status of 100 to 599");
    if (at_ + 1 < status_line_start) continue;
    ++at_;
    state_ = State::reason;
    return Status::done;
  }
  return Status::need_more;
}

// The reason phrase has no meaning (RFC 9112, 4): checked, bounded and dropped. Its space may be missing too.
ResponseHeadParser::Status ResponseHeadParser::feed_reason(std::string_view data) {
  const std::size_t limit = std::max(limits_.target_bytes, status_line_start);
  if (state_ == State::reason) {
    if (at_ == data.size()) return Status::need_more;
    if (at_ == status_line_start && data[at_] != ' ' && data[at_] != '\r')
      return fail("a status that is not three digits");
    const std::size_t end = std::min(data.size(), limit);
    while (at_ < end && grammar::is(data[at_], grammar::value_byte)) ++at_;
    if (at_ == data.size()) return Status::need_more;
    if (data[at_] != '\r' && at_ == limit)
      return fail("a status line of more than " + std::to_string(limit) + " bytes");
    if (data[at_] != '\r') return fail("the byte " + grammar::spell(data[at_]) + " in its reason phrase");
    ++at_;
    state_ = State::line_feed;
  }
  if (at_ == data.size()) return Status::need_more;
  if (data[at_] != '\n') return fail("a CR without LF in its status line");
  scanner_.begin(++at_, limits_);
  state_ = State::fields;
  return Status::done;
}

ResponseHeadParser::Status ResponseHeadParser::feed_fields(std::string_view data) {
  using Step = grammar::FieldScanner::Step;
  while (true) {
    switch (scanner_.next(data)) {
      case Step::need_more: return Status::need_more;
      case Step::malformed:
      case Step::too_large: return fail(scanner_.fault());
      case Step::line: {
        const grammar::FieldSpan& span = scanner_.spans().back();
        const grammar::Name name = grammar::name_of(span.name_in(data));
        if (name != grammar::Name::other && !check_field(name, span.value_in(data))) return Status::failed;
        break;
      }
      case Step::end: at_ = scanner_.position(); return check_framing() ? Status::done : Status::failed;
    }
  }
}

bool ResponseHeadParser::check_field(grammar::Name name, std::string_view value) {
  if (name == grammar::Name::transfer_encoding) codings_.add_line(value);
  if (name == grammar::Name::connection) connection_.add_line(value);
  if (name != grammar::Name::content_length) return true;
  if (content_length_) return fail("Content-Length twice"), false;
  content_length_ = grammar::content_length(value);
  if (content_length_) return true;
  fail("Content-Length: " + grammar::quote(value) + ", no number of 1 to 18 digits");
  return false;
}

bool ResponseHeadParser::check_framing() {
  using Verdict = grammar::TransferCodings::Verdict;
  const Verdict codings = codings_.verdict();
  if (status_ == 101) return fail("status 101, but no upgrade was asked for"), false;
  if (codings == Verdict::absent && (status_ >= 200 || !content_length_)) return true;
  if (status_ < 200) return fail("framing fields in an interim response"), false;  // RFC 9112, 6.1; RFC 9110, 8.6
  if (content_length_) return fail("both Content-Length and Transfer-Encoding"), false;
  if (minor_ < 1) return fail("Transfer-Encoding in HTTP/1.0"), false;
  if (codings != Verdict::chunked) return fail("a Transfer-Encoding other than chunked"), false;
  return true;
}

// RFC 9112, 6.3.
ResponseFraming ResponseHeadParser::framing_of(bool to_head_request) const noexcept {
  ResponseFraming framing;
  framing.keep_alive = connection_.persistent(minor_);
  const bool chunked = codings_.verdict() == grammar::TransferCodings::Verdict::chunked;
  if (to_head_request || status_ < 200 || status_ == 204 || status_ == 304) {
    framing.content_length = 0;
    // A 204 that declares a body (RFC 9110, 8.6 forbids it) may be followed by one.
    if (status_ == 204 && !to_head_request && (chunked || content_length_.value_or(0) > 0)) framing.keep_alive = false;
  } else if (chunked) {
    framing.chunked = true;
  } else if (content_length_) {
    framing.content_length = content_length_;
  } else {
    framing.until_close = true;
    framing.keep_alive = false;
  }
  return framing;
}

}  // namespace triage
