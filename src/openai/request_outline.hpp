#pragma once
// What a router needs to know about a body besides its texts, read in the walk that checks it.

#include "json/json.hpp"
#include "triage/request.hpp"

namespace triage {

class OutlineReader {
 public:
  /// `in` reads the body of `request`, whose `api` must be set.
  OutlineReader(JsonReader& in, ApiRequest& request)
      : in_(in), api_(request.api), request_(request), out_(request.outline) {}

  /// Consumes and checks the value of any member of the body.
  void read_member(const JsonString& name);

 private:
  void read_texts();
  void read_message();
  Span read_content();
  Span read_prompts();
  void count_choices();
  Span read_tools();
  void read_response_format();
  void read_search_options();
  void read_schema();
  template <class See>
  void each_type(See see);
  void read_logprobs();
  std::optional<std::int64_t> read_number();
  Span skip();

  JsonReader& in_;
  const Api api_;
  ApiRequest& request_;
  RequestOutline& out_;
  std::int64_t n_ = 1;
  std::int64_t prompts_ = 1;
  bool completion_max_ = false;  // max_completion_tokens was seen
};

}  // namespace triage
