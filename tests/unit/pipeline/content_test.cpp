#include "pipeline/outcome/content.hpp"

#include "base/sha256.hpp"
#include "openai/answer_reader.hpp"
#include "openai/request_body.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

using test::Padded;

RecordSpec spec_of(const char* content, std::uint64_t most = 16 * 1024) {
  RecordSpec spec;
  spec.content = from_word<RecordContent>(content).value();
  spec.text_max = {most};
  spec.key = Secret("0123456789abcdef");
  return spec;
}

ContentPolicy::Texts texts_of(const RecordSpec& spec, Api api, const std::string& body, const std::string& answer,
                              bool stream = false) {
  const ContentPolicy policy(spec, LimitsSpec());
  const Padded padded(body);
  const auto request = parse_request_body(api, padded.view(), 64);
  EXPECT_TRUE(request) << body;
  Completion said;
  for (std::size_t at = 0; stream && at < answer.size();) {
    const std::size_t end = answer.find("\n\n", at) + 2;
    const Padded event(answer.substr(at + 6, end - at - 8));
    if (said.text.size() <= policy.enough()) add_to_completion(event.view(), said);
    at = end;
  }
  if (!stream) said = read_completion(Padded(answer).view());
  return policy.texts(*request, said);
}

constexpr const char* chat = R"({"model":"m", "messages": [ {"role":"user","content":"caf\u00e9?\nme@x.org"}],"n":1})";
constexpr const char* whole =
    R"({"choices":[{"index":0,"message":{"role":"assistant","content":"Call +49 30 901820."}}]})";

TEST(Content, FullIsTheRequestsOwnBytesAndTheAnswersText) {
  const auto texts = texts_of(spec_of("full"), Api::chat, chat, whole);
  EXPECT_EQ(texts.content, "full");
  EXPECT_EQ(texts.prompt, R"([ {"role":"user","content":"caf\u00e9?\nme@x.org"}])");
  EXPECT_EQ(texts.answer, "Call +49 30 901820.");
}

TEST(Content, OfEachApi) {
  const auto spec = spec_of("full");
  const std::string answer = R"({"choices":[{"text":" there"}]})";
  const auto completion = texts_of(spec, Api::completions, R"({"prompt":"Hi","model":"m"})", answer);
  EXPECT_EQ(completion.prompt, "\"Hi\"");
  EXPECT_EQ(completion.answer, " there");
  const auto embedding = texts_of(spec, Api::embeddings, R"({"input":["a","b"],"model":"m"})", R"({"data":[]})");
  EXPECT_EQ(embedding.prompt, R"(["a","b"])");
  EXPECT_EQ(embedding.answer, "");
  EXPECT_EQ(texts_of(spec, Api::chat, R"({"model":"m"})", "").prompt, "");
}

TEST(Content, OfAStreamItIsTheSame) {
  const std::string events =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Call +49 30\"}}]}\n\n"
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\" 901820.\"}}]}\n\n"
      "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
      "data: [DONE]\n\n";
  for (const char* content : {"full", "redacted", "hashed"})
    EXPECT_EQ(texts_of(spec_of(content), Api::chat, chat, events, true).answer,
              texts_of(spec_of(content), Api::chat, chat, whole).answer);
}

TEST(Content, CallsOfToolsAndRefusalsAreAnswers) {
  const auto spec = spec_of("full");
  const std::string tools = R"({"choices":[{"message":{"content":null,"tool_calls":[
      {"function":{"name":"weather","arguments":"{\"at\":\"Rome\"}"}},{"function":{"name":"time","arguments":"{}"}}]}}]})";
  EXPECT_EQ(texts_of(spec, Api::chat, chat, tools).answer, "weather {\"at\":\"Rome\"}\ntime {}");
  EXPECT_EQ(texts_of(spec, Api::chat, chat, R"({"choices":[{"message":{"content":null,"refusal":"No."}}]})").answer,
            "No.");
  EXPECT_EQ(texts_of(spec, Api::chat, chat, "no JSON").answer, "");
}

TEST(Content, RedactedStringByString) {
  auto spec = spec_of("redacted");
  const auto texts = texts_of(spec, Api::chat, chat, whole);
  EXPECT_EQ(texts.prompt, "[ {\"role\":\"user\",\"content\":\"caf\xc3\xa9?\\n[email]\"}]") << "the n of \\n is not its";
  EXPECT_EQ(texts.answer, "Call [phone].");
  spec.patterns = {"caf."};
  EXPECT_EQ(texts_of(spec, Api::chat, chat, whole).prompt, R"([ {"role":"user","content":"[redacted]?\n[email]"}])");
  const std::string escaped = R"({"model":"m","messages":[{"content":"say \"\u0061@b.org\" \\"}, "c@d.org"]})";
  EXPECT_EQ(texts_of(spec, Api::chat, escaped, "").prompt, R"([{"content":"say \"[email]\" \\"}, "[email]"])");
}

TEST(Content, HashedByTheKey) {
  auto spec = spec_of("hashed");
  const auto texts = texts_of(spec, Api::chat, chat, whole);
  EXPECT_EQ(texts.answer, hex(hmac_sha256("0123456789abcdef", "Call +49 30 901820.")));
  EXPECT_EQ(texts.prompt.size(), 64U);
  EXPECT_EQ(texts_of(spec, Api::chat, chat, "").answer, "") << "none";
  spec.key = Secret("another key, of length");
  EXPECT_NE(texts_of(spec, Api::chat, chat, whole).answer, texts.answer);
  const std::string longer(100'000, 'x');
  const std::string body = R"({"model":"m","messages":")" + longer + "\"}";
  EXPECT_EQ(texts_of(spec, Api::chat, body, "").prompt, hex(hmac_sha256(spec.key.reveal(), '"' + longer + '"')))
      << "of all of it, whatever `most` is";
}

TEST(Content, ALongOneIsCutAndSaysSo) {
  const std::string body = R"({"model":"m","messages":")" + std::string(50'000, 'x') + "\"}";
  const auto cut = texts_of(spec_of("full", 100), Api::chat, body, "").prompt;
  EXPECT_EQ(cut, '"' + std::string(99, 'x') + "\xe2\x80\xa6[cut]");
  const std::string symbols = R"({"model":"m","messages":"x)" + std::string("\xc3\xa9") + "\"}";
  EXPECT_EQ(texts_of(spec_of("full", 3), Api::chat, symbols, "").prompt, "\"x\xe2\x80\xa6[cut]");
}

// What a cut leaves of an address must not be kept, nor what becomes visible because the text before it got shorter.
TEST(Content, NothingIsLeftOfWhatTheCutStruck) {
  for (std::size_t before = 150; before < 220; ++before) {
    const std::string text(before, ' ');
    const std::string body =
        R"({"model":"m","messages":")" + text + "jane.doe@example.com " + std::string(9'000, '.') + "\"}";
    const auto kept = texts_of(spec_of("redacted", 200), Api::chat, body, "").prompt;
    EXPECT_EQ(kept.find("jane"), std::string::npos) << kept;
  }
  std::string many = R"({"model":"m","messages":")";
  for (int i = 0; i < 1'000; ++i) many += "a-very-long-name-of-somebody-" + std::to_string(i) + "@mail.example.com ";
  const auto kept = texts_of(spec_of("redacted", 4'000), Api::chat, many + "\"}", "").prompt;
  EXPECT_EQ(kept.find("somebody"), std::string::npos) << kept;
}

TEST(Content, AStreamIsNotReadFurtherThanNeeded) {
  std::string events;
  for (int i = 0; i < 3'000; ++i) events += "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"12345\"}}]}\n\n";
  const auto texts = texts_of(spec_of("full", 100), Api::chat, chat, events, true);
  EXPECT_EQ(texts.answer.size(), 100 + std::string("\xe2\x80\xa6[cut]").size());
}

}  // namespace
}  // namespace triage
