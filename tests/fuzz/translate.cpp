// Requests, translated both ways: what is written is JSON, and the same each time.

#include "anthropic/request_reader.hpp"
#include "anthropic/request_writer.hpp"
#include "fuzz_check.hpp"
#include "json/json.hpp"
#include "openai/block_reader.hpp"
#include "openai/chat_writer.hpp"
#include "openai/request_body.hpp"
#include "support/padded.hpp"

#include <string>

namespace triage::fuzz {
namespace {

std::string written(std::string_view bytes) {
  const test::Padded body(bytes);
  const auto request = parse_request_body(Api::chat, body.view(), 64);
  if (!request) return "";
  const auto blocks = openai::read_blocks(*request);
  if (!blocks) return "";
  Deployment deployment;
  deployment.model = "m";
  deployment.thinking = (hash(bytes) & 1) == 0 ? Thinking::budget : Thinking::adaptive;
  const auto call = anthropic::write_request(*blocks, deployment);
  if (!call) return "";
  const test::Padded json(call->body);
  JsonReader in(json.view());
  check(in.skip() && in.finish(), "a request is JSON");
  check(!find_invalid_utf8(call->body), "a request is UTF-8");
  for (const std::string& name : call->dropped)
    check(name.find_first_of("\r\n") == std::string::npos, "a name fits a header");
  return call->body;
}

std::string written_as_chat(std::string_view bytes) {
  constexpr std::uint32_t depth_max = 64;
  const test::Padded body(bytes);
  const auto request = anthropic::read_request(body.view(), depth_max);
  if (!request) return "";
  const std::string chat = openai::write_chat(request->blocks, request->model);
  const test::Padded json(chat);
  const auto parsed = parse_request_body(Api::chat, json.view(), 2 * depth_max);
  check(parsed.has_value(), "a request as chat is a chat request");
  check(parsed->model == request->model, "it names the same model");
  return chat;
}

}  // namespace
}  // namespace triage::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace triage::fuzz;
  const std::string_view bytes = as_text(data, size);
  check(written(bytes) == written(bytes), "the same bytes each time");
  check(written_as_chat(bytes) == written_as_chat(bytes), "the same chat each time");
  return 0;
}
