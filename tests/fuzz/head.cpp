// Requests on one connection: the same verdict however the bytes come, nothing dangerous in what was read, and a
// request that was read and written out again is the same request.

#include "fuzz_check.hpp"
#include "unit/http1/request_head_stream.hpp"

#include <string>

namespace triage::fuzz {
namespace {

bool clean(std::string_view text) {
  for (const char byte : text)
    if (!grammar::is(byte, grammar::value_byte)) return false;
  return true;
}

void check_request(const test::SeenRequest& request) {
  check(!request.method.empty() && !request.path.empty(), "a method and a path");
  check(request.minor == 0 || !request.host.empty(), "HTTP/1.1 has a host");
  check(clean(request.target), "no control byte in a target");
  bool has_length = false;
  bool has_coding = false;
  for (const auto& [name, value] : request.fields) {
    check(!name.empty() && name.find_first_of(" \t:") == std::string::npos, "names are tokens");
    check(clean(value) && grammar::trim(value) == value, "values are clean and trimmed");
    has_length |= grammar::name_of(name) == grammar::Name::content_length;
    has_coding |= grammar::name_of(name) == grammar::Name::transfer_encoding;
  }
  check(!(has_length && has_coding), "one way to frame a body");
}

void check_round_trip(const test::SeenRequest& request, HeadLimits limits) {
  std::string bytes = request.method + " " + request.target + " HTTP/1." + std::to_string(request.minor) + "\r\n";
  for (const auto& [name, value] : request.fields) bytes += name + ":" + value + "\r\n";
  const test::ExactCopy copy(bytes + "\r\n");
  RequestHeadParser parser(limits);
  RequestHead head;
  check(parser.feed(copy.view(), head) == RequestHeadParser::Status::done, "written out, it is accepted again");
  check(head.method == request.method && head.target == request.target && head.path == request.path &&
            head.query == request.query && head.host == request.host && head.keep_alive == request.keep_alive,
        "written out, it reads the same");
  check(head.fields.size() == request.fields.size(), "written out, it has the same fields");
}

}  // namespace
}  // namespace triage::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace triage;
  const std::string_view bytes = fuzz::as_text(data, size);
  const HeadLimits limits = (fuzz::hash(bytes) & 1) != 0 ? HeadLimits{} : HeadLimits{32, 128, 6};
  test::RequestStream whole(limits);
  whole.feed(bytes);
  test::RequestStream split(limits);
  fuzz::feed_split(split, bytes);
  fuzz::check(split.same_as(whole), "the same in two pieces");
  if (bytes.size() <= 256) {
    test::RequestStream slow(limits);
    fuzz::feed_slowly(slow, bytes);
    fuzz::check(slow.same_as(whole), "the same byte by byte");
  }
  for (const test::SeenRequest& request : whole.requests) {
    fuzz::check_request(request);
    fuzz::check_round_trip(request, limits);
  }
  return 0;
}
