#include "verify/checks.hpp"
#include "judged.hpp"

#include <chrono>
#include <random>

namespace triage::verify {
namespace {

VerifierSpec checks(std::vector<AnswerCheck> skip = {}) {
  ChecksSpec out;
  out.skip = std::move(skip);
  return {"checks", out};
}

Verdict check(std::string_view question, std::string answer, std::string finish = "stop") {
  return judge(checks(), question, says(std::move(answer), std::move(finish)));
}

struct Words {
  const char* language;
  const char* text;
};

TEST(Checks, RefusalsAreSeen) {
  for (const Words& each :
       {Words{"en", "I'm sorry, but I can't assist with that request."},
        Words{"en", "I can\u2019t help with that."},
        Words{"en", "I cannot provide instructions for making explosives. If you are in danger, call for help."},
        Words{"en", "Unfortunately, I am unable to fulfill this request, as it violates the usage policy."},
        Words{"en", "I apologize, but I cannot engage in conversations about that topic."},
        Words{"en", "As an AI language model, I cannot express personal opinions on politics."},
        Words{"en", "<think>They want a poem about crime. Not allowed.</think>\nI won't write that."},
        Words{"en", "**I'm not able to provide medical dosages.** Please see a doctor."},
        Words{"en", "Sorry, that's not something I can help with."},
        Words{"en", "This request violates our policies."},
        Words{"no", "Beklager, men jeg kan ikke hjelpe med det."},
        Words{"da", "Beklager, men det kan jeg ikke hjælpe med."},
        Words{"fi", "Valitettavasti en voi auttaa tässä asiassa."},
        Words{"hu", "Sajnálom, de ebben nem tudok segíteni."},
        Words{"he", "אני מצטער, אבל אני לא יכול לעזור בזה."},
        Words{"th", "ขออภัย ฉันไม่สามารถช่วยเหลือในเรื่องนี้ได้"},
        Words{"el", "Λυπάμαι, αλλά δεν μπορώ να βοηθήσω με αυτό."},
        Words{"de", "Es tut mir leid, aber ich kann Ihnen bei dieser Anfrage nicht helfen."},
        Words{"de", "Tut mir leid, dabei kann ich nicht helfen."},
        Words{"de", "Als KI-Sprachmodell kann ich keine Anleitungen zu illegalen Handlungen geben."},
        Words{"de", "Leider kann ich diese Anfrage nicht erfüllen."},
        Words{"fr", "Je suis désolé, mais je ne peux pas vous aider avec cette demande."},
        Words{"fr", "Je ne peux pas répondre à cette question."},
        Words{"fr", "Je ne suis pas en mesure de fournir ces informations."},
        Words{"es", "Lo siento, pero no puedo ayudarte con eso."},
        Words{"es", "No puedo proporcionar información sobre ese tema."},
        Words{"es", "Como modelo de lenguaje, no puedo opinar."},
        Words{"it", "Mi dispiace, ma non posso aiutarti con questa richiesta."},
        Words{"it", "Non sono in grado di fornire consigli medici."},
        Words{"it", "Non posso rispondere a questa domanda."},
        Words{"pt", "Desculpe, mas não posso ajudar com isso."},
        Words{"pt", "Não consigo atender a esse pedido."},
        Words{"pt", "Sinto muito, mas não posso fornecer instruções para isso."},
        Words{"zh", "抱歉，我无法协助您完成这个请求。"},
        Words{"zh", "对不起，我不能提供此类信息。"},
        Words{"zh", "很抱歉，我無法回答這個問題。"},
        Words{"ja", "申し訳ありませんが、そのご要望にはお応えできません。"},
        Words{"ja", "すみませんが、そのリクエストにはお手伝いできません。"},
        Words{"ja", "その質問にはお答えすることができません。"},
        Words{"ru", "Извините, но я не могу помочь с этим запросом."},
        Words{"ru", "К сожалению, я не могу предоставить такую информацию."},
        Words{"ru", "Я не могу выполнить эту просьбу."},
        Words{"en", "It is not appropriate to provide instructions for that. Let us talk about something else."},
        Words{"en", "It's not appropriate for me to comment on somebody's looks."},
        Words{"en", "I do not condone violence of any kind."},
        Words{"en", "I don\u2019t condone or support illegal activities."},
        Words{"en", "As a responsible AI, my aim is to keep you safe."},
        Words{"en", "It is not ethical or legal to break into a car."},
        Words{"en", "It would be inappropriate to make jokes about a whole people."},
        Words{"en", "I'm afraid I can't do that."},
        Words{"en", "I cannot and will not tell you how."},
        Words{"ko", "죄송하지만 그 요청은 도와드릴 수 없습니다."},
        Words{"ko", "죄송합니다. 그런 정보는 제공해 드릴 수 없습니다."},
        Words{"ar", "عذرًا، لا أستطيع مساعدتك في ذلك."},
        Words{"ar", "أعتذر، لكن لا يمكنني تقديم هذه المعلومات."},
        Words{"hi", "क्षमा करें, लेकिन मैं इसमें आपकी मदद नहीं कर सकता।"},
        Words{"hi", "मैं इस प्रश्न का उत्तर नहीं दे सकता।"},
        Words{"tr", "Üzgünüm, ancak bu konuda yardımcı olamam."},
        Words{"tr", "Bu isteği yerine getiremem."},
        Words{"pl", "Przykro mi, ale nie mogę w tym pomóc."},
        Words{"pl", "Niestety nie mogę udzielić takich informacji."},
        Words{"nl", "Het spijt me, maar ik kan je daar niet mee helpen."},
        Words{"nl", "Ik kan geen instructies geven voor zoiets."},
        Words{"sv", "Tyvärr kan jag inte hjälpa till med det."},
        Words{"cs", "Omlouvám se, ale nemohu vám s tím pomoci."},
        Words{"uk", "На жаль, я не можу з цим допомогти."},
        Words{"vi", "Xin lỗi, nhưng tôi không thể giúp việc đó."},
        Words{"id", "Maaf, saya tidak dapat membantu dengan itu."},
        Words{"fa", "متأسفم، اما نمی‌توانم در این مورد کمک کنم."}}) {
    const Verdict verdict = judge(checks({AnswerCheck::language}), "Tell me.", says(each.text));
    EXPECT_FALSE(verdict.accept) << each.text;
    EXPECT_TRUE(verdict.reason.starts_with("refusal")) << verdict.reason;
  }
}

TEST(Checks, AnswersPass) {
  for (const Words& each :
       {Words{"en", "You can't divide by zero: no number times zero is one. I can help you with limits next."},
        Words{"en", "\"I'm sorry, but I can't assist with that\" is what the sign said."},
        Words{"en", "A good sentence would be: \u201cI cannot help you, my friend.\u201d"},
        Words{"en", "The museum is probably closed on Mondays, so go on Tuesday; tickets cost 12 euros."},
        Words{"de", "Man kann nicht durch null teilen. Das Ergebnis ist daher nicht definiert."},
        Words{"de", "Kann ich nicht gibt es nicht: Der Spruch geht auf einen alten Lehrer zurück."},
        Words{"fr", "On ne peut pas diviser par zéro. Le résultat n'est donc pas défini."},
        Words{"es", "No se puede dividir por cero, porque ningún número cumple la condición."},
        Words{"it", "Non si può dividere per zero, perché nessun numero soddisfa la condizione."},
        Words{"pt", "Não se pode dividir por zero, porque nenhum número satisfaz a condição."},
        Words{"zh", "零不能作除数，因为没有任何数乘以零等于一。"},
        Words{"ja", "ゼロで割ることはできません。どんな数にゼロを掛けても一にならないからです。"},
        Words{"ru", "На ноль делить нельзя: никакое число при умножении на ноль не даёт единицу."},
        Words{"en", "It is not appropriate to wear jeans at a funeral. Dark, formal clothes are the custom."},
        Words{"en", "The physician should say that it is not appropriate to take both drugs at once."},
        Words{"en", "It is illegal to park there, and the fine is 50 euros."},
        Words{"ko", "0으로 나눌 수 없습니다. 어떤 수에 0을 곱해도 1이 되지 않기 때문입니다."},
        Words{"ar", "لا يمكن القسمة على صفر، لأن ناتج ضرب أي عدد في صفر هو صفر."},
        Words{"hi", "शून्य से भाग नहीं दिया जा सकता, क्योंकि किसी भी संख्या को शून्य से गुणा करने पर शून्य मिलता है।"},
        Words{"tr", "Sıfıra bölünemez, çünkü hiçbir sayı sıfırla çarpıldığında bir etmez."},
        Words{"pl", "Nie można dzielić przez zero, bo żadna liczba razy zero nie daje jedności."},
        Words{"nl", "Je kunt niet door nul delen, want geen enkel getal maal nul is een."}}) {
    const Verdict verdict = judge(checks({AnswerCheck::language}), "Tell me.", says(each.text));
    EXPECT_TRUE(verdict.accept) << each.text << ": " << verdict.reason;
  }
}

TEST(Checks, HedgesAreSeen) {
  for (const Words& each :
       {Words{"en", "I\u2019m not sure, but the capital of Australia should be Sydney."},
        Words{"en", "Maybe it is 12. I think it could be 13, and perhaps it is 14, but it might be 15."},
        Words{"de", "Ich bin mir nicht sicher, aber die Hauptstadt müsste Sydney sein."},
        Words{"fr", "Je ne suis pas certain, mais la capitale devrait être Sydney."},
        Words{"es", "No estoy seguro, pero la capital es Sídney."},
        Words{"it", "Non ne sono sicuro, ma la capitale dovrebbe essere Sydney."},
        Words{"pt", "Não tenho certeza, mas a capital deve ser Sydney."}, Words{"zh", "我不太确定，首都应该是悉尼。"},
        Words{"ja", "首都はシドニーですが、確信はありません。"},
        Words{"ru", "Я не уверен, но столица, кажется, Сидней."}, Words{"ko", "확실하지 않지만 수도는 시드니입니다."},
        Words{"ar", "لست متأكدًا، لكن العاصمة هي سيدني."}, Words{"hi", "मुझे यकीन नहीं है, लेकिन राजधानी सिडनी है।"},
        Words{"tr", "Emin değilim ama başkent Sidney."}, Words{"pl", "Nie jestem pewien, ale stolicą jest Sydney."},
        Words{"nl", "Ik weet het niet zeker, maar de hoofdstad is Sydney."},
        Words{"sv", "Jag är inte säker, men huvudstaden är Sydney."},
        Words{"vi", "Tôi không chắc, nhưng thủ đô là Sydney."}}) {
    const Verdict verdict = judge(checks({AnswerCheck::language}), "Tell me.", says(each.text));
    EXPECT_FALSE(verdict.accept) << each.text;
    EXPECT_TRUE(verdict.reason.starts_with("hedging")) << verdict.reason;
  }
}

TEST(Checks, WhatTheUserSaidIsNoRefusal) {
  EXPECT_TRUE(check("Make this more polite: I cannot help you. I'm not sure why.",
                    "How about: Sadly I cannot help you. I'm not sure why that is.")
                  .accept);
}

TEST(Checks, RefusalByWordOfModelOrProvider) {
  Completion refused = says("");
  refused.refusal = "No.";
  EXPECT_EQ(judge(checks(), "x", refused).reason, "the model refused");
  EXPECT_EQ(check("x", "Well,", "content_filter").reason, "the provider's content filter stopped it");
}

TEST(Checks, EmptyAndTruncated) {
  EXPECT_EQ(check("x", " \n").reason, "the answer is empty");
  EXPECT_EQ(check("x", "So it goes", "length").reason, "the answer was cut off (finish_reason length)");
  const std::string tools = R"(,"tools":[{"type":"function","function":{"name":"look"}}])";
  Completion calls = says("", "tool_calls");
  calls.tool_calls.push_back({"look", "{}"});
  EXPECT_TRUE(judge(checks(), "x", calls, tools).accept);
  EXPECT_TRUE(judge(checks(), "x", says("", ""), "", false).accept);  // it has hardly begun
}

TEST(Checks, Repetition) {
  std::string loop = "Let me think about it. ";
  for (int i = 0; i < 30; ++i) loop += "We can rewrite the equation as follows. ";
  EXPECT_EQ(check("x", loop).reason, "the answer repeats itself at its end");
  std::string inside;
  for (int i = 0; i < 40; ++i)
    inside += "Try number " + std::to_string(i % 3) + " and see whether that fits what the puzzle says about it. ";
  EXPECT_FALSE(check("x", inside + "Done.").accept);
  std::string chinese;
  for (int i = 0; i < 40; ++i) chinese += "我们再试一次。";
  EXPECT_FALSE(check("为什么", chinese).accept);
  EXPECT_TRUE(check("x", std::string(300, '-') + "\n| a | b |\n" + std::string(300, '=')).accept);
  std::string table;
  for (int i = 0; i < 60; ++i)
    table += "| " + std::to_string(i) + " | " + std::to_string(i * i) + " | " + std::to_string(i * i * i) + " |\n";
  EXPECT_TRUE(check("x", table).accept);
}

struct Tongue {
  bool accept;
  const char* question;
  const char* answer;
};
constexpr const char* english =
    "The capital of France is Paris. It has been the capital for many centuries and is the largest city of the "
    "country.";
constexpr const char* german =
    "Die Hauptstadt von Frankreich ist Paris. Sie ist seit vielen Jahrhunderten auch die größte Stadt des Landes und "
    "wird von der Seine durchflossen.";
constexpr const char* chinese = "法国的首都是巴黎。几个世纪以来它一直是法国的首都，也是这个国家最大的城市。";
constexpr const char* japanese = "フランスの首都はパリです。何世紀にもわたって首都であり、国内最大の都市でもあります。";
constexpr const char* russian = "Столица Франции это Париж. Он был столицей много веков и остаётся крупнейшим городом.";
TEST(Checks, TheLanguageIsThatOfTheQuestion) {
  for (const Tongue& each :
       {Tongue{true, "What is the capital of France?", english},
        Tongue{false, "What is the capital of France?", chinese},
        Tongue{false, "What is the capital of France and since when is it that?", german},
        Tongue{false, "Was ist die Hauptstadt von Frankreich und seit wann ist sie das?", english},
        Tongue{true, "Was ist die Hauptstadt von Frankreich und seit wann ist sie das?", german},
        Tongue{false, "法国的首都是哪里？请解释一下。", english},
        Tongue{true, "法国的首都是哪里？请解释一下。", chinese},
        Tongue{false, "フランスの首都はどこですか。説明してください。", chinese},
        Tongue{true, "フランスの首都はどこですか。説明してください。", japanese},
        Tongue{false, "Какой город является столицей Франции?", english},
        Tongue{true, "Какой город является столицей Франции?", russian},
        // Asked for
        Tongue{true, "Translate to Chinese: the capital of France is Paris.", chinese},
        Tongue{true, "Wie heißt das auf Englisch: Die Hauptstadt von Frankreich ist Paris.", english},
        Tongue{true, "把下面这句话翻译成英文：法国的首都是巴黎。", english},
        Tongue{true, "Write it in German: the capital of France is Paris and that is all.", german},
        // No language at all
        Tongue{true, "写一个求和的函数，不要解释。",
               "```python\ndef add(first, second):\n    return first + second\n```"},
        Tongue{
            true, "写一个求和的函数，不要解释。",
            "def add(first, second):\n    result = first + second\n    return result\n\nprint(add(first=1, second=2))"},
        Tongue{true, "Сколько будет дважды два?", "4"}, Tongue{true, "公式是什么？请直接给出。", "E = mc^2"},
        Tongue{true, "谁写了这本书？请回答。", "Johann Wolfgang von Goethe"}, Tongue{true, "ok", chinese},
        Tongue{true, "x + y = 3, x - y = 1", german},
        // Mixed
        Tongue{true, "解释这段话: The capital of France is Paris, and it is large.", english}}) {
    const Verdict verdict = check(each.question, each.answer);
    EXPECT_EQ(verdict.accept, each.accept) << each.question << " -> " << each.answer << ": " << verdict.reason;
  }
}

TEST(Checks, LanguageThatTheSystemAsksFor) {
  const Judged judged(R"({"model":"m","messages":[{"role":"system","content":"Always answer in German."},)"
                      R"({"role":"user","content":"What is the capital of France and since when is it that?"}]})",
                      says(german));
  EXPECT_TRUE(make_verifier(checks())->verdict(judged.answered(), {}).accept);
}

constexpr auto json_object = R"(,"response_format":{"type":"json_object"})";
constexpr auto json_schema =
    R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,)"
    R"("schema":{"type":"object","properties":{"age":{"type":"integer"}},"required":["age"]}}})";

TEST(Checks, Json) {
  EXPECT_TRUE(judge(checks(), "x", says("{\"a\":1}"), json_object).accept);
  EXPECT_EQ(judge(checks(), "x", says("[1]"), json_object).reason, "the answer is no JSON object");
  EXPECT_FALSE(judge(checks(), "x", says("```json\n{}\n```"), json_object).accept);
  EXPECT_TRUE(judge(checks(), "x", says("{\"age\":7}"), json_schema).accept);
  EXPECT_EQ(judge(checks(), "x", says("{\"age\":\"7\"}"), json_schema).reason, "JSON: /age is not of type integer");
  EXPECT_EQ(judge(checks(), "x", says("seven"), json_schema).reason, "the answer is no JSON");
  EXPECT_TRUE(judge(checks({AnswerCheck::json}), "x", says("seven"), json_schema).accept);
  EXPECT_TRUE(judge(checks(), "x", says("  {\"age\":", ""), json_schema, false).accept);
  EXPECT_FALSE(judge(checks(), "x", says("Sure! {", ""), json_object, false).accept);
}

TEST(Checks, WhatEndsInTheMiddle) {
  const std::string fence = "the answer ends inside a code fence";
  EXPECT_EQ(check("x", "Here:\n```python\nprint(1)\n").reason, fence);
  EXPECT_EQ(check("x", "```\na\n```\nthen\n```sh\nls").reason, fence);
  EXPECT_EQ(check("x", "Here:\n~~~python\nprint(1)\n").reason, fence);
  EXPECT_EQ(check("x", "~~~\na\n```\nb").reason, fence);
  EXPECT_EQ(check("x", "1. Do:\n\n   - This:\n\n       ```sh\n       ls\n").reason, fence);
  EXPECT_EQ(check("x", "```sh\nls\n    ```\nmore").reason, fence);
  EXPECT_EQ(check("x", "<think>Well, let me see").reason, "the answer ends in the middle of its thoughts");
  for (const char* text :
       {"```python\nprint(1)\n```", "```\na\n```\n\n```\nb\n```", "Use ```x``` here.",
        "1. Do:\n   ```sh\n   ls\n   ```", "````markdown\n```\na\n```\n````", "```markdown\n# A\n```sh\nls\n```\n```",
        "> ```\n> a\n> ```",
        "``` in one line"
        "```",
        "~~~python\nprint(1)\n~~~", "~~~ `a` ~~~\nb\n~~~", "```\n~~~\na\n```",
        "Write:\n\n    ```\n    a\n\nThat is code.", "- Do:\n  ~~~\n  ls\n  ~~~", "Too many ~~~ are odd."})
    EXPECT_TRUE(check("x", text).accept) << text;
  EXPECT_TRUE(judge(checks(), "x", says("```python\nprint(", ""), "", false).accept);  // more may come
}

TEST(Checks, WhatASchemaAsksForBeyondWhatIsCheckedIsSaid) {
  const auto schema = R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object",)"
                      R"("properties":{"day":{"type":"string","format":"date"}},"unevaluatedProperties":false}}})";
  EXPECT_EQ(judge(checks(), "x", says("{\"day\":\"x\"}"), schema).reason,
            "no check objects; not checked: format, unevaluatedProperties");
  EXPECT_EQ(judge(checks(), "x", says("{\"age\":7}"), json_schema).reason, "no check objects");
}

TEST(Checks, RequiredPattern) {
  VerifierSpec spec = checks();
  options::options_in<ChecksSpec>(spec.options).required = "####\\s*-?\\d+";
  EXPECT_TRUE(judge(spec, "x", says("So\n#### 42")).accept);
  EXPECT_EQ(judge(spec, "x", says("42")).reason, "the required pattern is not in the answer");
  EXPECT_TRUE(judge(spec, "x", says("So", ""), "", false).accept);
}

TEST(Checks, Groundedness) {
  VerifierSpec spec = checks();
  options::options_in<ChecksSpec>(spec.options).grounded = 0.6;
  constexpr auto question =
      "Context: The Ostrava plant was opened in 1951 and employs 1,200 people. Director: Jana Novotna.\n"
      "Question: who directs it, and since when does it exist?";
  const Verdict good =
      judge(spec, question, says("The plant in Ostrava was opened in 1951; Jana Novotna is director."));
  EXPECT_TRUE(good.accept) << good.reason;
  EXPECT_GT(good.score.value_or(0), 0.9);
  const Verdict bad = judge(spec, question, says("Petr Svoboda has managed that factory since its founding in 1948."));
  EXPECT_FALSE(bad.accept) << bad.reason;
  EXPECT_TRUE(judge(spec, question, says("1200")).accept);
  EXPECT_FALSE(judge(spec, question, says("1300")).accept);
  EXPECT_TRUE(judge(spec, question, says("Yes.")).accept);  // nothing that could be looked for
  EXPECT_TRUE(judge(spec, "资料：奥斯特拉发工厂于一九五一年开业。问题：何时开业？", says("一九五一年开业")).accept);
  EXPECT_FALSE(
      judge(spec, "资料：奥斯特拉发工厂于一九五一年开业。问题：何时开业？", says("大约在战后的年代里")).accept);
}

TEST(Checks, GroundednessCountsCharacters) {
  VerifierSpec spec = checks({AnswerCheck::language});
  options::options_in<ChecksSpec>(spec.options).grounded = 0.6;
  const std::string hindi = "संदर्भ: ओस्ट्रावा का कारखाना 1951 में खोला गया। निदेशक याना नोवोत्ना हैं। प्रश्न: निदेशक कौन है?";
  EXPECT_TRUE(judge(spec, hindi, says("निदेशक याना नोवोत्ना हैं।")).accept);
  // Words that begin with the same two characters, which six bytes are, are not the same.
  const Verdict other = judge(spec, hindi, says("निराला प्रसाद संगीत कार्यालय यातायात ओडिशा नोकझोंक"));
  EXPECT_FALSE(other.accept) << other.reason;
  const std::string thai = "ข้อมูล: โรงงานเปิดในปี 1951 ผู้อำนวยการคือสมชาย";
  EXPECT_TRUE(judge(spec, thai, says("ผู้อำนวยการคือสมชาย")).accept);
  EXPECT_FALSE(judge(spec, thai, says("เมื่อวานฝนตกหนักมาก")).accept);
  const std::string arabic = "السياق: افتتح المصنع سنة 1951. المدير هو سامي حداد.";
  EXPECT_TRUE(judge(spec, arabic, says("المدير هو سامي حداد، منذ 1951؟")).accept);
  EXPECT_FALSE(judge(spec, arabic, says("الطقس جميل اليوم وغدا ممطر")).accept);
  EXPECT_TRUE(judge(spec, "Директор завода: Яна Новотна.", says("Директором завода стала Новотна.")).accept);
}

TEST(Checks, AnythingIsTaken) {
  std::mt19937 random(7);
  const VerifierSpec spec = [] {
    VerifierSpec out = checks();
    options::options_in<ChecksSpec>(out.options).grounded = 0.5;
    options::options_in<ChecksSpec>(out.options).required = "a.*b";
    return out;
  }();
  const std::vector<std::string> pieces{"`",
                                        "```",
                                        "<think>",
                                        "\"",
                                        "{",
                                        "}",
                                        "[",
                                        "I'm not sure ",
                                        "\xff",
                                        "\xe3\x81",
                                        "我",
                                        "な",
                                        "é",
                                        " the ",
                                        " und ",
                                        "\n",
                                        "1,",
                                        ".5",
                                        "\\u0000",
                                        std::string(1, '\0'),
                                        "\xf0\x9f\x98\x80",
                                        "aaaa",
                                        "\xd0"};
  for (int round = 0; round < 3'000; ++round) {
    std::string text;
    for (std::size_t n = random() % 60; n > 0; --n) text += pieces[random() % pieces.size()];
    judge(spec, "What is the capital of France?", says(text), round % 3 == 0 ? json_schema : "", round % 2 == 0);
  }
}

// The worst that came to mind, 1 MB each; in an optimised build none takes 10 ms.
TEST(Checks, AMegabyteTakesMilliseconds) {
  const auto repeated = [](std::string_view piece) {
    std::string out;
    while (out.size() < 1'000'000) out += piece;
    return out;
  };
  VerifierSpec spec = checks();
  options::options_in<ChecksSpec>(spec.options).grounded = 0.5;
  for (const char* piece : {"a", "ab ", "I'm not sure ", "I cannot help you ", "`", "` ``", "我们", "{\"a\":", "[",
                            "the und ", "12,", "\xff", "word-less\n"}) {
    const std::string text = repeated(piece);
    const auto begin = std::chrono::steady_clock::now();
    judge(spec, "I'm not sure. I cannot help you. What is the capital of France?", says(text));
    judge(spec, "x", says(text), json_schema);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2)) << piece;
  }
}

}  // namespace
}  // namespace triage::verify
