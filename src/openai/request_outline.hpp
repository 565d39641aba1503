#pragma once
// What a router wants to know of a body besides its texts, read in the same walk that checks it.

#include "json/json.hpp"
#include "triage/request.hpp"

namespace triage {

class OutlineReader {
 public:
  /// `in` reads the body of a request for `api`.
  OutlineReader(JsonReader& in, Api api, RequestOutline& out) : in_(in), api_(api), out_(out) {}

  /// Consumes and checks the value of a member of the body, whatever it is.
  void read_member(const JsonString& name);

 private:
  void read_message();
  Span read_content();
  void read_response_format();
  template <class See>
  void each_type(See see);
  void read_logprobs();
  std::optional<std::int64_t> read_number();
  Span skip();

  JsonReader& in_;
  const Api api_;
  RequestOutline& out_;
  bool completion_max_ = false;  // max_completion_tokens was there
};

}  // namespace triage
