// The head of a request (RFC 9112, 2.1 and 3):
//
//   *CRLF  method SP target SP "HTTP/" DIGIT "." DIGIT CRLF  field section
//
//   leading -tchar-> method -SP-> target -SP-> version -LF-> fields -end-> done
//      |^
//      CR LF
//
//   target = origin-form     "/" path [ "?" query ]
//          / absolute-form   scheme ":" ...                   not for CONNECT
//          / authority-form  host ":" port                    only for CONNECT
//          / "*"                                              only for OPTIONS
//
// A version other than HTTP/1.x is reported when its line is complete, every other fault at the byte that shows it.

#include "http1/head_parser.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace triage {
namespace {

constexpr std::size_t leading_bytes_max = 64;  // RFC 9112, 2.2 asks for one CRLF; many are an attack
constexpr std::size_t method_bytes_max = 64;
constexpr std::string_view connect_method = "CONNECT";
constexpr std::string_view options_method = "OPTIONS";
constexpr std::string_view version_prefix = "HTTP/";

/// RFC 9110, 9.3.6: a CONNECT without a usable port is refused.
bool valid_port(std::string_view port) {
  if (port.empty() || port.size() > 5) return false;
  unsigned value = 0;
  for (const char digit : port) value = value * 10 + static_cast<unsigned>(digit - '0');
  return value > 0 && value <= 65'535;
}

/// RFC 3986, 3.2.1.
bool valid_userinfo(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return grammar::is(c, grammar::host_byte) || c == ':' || c == '%'; });
}

std::size_t scheme_size(std::string_view target) {
  const auto stop =
      std::ranges::find_if_not(target, [](char c) { return is_alphanumeric(c) || c == '+' || c == '-' || c == '.'; });
  return static_cast<std::size_t>(stop - target.begin());
}

}  // namespace

RequestHeadParser::RequestHeadParser(HeadLimits limits) noexcept : limits_(limits) {}

void RequestHeadParser::reset() noexcept {
  state_ = State::leading;
  at_ = 0;
  host_seen_ = expect_seen_ = expect_unknown_ = false;
  content_length_.reset();
  codings_.reset();
  connection_ = {};
}

RequestHeadParser::Status RequestHeadParser::feed(std::string_view data, RequestHead& head) {
  if (state_ != State::fields) {
    const Status status = feed_request_line(data);
    if (status != Status::done) return status;
  }
  return feed_fields(data, head);
}

RequestHeadParser::Status RequestHeadParser::fail(ErrorCode code, std::string message) {
  error_.code = code;
  error_.message = std::move(message);
  return Status::failed;
}

// Each of the steps below returns done when its part is complete and the next may run.
RequestHeadParser::Status RequestHeadParser::feed_request_line(std::string_view data) {
  Status status = Status::done;
  if (state_ <= State::leading_line_feed) status = feed_leading(data);
  if (status == Status::done && state_ == State::method) status = feed_method(data);
  if (status == Status::done && state_ == State::target) status = feed_target(data);
  if (status == Status::done && state_ == State::version) status = feed_version(data);
  return status;
}

RequestHeadParser::Status RequestHeadParser::feed_leading(std::string_view data) {
  for (; at_ < data.size(); ++at_) {
    const char byte = data[at_];
    if (state_ == State::leading_line_feed) {
      if (byte != '\n') return fail(ErrorCode::malformed_http, "a CR without LF before the request line");
      state_ = State::leading;
    } else if (byte != '\r') {
      method_ = {at_, 0};
      state_ = State::method;
      return Status::done;
    } else if (at_ >= leading_bytes_max) {
      return fail(ErrorCode::malformed_http, "too many empty lines before the request line");
    } else {
      state_ = State::leading_line_feed;
    }
  }
  return Status::need_more;
}

RequestHeadParser::Status RequestHeadParser::feed_method(std::string_view data) {
  const std::size_t limit = method_.at + method_bytes_max;
  const std::size_t end = std::min(data.size(), limit);
  while (at_ < end && grammar::is(data[at_], grammar::token_byte)) ++at_;
  if (at_ == data.size()) return Status::need_more;
  const char byte = data[at_];
  if (byte != ' ' && at_ == limit)
    return fail(ErrorCode::malformed_http, "a method of more than " + std::to_string(method_bytes_max) + " bytes");
  if (byte != ' ' || at_ == method_.at)
    return fail(ErrorCode::malformed_http,
                "the byte " + grammar::spell(byte) + " where a method or the space behind it must be");
  method_.size = at_ - method_.at;
  target_ = {++at_, 0};
  connect_ = method_.in(data) == connect_method;
  state_ = State::target;
  return Status::done;
}

RequestHeadParser::Status RequestHeadParser::feed_target(std::string_view data) {
  if (at_ == data.size()) return Status::need_more;
  if (at_ == target_.at && !check_target_start(data[at_], method_.in(data))) return Status::failed;
  const std::size_t limit = target_.at + std::min(limits_.target_bytes, std::numeric_limits<std::size_t>::max() / 2);
  const std::size_t end = std::min(data.size(), limit);
  while (at_ < end && grammar::is(data[at_], grammar::target_byte)) ++at_;
  if (at_ == data.size()) return Status::need_more;
  const char byte = data[at_];
  if (byte != ' ' && at_ == limit)
    return fail(ErrorCode::uri_too_long,
                "a request target of more than " + std::to_string(limits_.target_bytes) + " bytes");
  if (byte == '#') return fail(ErrorCode::malformed_http, "a fragment (#) in the request target; leave it out");
  if (byte == '\r' || byte == '\n')
    return fail(ErrorCode::malformed_http, "a request line without version; end it with HTTP/1.1");
  if (byte != ' ')
    return fail(ErrorCode::malformed_http,
                "the byte " + grammar::spell(byte) + " in the request target; percent-encode it");
  target_.size = at_ - target_.at;
  if (!check_target(target_.in(data), method_.in(data))) return Status::failed;
  version_at_ = ++at_;
  state_ = State::version;
  return Status::done;
}

bool RequestHeadParser::check_target_start(char first, std::string_view method) {
  const bool plausible = connect_ ? grammar::is(first, grammar::host_byte) || first == '[' || first == '%'
                                  : first == '/' || is_letter(first) || (first == '*' && method == options_method);
  if (plausible) return true;
  if (first == '*' || (connect_ && first == '/'))
    fail(ErrorCode::malformed_http, "a request target that its method does not allow (RFC 9112, 3.2)");
  else
    fail(ErrorCode::malformed_http,
         "the byte " + grammar::spell(first) + " at the start of the request target; start it with a slash");
  return false;
}

// RFC 9112, 3.2.
bool RequestHeadParser::check_target(std::string_view target, std::string_view method) {
  authority_ = {};
  foreign_ = false;
  path_ = target_;
  if (connect_) {
    foreign_ = true;
    authority_ = target_;
    if (grammar::valid_host(target) && valid_port(grammar::port_of(target).value_or(""))) return true;
    fail(ErrorCode::malformed_http, "a CONNECT target that is not host:port");
    return false;
  }
  if (target.front() == '/') return true;
  if (target.front() == '*') {
    if (target.size() == 1 && method == options_method) return true;
    fail(ErrorCode::malformed_http, "a request target that starts with '*'; start it with a slash");
    return false;
  }
  const std::size_t scheme_end = scheme_size(target);
  if (scheme_end == target.size() || target[scheme_end] != ':') {
    fail(ErrorCode::malformed_http, "a request target that is neither a path nor a URI; start it with a slash");
    return false;
  }
  return check_absolute_form(target, scheme_end);
}

// RFC 9112, 3.2.2; RFC 9110, 4.2. Userinfo is tolerated and dropped: the gateway never forwards this form.
bool RequestHeadParser::check_absolute_form(std::string_view target, std::size_t scheme_end) {
  const std::string_view scheme = target.substr(0, scheme_end);
  if (!iequals(scheme, "http") && !iequals(scheme, "https")) {
    foreign_ = true;
    return true;
  }
  const std::size_t begin = scheme_end + 3;
  bool valid = target.substr(scheme_end).starts_with("://");
  if (valid) {
    const std::size_t end = std::min(target.find_first_of("/?", begin), target.size());
    std::string_view authority = target.substr(begin, end - begin);
    const std::size_t at_sign = authority.rfind('@');
    if (at_sign != std::string_view::npos) {
      valid = valid_userinfo(authority.substr(0, at_sign));
      authority.remove_prefix(at_sign + 1);
    }
    valid = valid && grammar::valid_host(authority);
    authority_ = {target_.at + end - authority.size(), authority.size()};
    path_ = {target_.at + end, target.size() - end};
  }
  if (!valid) fail(ErrorCode::malformed_http, "a request target with an invalid host; write http://host[:port]/path");
  return valid;
}

RequestHeadParser::Status RequestHeadParser::feed_version(std::string_view data) {
  for (; at_ < data.size(); ++at_) {
    const std::size_t index = at_ - version_at_;
    const char byte = data[at_];
    bool valid = false;
    switch (index) {
      case 5: valid = is_digit(byte), major_ = byte - '0'; break;
      case 6: valid = byte == '.'; break;
      case 7: valid = is_digit(byte), minor_ = byte - '0'; break;
      case 8: valid = byte == '\r'; break;
      case 9: valid = byte == '\n'; break;
      default: valid = byte == version_prefix[index];
    }
    if (!valid)
      return fail(ErrorCode::malformed_http,
                  "the byte " + grammar::spell(byte) + " in the request line where \"HTTP/1.1\" CRLF must be");
    if (index < 9) continue;
    if (major_ != 1)
      return fail(ErrorCode::http_version_not_supported,
                  "HTTP/" + std::to_string(major_) + "." + std::to_string(minor_) + "; use HTTP/1.1");
    minor_ = std::min(minor_, 1);  // RFC 9110, 2.5: a higher minor is treated as the highest one known
    scanner_.begin(++at_, limits_);
    state_ = State::fields;
    return Status::done;
  }
  return Status::need_more;
}

RequestHeadParser::Status RequestHeadParser::feed_fields(std::string_view data, RequestHead& head) {
  using Step = grammar::FieldScanner::Step;
  while (true) {
    switch (scanner_.next(data)) {
      case Step::need_more: return Status::need_more;
      case Step::malformed: return fail(ErrorCode::malformed_http, scanner_.fault());
      case Step::too_large: return fail(ErrorCode::head_too_large, scanner_.fault());
      case Step::line: {
        const grammar::FieldSpan& span = scanner_.spans().back();
        const grammar::Name name = grammar::name_of(span.name_in(data));
        if (name != grammar::Name::other && !check_field(name, span, data)) return Status::failed;
        break;
      }
      case Step::end:
        at_ = scanner_.position();
        if (!check_head()) return Status::failed;
        fill(data, head);
        return Status::done;
    }
  }
}

bool RequestHeadParser::check_field(grammar::Name name, const grammar::FieldSpan& span, std::string_view data) {
  const std::string_view value = span.value_in(data);
  switch (name) {
    case grammar::Name::host:  // RFC 9112, 3.2
      if (std::exchange(host_seen_, true)) return fail(ErrorCode::malformed_http, "Host twice"), false;
      if (!grammar::valid_host(value))
        return fail(ErrorCode::malformed_http, "an invalid Host; write host or host:port, nothing else"), false;
      host_ = {span.value, span.value_size};
      return true;
    case grammar::Name::content_length:  // RFC 9112, 6.3
      if (content_length_) return fail(ErrorCode::malformed_http, "Content-Length twice"), false;
      content_length_ = grammar::content_length(value);
      if (content_length_) return true;
      fail(ErrorCode::malformed_http, "Content-Length: " + grammar::quote(value) + " is no number of 1 to 18 digits");
      return false;
    case grammar::Name::transfer_encoding: codings_.add_line(value); return true;
    case grammar::Name::connection: connection_.add_line(value); return true;
    case grammar::Name::expect: (iequals(value, "100-continue") ? expect_seen_ : expect_unknown_) = true; return true;
    case grammar::Name::other: return true;
  }
  return true;
}

bool RequestHeadParser::check_head() {
  using Verdict = grammar::TransferCodings::Verdict;
  const Verdict codings = codings_.verdict();
  if (!host_seen_ && minor_ >= 1) return fail(ErrorCode::malformed_http, "no Host"), false;
  if (codings != Verdict::absent) {  // RFC 9112, 6.1 and 6.3
    if (content_length_) return fail(ErrorCode::malformed_http, "both Content-Length and Transfer-Encoding"), false;
    if (minor_ < 1) return fail(ErrorCode::malformed_http, "Transfer-Encoding in HTTP/1.0"), false;
    if (codings == Verdict::invalid)
      return fail(ErrorCode::malformed_http, "a Transfer-Encoding that does not end in one chunked; use chunked"),
             false;
    if (codings == Verdict::unsupported)
      return fail(ErrorCode::unsupported_transfer_coding, "a transfer coding other than chunked; use chunked"), false;
  }
  if (expect_unknown_ && minor_ >= 1)  // RFC 9110, 10.1.1
    return fail(ErrorCode::expectation_failed, "an Expect other than 100-continue"), false;
  return true;
}

void RequestHeadParser::fill(std::string_view data, RequestHead& head) const {
  head.method = method_.in(data);
  head.target = target_.in(data);
  head.path = path_.in(data);
  head.query = {};
  if (!foreign_) {
    const std::size_t mark = head.path.find('?');
    if (mark != std::string_view::npos) {
      head.query = head.path.substr(mark + 1);
      head.path = head.path.substr(0, mark);
    }
    if (head.path.empty()) head.path = "/";
  }
  head.host = authority_.size != 0 ? authority_.in(data) : host_seen_ ? host_.in(data) : std::string_view();
  head.fields.clear();
  head.fields.reserve(scanner_.spans().size());
  for (const grammar::FieldSpan& span : scanner_.spans())
    head.fields.push_back({span.name_in(data), span.value_in(data)});
  head.minor = minor_;
  head.content_length = content_length_;
  head.chunked = codings_.verdict() == grammar::TransferCodings::Verdict::chunked;
  head.keep_alive = connection_.persistent(minor_) && !connect_;
  head.expect_continue = expect_seen_ && minor_ >= 1 && head.has_body();
}

}  // namespace triage
