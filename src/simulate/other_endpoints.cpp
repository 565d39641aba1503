#include "simulate/other_endpoints.hpp"

#include "base/percent.hpp"
#include "base/text.hpp"
#include "json/json.hpp"
#include "simulate/embedding.hpp"
#include "simulate/tokens.hpp"

namespace triage::simulate {

namespace {

constexpr std::string_view said = "This is a simulated response.";

std::string_view or_model(const std::string& model) {
  return model.empty() ? std::string_view("simulated") : model;
}

// A Response object (POST /v1/responses); `status` completed or in_progress, which has no output yet.
void append_response(std::string& out, std::string_view model, std::string_view status, std::uint32_t input) {
  const bool whole = status == "completed";
  out.append(R"({"id":"resp_simulated","object":"response","created_at":1735689600,"status":")").append(status);
  out += R"(","error":null,"incomplete_details":null,"instructions":null,"metadata":{},"model":)";
  append_json_string(out, model);
  out += R"(,"output":[)";
  if (whole) {
    out += R"({"id":"msg_simulated","type":"message","status":"completed","role":"assistant","content":)"
           R"([{"type":"output_text","annotations":[],"logprobs":[],"text":)";
    append_json_string(out, said);
    out += "}]}";
  }
  out += R"(],"parallel_tool_calls":true,"temperature":1,"tool_choice":"auto","tools":[],"top_p":1,"usage":)";
  if (whole) {
    const auto output = static_cast<std::uint32_t>(count_tokens(said));
    out += R"({"input_tokens":)";
    append_number(out, input);
    out += R"(,"input_tokens_details":{"cached_tokens":0},"output_tokens":)";
    append_number(out, output);
    out += R"(,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":)";
    append_number(out, input + output);
    out += "}}";
  } else {
    out += "null}";
  }
}

void append_response_event(std::string& out, std::string_view type, std::size_t number, std::string_view rest) {
  out.append("event: ").append(type).append("\ndata: {\"type\":\"").append(type).append("\",\"sequence_number\":");
  append_number(out, number);
  out.append(rest).append("}\n\n");
}

Body response_body(std::string_view body) {
  const std::string model = read_model(body);
  const auto input = static_cast<std::uint32_t>(count_tokens(body));
  // Good enough to distinguish the two kinds; what is simulated here is the transport.
  const bool stream =
      body.find("\"stream\":true") != std::string_view::npos || body.find("\"stream\": true") != std::string_view::npos;
  Body reply;
  if (!stream) {
    append_response(reply.text, or_model(model), "completed", input);
    return reply;
  }
  reply.content_type = "text/event-stream; charset=utf-8";
  std::string response = ",\"response\":";
  append_response(response, or_model(model), "in_progress", input);
  append_response_event(reply.text, "response.created", 0, response);
  std::size_t number = 0;
  for (std::size_t at = 0; at < said.size();) {
    const std::size_t end = token_end(said, at);
    std::string delta = R"(,"item_id":"msg_simulated","output_index":0,"content_index":0,"logprobs":[],"delta":)";
    append_json_string(delta, said.substr(at, end - at));
    append_response_event(reply.text, "response.output_text.delta", ++number, delta);
    at = end;
  }
  response = ",\"response\":";
  append_response(response, or_model(model), "completed", input);
  append_response_event(reply.text, "response.completed", ++number, response);
  return reply;
}

Body moderation_body(std::string_view body) {
  constexpr std::array<std::string_view, 5> categories{"harassment", "hate", "self-harm", "sexual", "violence"};
  Body reply;
  reply.text = R"({"id":"modr-simulated","model":)";
  append_json_string(reply.text, or_model(read_model(body)));
  reply.text += R"(,"results":[{"flagged":false,"categories":{)";
  for (std::size_t i = 0; i < categories.size(); ++i)
    reply.text.append(i > 0 ? ",\"" : "\"").append(categories[i]).append("\":false");
  reply.text += R"(},"category_scores":{)";
  for (std::size_t i = 0; i < categories.size(); ++i)
    reply.text.append(i > 0 ? ",\"" : "\"").append(categories[i]).append("\":0.001");
  reply.text += "}}]}";
  return reply;
}

// Contains every byte value, to reveal what is not binary-safe.
std::string binary_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 7 + i / 256) & 0xFF);
  return bytes;
}

std::string_view parameter(std::string_view value, std::string_view name) {
  const std::string wanted = std::string(name) + "=";
  std::size_t at = value.find(wanted);
  // `name="` also ends `filename="`.
  while (at != std::string_view::npos && at > 0 && value[at - 1] != ' ' && value[at - 1] != ';')
    at = value.find(wanted, at + 1);
  if (at == std::string_view::npos) return {};
  value.remove_prefix(at + wanted.size());
  if (value.starts_with('"')) return value.substr(1, value.substr(1).find('"'));
  return value.substr(0, value.find_first_of("; \r\n"));
}

}  // namespace

std::string head_text(const RequestHead& head, std::size_t body_bytes) {
  const auto append_latin1 = [](std::string& out, std::string_view text) {
    out += '"';
    for (const char& c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x80) {
        append_json_escaped(out, std::string_view(&c, 1));
      } else {
        out += static_cast<char>(0xC0 | byte >> 6);
        out += static_cast<char>(0x80 | (byte & 0x3F));
      }
    }
    out += '"';
  };
  std::string out = R"({"method":)";
  append_latin1(out, head.method);
  out += R"(,"target":)";
  append_latin1(out, head.target);
  out += R"(,"fields":[)";
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    out += i == 0 ? "[" : ",[";
    append_latin1(out, head.fields[i].name);
    out += ',';
    append_latin1(out, head.fields[i].value);
    out += ']';
  }
  out += R"(],"body_bytes":)";
  append_number(out, body_bytes);
  return out + "}";
}

std::string file_text(const RequestHead& head, std::string_view body) {
  std::size_t bytes = body.size();
  std::string name = "upload";
  std::string purpose = "assistants";
  const std::string_view boundary = parameter(find_field(head.fields, "content-type").value_or(""), "boundary");
  const std::string delimiter = "--" + std::string(boundary);
  // part = delimiter CRLF fields CRLF CRLF content CRLF
  for (std::size_t at = boundary.empty() ? std::string_view::npos : body.find(delimiter);
       at != std::string_view::npos;) {
    const std::size_t begin = at + delimiter.size();
    const std::size_t blank = body.find("\r\n\r\n", begin);
    const std::size_t next = body.find("\r\n" + delimiter, begin);
    if (blank == std::string_view::npos || next == std::string_view::npos || blank + 4 > next) break;
    const std::string_view fields = body.substr(begin, blank - begin);
    const std::string_view content = body.substr(blank + 4, next - blank - 4);
    if (const std::string_view file = parameter(fields, "filename"); !file.empty()) {
      bytes = content.size();
      name = percent_decoded(file);
    } else if (parameter(fields, "name") == "purpose") {
      purpose = content;
    }
    at = next + 2;
  }
  const auto ascii = [](std::string& text) {
    for (char& c : text)
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  };
  ascii(name);
  ascii(purpose);
  std::string out = R"({"id":"file-simulated","object":"file","bytes":)";
  append_number(out, bytes);
  out += R"(,"created_at":1735689600,"filename":)";
  append_json_string(out, name);
  out += R"(,"purpose":)";
  append_json_string(out, purpose);
  return out + R"(,"status":"processed"})";
}

Body other_endpoint(const RequestHead& head, std::string_view resource, std::string_view body) {
  const bool post = head.method == "POST";
  Body reply;
  if (resource == "echo") {
    reply.content_type = find_field(head.fields, "content-type").value_or("application/octet-stream");
    reply.text = body;
  } else if (resource == "echo/head") {
    reply.text = head_text(head, body.size());
  } else if (resource == "files" && post) {
    reply.text = file_text(head, body);
  } else if (resource == "files" && head.method == "GET") {
    reply.text = R"({"object":"list","data":[],"has_more":false})";
  } else if (resource == "audio/speech" && post) {
    reply.content_type = "audio/mpeg";
    reply.text = binary_bytes(32 * 1024);
  } else if ((resource == "audio/transcriptions" || resource == "audio/translations") && post) {
    reply.text = R"({"text":"This is a simulated transcription."})";
  } else if (resource == "images/generations" && post) {
    reply.text = R"({"created":1735689600,"data":[{"b64_json":")";
    append_base64(reply.text, binary_bytes(3 * 1024));
    reply.text += "\"}]}";
  } else if (resource == "responses" && post) {
    reply = response_body(body);
  } else if (resource == "moderations" && post) {
    reply = moderation_body(body);
  } else {
    Fault fault;
    fault.status = 404;
    fault.message = "Invalid URL (" + std::string(head.method) + " /v1/" + percent_decoded(resource) + ")";
    reply = body_of(fault);
  }
  return reply;
}

}  // namespace triage::simulate
