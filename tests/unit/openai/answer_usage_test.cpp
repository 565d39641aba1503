#include "openai/answer_usage.hpp"

#include "answer/usage.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>

#include <zlib.h>
#include <algorithm>
#include <memory>
#include <string>

namespace triage {
namespace {

using Form = AnswerUsage::Form;

void feed(AnswerUsage& usage, std::string_view text, std::size_t size) {
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    const test::Padded piece(text.substr(0, size));
    usage.feed(piece.view());
  }
  usage.end();
}

const std::string response =
    R"({"id":"resp_1","output":[{"type":"reasoning"},{"type":"message"}],"service_tier":"default",)"
    R"("usage":{"input_tokens":75,"input_tokens_details":{"cached_tokens":5},"output_tokens":1186,)"
    R"("output_tokens_details":{"reasoning_tokens":1024},"total_tokens":1261}})";

TEST(AnswerUsage, OfAWholeAnswerHoweverItComes) {
  for (const std::size_t size : {1, 7, 100'000}) {
    AnswerUsage usage(Form::json, 1 << 20);
    feed(usage, response, size);
    ASSERT_TRUE(usage.reported());
    const Usage tokens = settled(*usage.reported());
    EXPECT_EQ(tokens.input, 75);
    EXPECT_EQ(tokens.input_cached, 5);
    EXPECT_EQ(tokens.output, 1186);
    EXPECT_EQ(tokens.reasoning, 1024);
    EXPECT_EQ(usage.reported()->searches, 0);
    EXPECT_EQ(usage.reported()->unpriced, 0);
    EXPECT_EQ(usage.service_tier(), "default");
  }
}

TEST(AnswerUsage, OfAStream) {
  const std::string events =
      "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"usage\":null}}\n\n"
      "data: {\"type\":\"response.output_text.delta\",\"delta\":\"\\\"usage\\\"\"}\n\n"
      "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":" +
      response + "}\n\n";
  for (const std::size_t size : {1, 50, 100'000}) {
    AnswerUsage usage(Form::events, 1 << 20);
    feed(usage, events, size);
    ASSERT_TRUE(usage.reported());
    EXPECT_EQ(usage.reported()->output, 1186);
  }
}

TEST(AnswerUsage, ToolsAndServiceTiersCostMoreThanTokens) {
  const auto with = [](std::string_view from, std::string_view to) {
    std::string other = response;
    other.replace(other.find(from), from.size(), to);
    auto usage = std::make_unique<AnswerUsage>(Form::json, 1 << 20);
    feed(*usage, other, 100'000);
    EXPECT_TRUE(usage->reported()) << to;
    return usage;
  };
  EXPECT_EQ(with("\"message\"", "\"web_search_call\"")->reported()->searches, 1);
  EXPECT_EQ(with("\"message\"", "\"code_interpreter_call\"")->reported()->unpriced, 1);
  EXPECT_EQ(with("\"default\"", "\"flex\"")->service_tier(), "flex");
}

TEST(AnswerUsage, OfAnthropicsStreamTheLargestCountsAreTaken) {
  AnswerUsage usage(Form::events, 1 << 20);
  feed(usage,
       "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":10,"
       "\"cache_read_input_tokens\":4,\"output_tokens\":1}}}\n\n"
       "event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":7}}\n\n",
       20);
  ASSERT_TRUE(usage.reported());
  const Usage tokens = settled(*usage.reported());
  EXPECT_EQ(tokens.input, 14);
  EXPECT_EQ(tokens.input_cached, 4);
  EXPECT_EQ(tokens.output, 7);
}

TEST(AnswerUsage, OfACompressedAnswer) {
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string compressed(response.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(response.data()));
  stream.avail_in = static_cast<uInt>(response.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  for (const std::size_t size : {1, 100'000}) {
    AnswerUsage usage(Form::json, 1 << 20, ContentCoding::gzip);
    feed(usage, compressed, size);
    ASSERT_TRUE(usage.reported());
    EXPECT_EQ(usage.reported()->output, 1186);
  }
  AnswerUsage bounded(Form::json, 100, ContentCoding::gzip);
  feed(bounded, compressed, 100'000);
  EXPECT_TRUE(bounded.too_large());
}

TEST(AnswerUsage, NothingIsMadeUp) {
  for (const std::string_view text : {"{}", "not json \"usage\"", R"({"usage":{}})", R"({"usage":{"input_tokens":1})",
                                      R"({"output":[{"usage":{"input_tokens":1}}]})"}) {
    AnswerUsage usage(Form::json, 1 << 20);
    feed(usage, text, 3);
    EXPECT_FALSE(usage.reported()) << text;
  }
  for (const Form form : {Form::json, Form::events}) {
    AnswerUsage usage(form, 100);
    feed(usage, (form == Form::events ? "data: " : "") + response, 64);
    EXPECT_TRUE(usage.too_large());
    EXPECT_FALSE(usage.reported());
  }
}

TEST(AnswerUsage, FormByItsMediaType) {
  EXPECT_EQ(AnswerUsage::form_of("application/json; charset=utf-8", ContentCoding::gzip), Form::json);
  EXPECT_EQ(AnswerUsage::form_of("text/event-stream", ContentCoding::identity), Form::events);
  EXPECT_EQ(AnswerUsage::form_of("application/json", ContentCoding::unknown), Form::none);
  EXPECT_EQ(AnswerUsage::form_of("audio/mpeg", ContentCoding::identity), Form::none);
}

}  // namespace
}  // namespace triage
