// Everything that is not a chat.

#include "provider_fixture.hpp"

#include "simulate/embedding.hpp"

#include <cmath>
#include <cstring>

namespace triage::test {
namespace {

class EndpointsTest : public ProviderTest {
 protected:
  EndpointsTest() { use("models: {m: {}, e: {kind: embedding, dimensions: 16, context_window: 20}, org/large: {}}"); }

  Json post(const std::string& path, const Json& body) {
    const auto exchange = send("POST", path, body.dump());
    EXPECT_EQ(exchange->status(), 200) << exchange->body();
    return Json::parse(exchange->body());
  }
};

TEST_F(EndpointsTest, ListsModels) {
  const Json list = Json::parse(send("GET", "/v1/models")->body());
  EXPECT_EQ(list["object"], "list");
  ASSERT_EQ(list["data"].size(), 3U);
  EXPECT_EQ(list["data"][0]["id"], "m");
  EXPECT_EQ(list["data"][0]["object"], "model");
  EXPECT_EQ(Json::parse(send("GET", "/v1/models/m")->body()), list["data"][0]);
  EXPECT_EQ(Json::parse(send("GET", "/v1/models/org%2Flarge")->body())["id"], "org/large");
  EXPECT_EQ(Json::parse(send("GET", "/v1/models/org/large?x=1")->body())["id"], "org/large");
  EXPECT_EQ(send("GET", "/v1/models/none")->status(), 404);
}

TEST_F(EndpointsTest, CompletesPrompts) {
  const Json reply = post("/v1/completions", {{"model", "m"}, {"prompt", "Once upon a time"}});
  EXPECT_EQ(reply["object"], "text_completion");
  EXPECT_EQ(reply["choices"][0]["finish_reason"], "length") << "16 tokens is the default";
  EXPECT_EQ(reply["usage"]["completion_tokens"], 16);
  EXPECT_EQ(reply["usage"]["prompt_tokens"], 4);
  const Json many = post("/v1/completions", {{"model", "m"}, {"prompt", {"a", "b"}}, {"n", 2}, {"echo", true}});
  ASSERT_EQ(many["choices"].size(), 4U);
  EXPECT_EQ(many["choices"][3]["index"], 3);
  EXPECT_EQ(many["choices"][2]["text"].get<std::string>().substr(0, 1), "b");
  EXPECT_EQ(post("/v1/completions", {{"model", "m"}, {"prompt", {1, 2, 3}}})["usage"]["prompt_tokens"], 3);
  EXPECT_EQ(post("/v1/completions", {{"model", "m"}, {"prompt", {{1, 2}, {3}}}})["choices"].size(), 2U);
  const Json logprobs =
      post("/v1/completions", {{"model", "m"}, {"prompt", "x"}, {"logprobs", 2}})["choices"][0]["logprobs"];
  EXPECT_EQ(logprobs["tokens"].size(), 16U);
  EXPECT_EQ(logprobs["token_logprobs"].size(), 16U);
  EXPECT_EQ(logprobs["top_logprobs"][0].size(), 2U);
  EXPECT_EQ(logprobs["text_offset"][0], 0);
}

TEST_F(EndpointsTest, StreamsCompletions) {
  Json body{{"model", "m"}, {"prompt", {"Once", "Twice"}}, {"echo", true}, {"max_tokens", 5}};
  const Json plain = post("/v1/completions", body);
  body["stream"] = true;
  body["stream_options"] = {{"include_usage", true}};
  const Heard heard = hear(send("POST", "/v1/completions", body.dump())->body());
  EXPECT_TRUE(heard.done);
  EXPECT_EQ(heard.usage, plain["usage"]);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(heard.text.at(i), plain["choices"][static_cast<std::size_t>(i)]["text"].get<std::string>());
    EXPECT_EQ(heard.finish.at(i), "length");
  }
}

TEST_F(EndpointsTest, RefusesBadCompletions) {
  const std::string path = "/v1/completions";
  EXPECT_EQ(refused(R"({"model":"m"})", 400, path)["param"], "prompt");
  EXPECT_EQ(refused(R"({"model":"m","prompt":5})", 400, path)["param"], "prompt");
  EXPECT_EQ(refused(R"({"model":"m","prompt":[]})", 400, path)["param"], "prompt");
  EXPECT_EQ(refused(R"({"model":"m","prompt":[1,"a"]})", 400, path)["param"], "prompt");
  EXPECT_EQ(refused(R"({"model":"m","prompt":"x","logprobs":9})", 400, path)["param"], "logprobs");
  EXPECT_EQ(refused(R"({"model":"z","prompt":"x"})", 404, path)["code"], "model_not_found");
  Json many{{"model", "m"}, {"n", 128}, {"prompt", Json::array()}};
  for (int i = 0; i < 100; ++i) many["prompt"].push_back("x");
  EXPECT_EQ(refused(many.dump(), 400, path)["param"], "n");
}

std::vector<float> floats(const Json& embedding) {
  return embedding.get<std::vector<float>>();
}

TEST_F(EndpointsTest, EmbedsAsUnitVectors) {
  const Json reply = post("/v1/embeddings", {{"model", "e"}, {"input", {"hello world", "other"}}});
  ASSERT_EQ(reply["data"].size(), 2U);
  EXPECT_EQ(reply["data"][1]["index"], 1);
  EXPECT_EQ(reply["usage"]["prompt_tokens"], 3);
  EXPECT_EQ(reply["usage"]["total_tokens"], 3);
  const auto vector = floats(reply["data"][0]["embedding"]);
  ASSERT_EQ(vector.size(), 16U);
  float length = 0;
  for (const float value : vector) length += value * value;
  EXPECT_NEAR(length, 1, 1e-4);
  EXPECT_EQ(post("/v1/embeddings", {{"model", "e"}, {"input", "hello world"}})["data"][0]["embedding"],
            reply["data"][0]["embedding"]);
  EXPECT_EQ(billing("e")["prompt_tokens"], 5);
}

TEST_F(EndpointsTest, EmbedsInBase64) {
  const Json body{{"model", "e"}, {"input", "hello"}, {"dimensions", 5}};
  const auto expected = floats(post("/v1/embeddings", body)["data"][0]["embedding"]);
  Json coded = body;
  coded["encoding_format"] = "base64";
  const std::string text = post("/v1/embeddings", coded)["data"][0]["embedding"];
  ASSERT_EQ(expected.size(), 5U);
  std::string encoded;
  simulate::append_base64(encoded, {reinterpret_cast<const char*>(expected.data()), expected.size() * sizeof(float)});
  EXPECT_EQ(text, encoded);
}

TEST(Base64, Rfc4648Vectors) {
  for (const auto& [plain, coded] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}}) {
    std::string out;
    simulate::append_base64(out, plain);
    EXPECT_EQ(out, coded);
  }
}

TEST_F(EndpointsTest, EmbeddingsOfTextsThatShareWordsAreClose) {
  const auto cosine = [](const std::vector<float>& a, const std::vector<float>& b) {
    float sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  };
  const auto a = simulate::embed("how do I reset my password", 1536, 1);
  const auto b = simulate::embed("How can I reset my password?", 1536, 1);
  const auto c = simulate::embed("the weather in Paris tomorrow", 1536, 1);
  EXPECT_GT(cosine(a, b), 0.6F);
  EXPECT_LT(cosine(a, c), 0.2F);
  EXPECT_NEAR(cosine(simulate::embed("", 3, 1), simulate::embed("", 3, 1)), 1, 1e-5);
}

TEST_F(EndpointsTest, RefusesBadEmbeddings) {
  const std::string path = "/v1/embeddings";
  EXPECT_EQ(refused(R"({"model":"e"})", 400, path)["param"], "input");
  EXPECT_EQ(refused(R"({"model":"e","input":[]})", 400, path)["param"], "input");
  EXPECT_EQ(refused(R"({"model":"e","input":"x","dimensions":0})", 400, path)["param"], "dimensions");
  EXPECT_EQ(refused(R"({"model":"e","input":"x","encoding_format":"hex"})", 400, path)["param"], "encoding_format");
  EXPECT_EQ(refused(R"({"model":"m","input":"x"})", 400, path)["param"], "model");
  EXPECT_EQ(refused(R"({"model":"e","input":"a b c d e f g h i j k l m n o p q r s t u v"})", 400, path)["code"],
            "context_length_exceeded");
}

TEST_F(EndpointsTest, EchoesBytes) {
  std::string bytes(3000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31);
  for (const char* path : {"/v1/echo", "/v1/echo/stream"}) {
    auto exchange =
        std::make_unique<FakeExchange>("POST", path, bytes, std::vector<OwnedField>{{"Content-Type", "x/y; z=1"}});
    exchange->piece_size(1000);
    EXPECT_TRUE(run(provider(), *exchange));
    EXPECT_EQ(exchange->body(), bytes);
    EXPECT_EQ(exchange->field("content-type"), "x/y; z=1");
    EXPECT_TRUE(exchange->finished());
    EXPECT_EQ(exchange->writes().size(), path == std::string_view("/v1/echo") ? 1U : 3U);
  }
}

TEST_F(EndpointsTest, ShowsTheHeadItSaw) {
  const Json seen = Json::parse(send("PUT", "/v1/echo/head?a=b", "four", {{"X-A", "1"}, {"x-b", "\xE9"}})->body());
  EXPECT_EQ(seen["method"], "PUT");
  EXPECT_EQ(seen["target"], "/v1/echo/head?a=b");
  EXPECT_EQ(seen["body_bytes"], 4);
  EXPECT_EQ(seen["fields"][1], Json({"X-A", "1"}));
  EXPECT_EQ(seen["fields"][2], Json({"x-b", "é"}));
}

TEST_F(EndpointsTest, TakesFiles) {
  const std::string body =
      "--XX\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
      "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n12345\r\n\r\n--XX--\r\n";
  const Json file =
      Json::parse(send("POST", "/v1/files", body, {{"content-type", "multipart/form-data; boundary=XX"}})->body());
  EXPECT_EQ(file["bytes"], 7);
  EXPECT_EQ(file["filename"], "a.jsonl");
  EXPECT_EQ(file["purpose"], "batch");
  EXPECT_EQ(file["object"], "file");
  EXPECT_EQ(Json::parse(send("POST", "/v1/files", "123")->body())["bytes"], 3);
  for (const char* broken : {"--XX", "--XX\r\n\r\n", "--XX\r\n\r\n\r\n--XX\r\n", ""}) {
    const auto exchange = send("POST", "/v1/files", broken, {{"content-type", "multipart/form-data; boundary=XX"}});
    EXPECT_TRUE(Json::accept(exchange->body()));
  }
}

TEST_F(EndpointsTest, AnswersTheOtherApis) {
  const auto speech = send("POST", "/v1/audio/speech", "{}");
  EXPECT_EQ(speech->field("content-type"), "audio/mpeg");
  EXPECT_EQ(speech->body().size(), 32'768U);
  EXPECT_EQ(post("/v1/moderations", {{"input", "x"}})["results"][0]["flagged"], false);
  const Json response = post("/v1/responses", {{"model", "m"}, {"input", "x"}});
  EXPECT_EQ(response["object"], "response");
  EXPECT_EQ(response["output"][0]["content"][0]["text"], "This is a simulated response.");
  EXPECT_EQ(response["usage"]["total_tokens"],
            response["usage"]["input_tokens"].get<int>() + response["usage"]["output_tokens"].get<int>());
  const auto stream = send("POST", "/v1/responses", R"({"model":"m","stream":true})");
  EXPECT_EQ(stream->field("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_NE(stream->body().find("event: response.completed\n"), std::string::npos);
  EXPECT_TRUE(post("/v1/images/generations", {{"prompt", "x"}})["data"][0].contains("b64_json"));
}

TEST_F(EndpointsTest, RefusesWhatItDoesNotHave) {
  for (const auto& [method, path, status] :
       std::vector<std::tuple<std::string, std::string, int>>{{"GET", "/", 404},
                                                              {"GET", "/v1/", 404},
                                                              {"POST", "/v1/nothing", 404},
                                                              {"GET", "/v1/chat/completions", 405},
                                                              {"GET", "/v1/%FF%00\"", 404},
                                                              {"DELETE", "/v1/models", 404},
                                                              {"OPTIONS", "*", 404}}) {
    const auto exchange = send(method, path);
    EXPECT_EQ(exchange->status(), status) << method << " " << path;
    EXPECT_TRUE(Json::accept(exchange->body())) << exchange->body();
  }
}

TEST_F(EndpointsTest, BillingNeedsNoKey) {
  use("models: {m: {}}\napi_key: k");
  const Json bill = Json::parse(send("GET", "/simulate/billing")->body());
  EXPECT_EQ(bill["object"], "billing");
  EXPECT_EQ(bill["models"]["m"]["requests"], 0);
}

}  // namespace
}  // namespace triage::test
