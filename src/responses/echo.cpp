#include "responses/echo.hpp"

#include "blocks/spelling.hpp"
#include "json/json.hpp"

#include <algorithm>
#include <array>

namespace triage::responses {
namespace {

struct Echoed {
  std::string_view name;
  std::string_view otherwise;  // what holds where the request says nothing
};
// As OpenAI's API reference has them ("The response object"). Nothing is kept here, so `store` and what needs a store
// are not repeated.
constexpr std::array<Echoed, 19> members{{{"instructions", "null"},
                                          {"max_output_tokens", "null"},
                                          {"max_tool_calls", "null"},
                                          {"metadata", "{}"},
                                          {"parallel_tool_calls", "true"},
                                          {"prompt_cache_key", "null"},
                                          {"reasoning", R"({"effort":null,"summary":null})"},
                                          {"safety_identifier", "null"},
                                          {"service_tier", R"("default")"},
                                          {"temperature", "1"},
                                          {"text", R"({"format":{"type":"text"}})"},
                                          {"tool_choice", R"("auto")"},
                                          {"tools", "[]"},
                                          {"top_logprobs", "0"},
                                          {"top_p", "1"},
                                          {"truncation", R"("disabled")"},
                                          {"user", "null"},
                                          {"background", "false"},
                                          {"previous_response_id", "null"}}};

}  // namespace

std::string echo_of(std::string_view body) {
  std::array<std::string_view, members.size()> said;
  JsonReader in(body);
  each_member(in, [&](const JsonString& name) {
    const std::size_t begin = in.value_offset();
    in.skip_unchecked();
    for (std::size_t i = 0; i < members.size(); ++i)
      if (name.is(members[i].name)) said[i] = body.substr(begin, in.offset() - begin);
  });
  std::string out;
  for (std::size_t i = 0; i < members.size(); ++i) {
    out.append(out.empty() ? "\"" : ",\"").append(members[i].name).append("\":");
    append_spelled(out, said[i].empty() || said[i] == "null" ? members[i].otherwise : said[i]);
  }
  out += R"(,"store":false)";
  std::ranges::replace(out, '\n', ' ');  // between values: a string has none
  std::ranges::replace(out, '\r', ' ');
  return out;
}

std::vector<std::string> namespaces_of(std::string_view body) {
  std::vector<std::string> out;
  if (body.find("\"namespace\"") == std::string_view::npos) return out;
  JsonReader in(body);
  const auto read_tool = [&] {
    bool space = false;
    JsonString called;
    each_member(in, [&](const JsonString& name) {
      JsonString text;
      if (!(name.is("type") || name.is("name")) || in.kind() != JsonReader::Kind::string || !in.string(text))
        in.skip_unchecked();
      else if (name.is("type"))
        space = text.is("namespace");
      else
        called = text;
    });
    if (space) out.emplace_back(called.raw);
  };
  each_member(in, [&](const JsonString& name) {
    name.is("tools") ? void(each_element(in, read_tool)) : void(in.skip_unchecked());
  });
  return out;
}

}  // namespace triage::responses
