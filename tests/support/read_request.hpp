#pragma once
// A body as it was read, whatever it lacks: for tests of what is done with the places that were found in it.

#include "json/json.hpp"
#include "openai/request_outline.hpp"

#include <string_view>

namespace triage::test {

/// `body`: body_padding readable bytes behind; it must outlive the result.
inline ApiRequest read_loosely(std::string_view body, Api api = Api::chat) {
  ApiRequest request;
  request.api = api;
  request.body = body;
  JsonReader in(body);
  if (in.kind() != JsonReader::Kind::object || !in.enter_object()) return request;
  request.object_begin = in.offset();
  OutlineReader outline(in, request);
  JsonString name;
  while (in.next_name(name)) outline.read_member(name);
  return request;
}

}  // namespace triage::test
