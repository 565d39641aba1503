#include "responses/answer_members.hpp"

#include "blocks/member_values.hpp"
#include "openai/error_body.hpp"
#include "openai/error_status.hpp"
#include "openai/usage.hpp"

#include <algorithm>
#include <charconv>

namespace triage::responses {
namespace {

using Kind = JsonReader::Kind;

std::string_view value_of(JsonReader& in, std::string_view json) {
  const std::size_t begin = in.value_offset();
  in.skip();
  return json.substr(begin, in.offset() - begin);
}

std::string_view list_of(JsonReader& in, std::string_view json) {
  const bool is_list = in.kind() == Kind::array;
  const std::string_view value = value_of(in, json);
  return is_list ? value : std::string_view();
}

std::int64_t index_of(JsonReader& in) {
  std::string_view spelled;
  std::int64_t value = 0;
  if (in.kind() != Kind::number || !in.number(spelled)) {
    in.skip();
    return 0;
  }
  std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
  return std::max<std::int64_t>(0, value);
}

class MembersReader {
 public:
  MembersReader(std::string_view json, AnswerMembers& out) : json_(json), in_(json), out_(out) {}

  bool read() {
    const bool is_object = each_member(in_, [this](const JsonString& name) { read_member(name); });
    return is_object && in_.finish();
  }

 private:
  void read_member(const JsonString& name) {
    if (name.is("response"))
      each_member(in_, [this](const JsonString& inner) { read_response_member(inner); });
    else if (name.is("type"))
      out_.type = string_of(in_);
    else if ((name.is("delta") || name.is("text") || name.is("refusal") || name.is("arguments") || name.is("input")) &&
             in_.kind() == Kind::string)  // a response has an object `text`
      out_.text = string_of(in_);
    else if (name.is("logprobs"))
      out_.logprobs = list_of(in_, json_);
    else if (name.is("annotation"))
      out_.annotation = value_of(in_, json_);
    else if (name.is("output_index"))
      out_.output_index = index_of(in_);
    else if (name.is("content_index") || name.is("summary_index"))
      out_.part = index_of(in_);
    else if (name.is("item"))
      out_.item = value_of(in_, json_);
    else if (name.is("code"))
      out_.code = string_of(in_);
    else
      read_response_member(name);
  }

  void read_response_member(const JsonString& name) {
    if (name.is("id"))
      out_.id = string_of(in_);
    else if (name.is("model"))
      out_.model = string_of(in_);
    else if (name.is("status"))
      out_.status = string_of(in_);
    else if (name.is("output"))
      out_.output = list_of(in_, json_);
    else if (name.is("usage"))
      out_.usage = openai::read_usage(in_, out_.service_tier);
    else if (name.is("service_tier"))
      out_.service_tier = string_of(in_).raw;
    else if (name.is("error") && (in_.kind() == Kind::object || in_.kind() == Kind::string))
      out_.error = value_of(in_, json_);
    else if (name.is("incomplete_details"))
      each_member(in_, [this](const JsonString& inner) {
        if (inner.is("reason"))
          out_.why = string_of(in_);
        else
          in_.skip();
      });
    else
      in_.skip();
  }

  std::string_view json_;
  JsonReader in_;
  AnswerMembers& out_;
};

}  // namespace

std::optional<AnswerMembers> read_answer_members(std::string_view json) {
  AnswerMembers out;
  if (!MembersReader(json, out).read()) return std::nullopt;
  return out;
}

OutputItem read_output_item(JsonReader& in, std::string_view json) {
  OutputItem out;
  each_member(in, [&](const JsonString& name) {
    if (name.is("type"))
      out.type = string_of(in);
    else if (name.is("id"))
      out.id = string_of(in);
    else if (name.is("call_id"))
      out.call_id = string_of(in);
    else if (name.is("name"))
      out.name = string_of(in);
    else if (name.is("arguments") || name.is("input"))
      out.arguments = string_of(in);
    else if (name.is("encrypted_content"))
      out.encrypted_content = string_of(in);
    else if (name.is("summary"))
      out.summary = list_of(in, json);
    else if (name.is("content"))
      out.content = list_of(in, json);
    else
      in.skip();
  });
  return out;
}

OutputPart read_output_part(JsonReader& in, std::string_view json) {
  OutputPart out;
  each_member(in, [&](const JsonString& name) {
    const bool refusal = name.is("refusal") && in.kind() == Kind::string;
    if (refusal || (name.is("text") && in.kind() == Kind::string))
      out.text = string_of(in);
    else if (name.is("logprobs"))
      out.logprobs = list_of(in, json);
    else if (name.is("annotations"))
      out.annotations = list_of(in, json);
    else
      in.skip();
    out.refuses = out.refuses || refusal;
  });
  return out;
}

Annotation read_annotation(JsonReader& in) {
  Annotation out;
  bool cites = false;
  each_member(in, [&](const JsonString& name) {
    if (name.is("type"))
      cites = string_of(in).is("url_citation");
    else if (name.is("url"))
      out.url = string_of(in);
    else if (name.is("title"))
      out.title = string_of(in);
    else if (name.is("start_index"))
      out.from = read_whole(in, 0).value_or(-1);
    else if (name.is("end_index"))
      out.to = read_whole(in, 0).value_or(-1);
    else
      in.skip();
  });
  if (!cites) out.url = {};
  if (out.to <= out.from) out.from = out.to = -1;
  return out;
}

Error reported_error(std::string_view json, const AnswerMembers& members) {
  const std::string_view error = members.error.starts_with('{') ? members.error : json;
  JsonString code = members.code;
  JsonReader in(error);
  each_member(in, [&](const JsonString& name) {
    if (name.is("code") && in.kind() == Kind::string)
      code = string_of(in);
    else
      in.skip();
  });
  Error out{ErrorCode::upstream_error, members.status.is("cancelled")
                                           ? "the provider cancelled the response"
                                           : "the provider reports an error in place of an answer"};
  if (const std::string message = reported_message(error); !message.empty()) out.message += ": " + message;
  out.status = error_status(code.raw);
  if (code.is("server_error")) out.status = 500;
  if (code.is("invalid_prompt")) out.status = 400;
  return out;
}

}  // namespace triage::responses
