#include "unit/providers/reading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace triage {

std::ostream& operator<<(std::ostream& out, const Usage& usage) {
  return out << "{input=" << usage.input << " cached=" << usage.input_cached << " output=" << usage.output
             << " reasoning=" << usage.reasoning << "}";
}

namespace {

using testing::HasSubstr;

std::unique_ptr<test::StreamReading> decoder(bool include_usage = false) {
  return std::make_unique<test::StreamReading>(include_usage);
}

std::string act(test::StreamReading& stream, std::string_view data) {
  return stream.act(data);
}

std::string act(std::string_view data) {
  return act(*decoder(), data);
}

Usage tokens(std::int64_t input, std::int64_t output, std::int64_t cached = 0, std::int64_t reasoning = 0) {
  Usage usage;
  usage.input = input;
  usage.output = output;
  usage.input_cached = cached;
  usage.reasoning = reasoning;
  return usage;
}

TEST(OpenaiStream, ForwardsChunks) {
  EXPECT_EQ(act(R"({"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}],"usage":null})"), "forward");
  EXPECT_EQ(act(R"({"choices":[],"prompt_filter_results":[{"prompt_index":0}]})"), "forward");
  EXPECT_EQ(act(R"({})"), "forward");
  EXPECT_EQ(act(R"({"choices":[1,null,"x"],"error":null,"object":"chat.completion.chunk"})"), "forward");
  EXPECT_EQ(act(R"({"error":"","choices":[]})"), "forward");
}

TEST(OpenaiStream, DropsTheUsageChunkThatTheClientDidNotAskFor) {
  const std::string chunk = R"({"id":"x","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}})";
  const auto quiet = decoder(false);
  EXPECT_EQ(act(*quiet, chunk), "drop");
  EXPECT_EQ(quiet->usage(), tokens(3, 4));
  const auto asked = decoder(true);
  EXPECT_EQ(act(*asked, chunk), "forward");
  EXPECT_EQ(asked->usage(), tokens(3, 4));
  EXPECT_EQ(act(R"({"choices":null,"usage":{"prompt_tokens":3}})"), "drop");
  EXPECT_EQ(act(R"({"usage":{"prompt_tokens":3},"choices":[]})"), "drop");
  EXPECT_EQ(act(R"({"id":"x","usage":{"prompt_tokens":3}})"), "drop");  // choices may be left out
  EXPECT_EQ(act(R"({"choices":[],"usage":{}})"), "drop");
  EXPECT_EQ(act(*asked, R"({"id":"x","usage":{"prompt_tokens":3}})"), "forward");
}

TEST(OpenaiStream, UsageBesideChoicesTravelsOn) {
  const auto stream = decoder(false);
  EXPECT_EQ(
      act(*stream,
          R"({"choices":[{"index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}})"),
      "forward");
  EXPECT_EQ(stream->usage(), tokens(1, 2));
  EXPECT_EQ(act(*stream, R"({"choices":[{"index":0}],"usage":{"prompt_tokens":1,"completion_tokens":9}})"), "forward");
  EXPECT_EQ(stream->usage(), tokens(1, 9));
  EXPECT_EQ(act(*stream, R"({"choices":[],"usage":null})"), "forward");
  EXPECT_EQ(stream->usage(), tokens(1, 9));
  const auto groq = decoder(false);
  EXPECT_EQ(act(*groq, R"({"choices":[{}],"x_groq":{"id":"r","usage":{"prompt_tokens":5,"completion_tokens":6}}})"),
            "forward");
  EXPECT_EQ(groq->usage(), tokens(5, 6));
}

TEST(OpenaiStream, CompleteWhenEveryChoiceHasFinished) {
  const auto stream = decoder();
  EXPECT_FALSE(stream->complete());
  act(*stream, R"({"choices":[{"index":0,"finish_reason":null}]})");
  EXPECT_FALSE(stream->complete());
  act(*stream, R"({"choices":[{"index":2,"finish_reason":null},{"index":0,"finish_reason":"stop"}]})");
  EXPECT_FALSE(stream->complete());
  act(*stream, R"({"choices":[{"finish_reason":"length","index":2}]})");
  EXPECT_TRUE(stream->complete());
  act(*stream, R"({"choices":[{"index":2,"finish_reason":null}],"content_filter":1})");
  EXPECT_TRUE(stream->complete());
  act(*stream, R"({"choices":[{"index":1}]})");
  EXPECT_FALSE(stream->complete());
}

TEST(OpenaiStream, NotFinishedByEmptyOrNullSpellings) {
  for (const std::string_view reason : {"null", "\"\"", "\"null\"", "0", "{}", "false"}) {
    const auto stream = decoder();
    act(*stream, "{\"choices\":[{\"finish_reason\":" + std::string(reason) + "}]}");
    EXPECT_FALSE(stream->complete()) << reason;
  }
  const auto legacy = decoder();
  act(*legacy, R"({"choices":[{"text":"x","finish_reason":"stop"}]})");
  EXPECT_TRUE(legacy->complete());
}

TEST(OpenaiStream, DoneAndBlanks) {
  EXPECT_EQ(act("[DONE]"), "done");
  EXPECT_EQ(act(" [DONE] "), "done");
  EXPECT_EQ(act(""), "drop");
  EXPECT_EQ(act(" \n"), "drop");
  for (const char* remark : {": keepalive", ":", "DONE", "OPENROUTER PROCESSING", "<!-- ping -->", "ping", "[PING]",
                             "retrying...", "---", "null", "[]", "\"keepalive\"", "123", "true", "[DONE", "[DONE]]"})
    EXPECT_EQ(act(remark), "drop") << remark;
  EXPECT_FALSE(decoder()->complete());
}

TEST(OpenaiStream, RefusesWhatIsNoObject) {
  for (const std::string_view data : {"{", "{\"a\":1}}", "{\"a\":01}", "{\"choices\":[{\"index\":0}",
                                      "{\"choices\":[{\"index\":0,}]}", "{}\n{}", "{\"a\":NaNo}"})
    EXPECT_EQ(act(data), "upstream_bad_response") << data;
  EXPECT_EQ(act(R"({"choices":[{"index":1024}]})"), "upstream_bad_response");
  EXPECT_EQ(act(R"({"choices":[{"index":-1}]})"), "upstream_bad_response");
  EXPECT_EQ(act(R"({"choices":[{"index":99999999999999999999999}]})"), "upstream_bad_response");
  EXPECT_EQ(act(R"({"choices":[{"index":1023}]})"), "forward");
  EXPECT_EQ(act("{\"a\":" + std::string(100'000, '[')), "upstream_bad_response");
}

TEST(OpenaiStream, ReportsTheProvidersError) {
  const auto stream = decoder();
  act(*stream, R"({"choices":[{"index":0,"finish_reason":"stop"}]})");
  act(*stream, R"({"error":{"message":"overloaded","code":503},"choices":[{"index":0,"finish_reason":"error"}]})");
  ASSERT_TRUE(stream->error());
  EXPECT_EQ(stream->error()->code, ErrorCode::upstream_error);
  EXPECT_THAT(stream->error()->message, HasSubstr("overloaded"));
  EXPECT_FALSE(stream->complete());
  EXPECT_EQ(act(R"({"error":"text"})"), "upstream_error");
  EXPECT_EQ(act(R"({"error":{},"choices":[{"delta":{"content":"x"}}]})"), "forward");
  EXPECT_EQ(act(R"({"type":"error","message":"m"})"), "upstream_error");
  EXPECT_EQ(act(R"({"object":"error","message":"m"})"), "upstream_error");
}

std::int64_t estimate_of(const std::vector<std::string>& events) {
  const auto stream = decoder();
  for (const std::string& event : events) EXPECT_EQ(act(*stream, event), "forward");
  return stream->output_estimate();
}

TEST(OpenaiStream, EstimatesItsOutputAndKeepsTheFinishReason) {
  const auto stream = decoder();
  EXPECT_EQ(stream->output_estimate(), 0);
  EXPECT_EQ(stream->finish_reason(), "");
  EXPECT_EQ(act(*stream, R"({"choices":[{"index":0,"delta":{"content":"The wea"},"finish_reason":null}]})"), "forward");
  EXPECT_EQ(act(*stream, R"({"choices":[{"index":0,"delta":{"content":"ther"},"finish_reason":"null"}]})"), "forward");
  EXPECT_EQ(stream->finish_reason(), "");
  EXPECT_EQ(act(*stream, R"({"choices":[{"index":0,"delta":{},"finish_reason":"length"}]})"), "forward");
  EXPECT_EQ(stream->finish_reason(), "length");
  EXPECT_EQ(stream->output_estimate(), estimate_of({R"({"choices":[{"delta":{"content":"The weather"}}]})"}));
  EXPECT_GE(stream->output_estimate(), 2);
  const std::string long_reason(500, 'x');
  EXPECT_EQ(act(*stream, R"({"choices":[{"index":0,"finish_reason":")" + long_reason + R"("}]})"), "forward");
  EXPECT_EQ(stream->finish_reason(), long_reason.substr(0, 64));
}

TEST(OpenaiStream, EstimatesTextsOfCompletionsButNotWhatPerplexityRepeats) {
  const std::int64_t chat = estimate_of({R"({"choices":[{"index":0,"delta":{"content":"The weather"}}]})"});
  EXPECT_EQ(estimate_of({R"({"choices":[{"index":0,"text":"The weather"}]})"}), chat);
  EXPECT_EQ(estimate_of({R"({"choices":[{"index":0,"delta":{"content":"The weather"},
    "message":{"content":"The weather"}}]})"}),
            chat);
}

test::WholeReading report_of(std::string_view body) {
  return test::read_whole_answer(body);
}

TEST(OpenaiReport, EstimatesTheOutputOnlyWithoutUsage) {
  const std::string choices =
      R"("choices":[{"index":0,"message":{"role":"assistant","content":"The weather"},"finish_reason":"stop"}])";
  const test::WholeReading told = report_of("{" + choices + R"(,"usage":{"prompt_tokens":3,"completion_tokens":4}})");
  EXPECT_EQ(told.usage, tokens(3, 4));
  EXPECT_EQ(told.finish_reason, "stop");
  EXPECT_EQ(told.output_estimate, 0);
  const test::WholeReading untold = report_of("{" + choices + "}");
  EXPECT_EQ(untold.usage, std::nullopt);
  EXPECT_EQ(untold.finish_reason, "stop");
  EXPECT_EQ(untold.output_estimate, estimate_of({R"({"choices":[{"delta":{"content":"The weather"}}]})"}));
  EXPECT_EQ(report_of("{" + choices).output_estimate, untold.output_estimate);  // cut off behind the text
  EXPECT_EQ(report_of(R"({"choices":[{"text":"The weather"}],"usage":null})").output_estimate, untold.output_estimate);
}

TEST(OpenaiReport, OfAnythingElseIsEmpty) {
  for (const char* body :
       {"", "x", "[]", "{}", "null", R"({"choices":null})", R"({"choices":[]})", R"({"choices":[7]})",
        R"({"choices":[{"message":null,"finish_reason":null}]})", "{\"choices\":[{\"message\":{"}) {
    const test::WholeReading report = report_of(body);
    EXPECT_EQ(report.usage, std::nullopt) << body;
    EXPECT_EQ(report.finish_reason, "") << body;
    EXPECT_EQ(report.output_estimate, 0) << body;
  }
}

std::optional<ErrorCode> defect_of(std::string_view body, std::string_view content_type = "application/json") {
  const auto defect = test::read_whole_answer(body, content_type).defect;
  return defect ? std::optional(defect->code) : std::nullopt;
}

TEST(OpenaiReport, WhatIsNoAnswerHasADefect) {
  for (const char* body :
       {"", "x", "[]", "{", R"({"choices":[]})", R"({"choices":[7]})", R"({"choices":[{"message":{"content":"cut)",
        R"({"choices":[{"message":{"role":"assistant","content":""},"finish_reason":null}]})",
        R"({"choices":[{"message":{"content":"Hello"}}],"usage":{"prompt_tokens":1}} x)",
        R"({"choices":[{"message":{"content":"Hello"}}],"created":01})"})
    EXPECT_EQ(defect_of(body), ErrorCode::upstream_bad_response) << body;
  EXPECT_EQ(defect_of(R"({"choices":[{"text":"Hello"}]})", "text/HTML; charset=utf-8"),
            ErrorCode::upstream_bad_response);
  EXPECT_EQ(defect_of(R"({"error":{"message":"no"}})"), ErrorCode::upstream_error);
  EXPECT_EQ(defect_of(R"({"choices":[],"error":"no"})"), ErrorCode::upstream_error);
}

TEST(OpenaiReport, AnErrorInTheProvidersOwnWordsIsOne) {
  struct Said {
    const char* body;
    int status;
  };
  for (const Said& each :
       {Said{R"({"object":"error","message":"boom","type":"InternalServerError","code":500})", 500},
        Said{R"({"choices":null,"base_resp":{"status_code":1002,"status_msg":"rate limit"}})", 0},
        Said{R"({"code":"Throttling.RateQuota","message":"slow down"})", 0}, Said{R"({"detail":"no"})", 0},
        Said{"{}", 0}, Said{R"({"error":true,"message":"no"})", 0},
        Said{R"({"error":{"code":429,"message":"slow down"}})", 429},
        Said{R"({"error":{"code":"503","message":"busy"}})", 503}, Said{R"({"error":{"status":401}})", 401},
        Said{R"({"choices":[{"message":{"content":"x"},"finish_reason":"error"}],"error":{"message":"no"}})", 0}}) {
    const auto defect = test::read_whole_answer(each.body).defect;
    ASSERT_TRUE(defect) << each.body;
    EXPECT_EQ(defect->code, ErrorCode::upstream_error) << each.body;
    EXPECT_EQ(defect->status, each.status) << each.body;
  }
}

TEST(OpenaiErrors, APromptThatIsTooLongIsSoInEveryServersWords) {
  for (const char* message : {"This model's maximum context length is 8192 tokens.",
                              "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
                              "prompt is too long: 208310 tokens > 200000 maximum",
                              "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
                              "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
                              "the request exceeds the available context size. try increasing the context size",
                              "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097.",
                              "This model's maximum prompt length is 131072 but the request contains 150000 tokens.",
                              "Input is too long for requested model.",
                              "too many tokens: total number of tokens in the prompt cannot exceed 4081",
                              "Trying to keep the first 5000 tokens when context the overflows.",
                              "Invalid request: Your request exceeded model token limit: 8192 (requested: 9000)",
                              "invalid params, context window exceeds limit",
                              "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
                              "Range of input length should be [1, 30720]"})
    EXPECT_EQ(find_dialect("openai")->classify(400, message), Remedy::larger_window) << message;
  EXPECT_EQ(find_dialect("openai")->classify(400, "'temperature' must be at most 2"), Remedy::none);
}

TEST(OpenaiErrors, MoreWordingsOfAPromptThatIsTooLong) {
  for (const char* message :
       {"Requested tokens (9000) exceed context window of 8192", "exceeded this model context window limit (8192)",
        "too many tokens: size limit exceeded by 1000 tokens. Try using shorter or fewer inputs",
        "the model's maximum context limit", "string_above_max_length", "expected maxLength: 2048, actual: 9000",
        "prompt: length: 1..8192", "exceeds max_model_len", "max_tokens must be at least 1, got -1024"})
    EXPECT_EQ(find_dialect("openai")->classify(400, message), Remedy::larger_window) << message;
}

TEST(OpenaiErrors, TheRequestsOwnWordsSayNothing) {
  const Dialect& dialect = *find_dialect("openai");
  EXPECT_EQ(
      dialect.classify(400, R"({"error":{"message":"tools[0].function.name must have less than 64 characters"}})"),
      Remedy::none);
  EXPECT_EQ(dialect.classify(422, R"({"detail":[{"msg":"no","input":"my \"input too long\" text"}]})"), Remedy::none);
  EXPECT_EQ(dialect.classify(422, R"({"detail":[{"input":"x","msg":"input too long"}]})"), Remedy::larger_window);
}

TEST(OpenaiErrors, CreditAndKeysAreNotTheRequestsFault) {
  for (const char* message : {"Your credit balance is too low", "API key not valid. Please pass a valid API key.",
                              R"({"error":{"type":"budget_exceeded"}})"})
    EXPECT_EQ(find_dialect("openai")->classify(400, message), Remedy::elsewhere) << message;
}

TEST(OpenaiErrors, WhatAnotherDeploymentMayMend) {
  const Dialect& dialect = *find_dialect("openai");
  for (const int status : {401, 402, 403, 404, 410, 424, 501})
    EXPECT_EQ(dialect.classify(status, ""), Remedy::elsewhere) << status;
  for (const int status : {408, 425, 429, 498, 500, 529})
    EXPECT_EQ(dialect.classify(status, ""), Remedy::anywhere) << status;
  EXPECT_EQ(dialect.classify(413, "Request too large on tokens per minute (TPM): Limit 6000"), Remedy::elsewhere);
  EXPECT_EQ(dialect.classify(413, "the file is too large"), Remedy::none);
  EXPECT_EQ(dialect.classify(422, "no"), Remedy::none);
}

TEST(OpenaiReport, WhateverSaysSomethingHasNone) {
  for (const char* body :
       {R"({"data":[{"embedding":[0.5]}]})", R"({"choices":[{"message":{"content":""},"finish_reason":"stop"}]})",
        R"({"error":null,"choices":[{"text":"Hello"}]})",
        R"({"error":{"message":"late"},"choices":[{"message":{"content":"Hello"}}]})",
        R"({"choices":[{"message":{"content":""},"finish_reason":"length"}]})",
        R"({"choices":[{"message":{"content":null,"tool_calls":[{"function":{"name":"f"}}]},"finish_reason":"stop"}]})",
        R"({"choices":[{"message":{"content":null,"refusal":"No."},"finish_reason":"stop"}]})",
        R"({"choices":[{"message":{"content":""},"finish_reason":"stop"},{"message":{"content":"Hello"}}]})"})
    EXPECT_EQ(defect_of(body), std::nullopt) << body;
}

}  // namespace
}  // namespace triage
