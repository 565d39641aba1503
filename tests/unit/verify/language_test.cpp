#include "verify/language.hpp"

#include "judged.hpp"

#include "verify/prose.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

namespace triage::verify {
namespace {

std::optional<std::string> other_language(const std::string& question, const std::string& answer) {
  const Judged judged(chat(question), says(answer));
  return find_other_language(judged.view(), AnswerText(judged.completion));
}

nlohmann::json texts() {
  return nlohmann::json::parse(std::ifstream(TRIAGE_SOURCE_DIR "/tests/golden/languages.json"))["texts"];
}

TEST(Language, SeventyLanguagesAreToldFromEnglishChineseAndGerman) {
  const nlohmann::json all = texts();
  int languages = 0;
  int caught = 0;
  int asked = 0;
  for (const auto& [language, pair] : all.items()) {
    const std::string question = pair[0];
    EXPECT_EQ(other_language(question, pair[1]), std::nullopt) << language;
    int here = 0;
    int pairs = 0;
    for (const char* answer : {"en", "zh", "de"}) {
      if (answer == language) continue;
      ++pairs;
      if (other_language(question, all[answer][1]))
        ++here;
      else
        std::printf("asked in %s, answered in %s: not seen\n", language.c_str(), answer);
    }
    languages += here == pairs ? 1 : 0;
    caught += here;
    asked += pairs;
  }
  std::printf("%d of %d wrong languages seen; all of them for %d of %zu languages\n", caught, asked, languages,
              all.size());
  EXPECT_GE(languages, 66);
  EXPECT_GE(100 * caught, 98 * asked);
}

TEST(Language, AFewWordsInAnotherScriptTell) {
  const std::string chinese = "天空是蓝色的，因为空气散射蓝光。";
  for (const char* question : {"Why is the sky blue?", "Gökyüzü neden mavidir?", "Pourquoi le ciel est-il bleu ?",
                               "Почему небо голубое?", "Warum ist der Himmel blau? Bitte kurz."}) {
    EXPECT_TRUE(other_language(question, chinese)) << question;
    EXPECT_FALSE(other_language(question, "Rayleigh, 1871: 天空")) << question;
  }
  EXPECT_FALSE(other_language("为什么天空是蓝色的？", chinese));
  EXPECT_FALSE(other_language("x + y = 3, x - y = 1", chinese));
  EXPECT_FALSE(other_language("Say it in Chinese: why is the sky blue?", chinese));
}

// Of long texts only the beginnings are looked at, where these are alike; the rest where they are not.
TEST(Language, LongTexts) {
  const nlohmann::json all = texts();
  const auto many = [&](const char* language, std::size_t which) {
    std::string out;
    while (out.size() < 3000) out += all[language][which].get<std::string>() + "\n";
    return out;
  };
  const std::string letter = all["tr"][1].get<std::string>() + "\n" + many("de", 1) + all["tr"][1].get<std::string>();
  EXPECT_FALSE(other_language(many("en", 0), many("en", 1)));
  EXPECT_TRUE(other_language(many("en", 0), many("de", 1)));
  EXPECT_TRUE(other_language(many("zh", 0), many("en", 1)));
  EXPECT_FALSE(other_language(letter, many("tr", 1)));
  EXPECT_TRUE(other_language(letter, many("en", 1)));
}

TEST(Language, ShortQuestions) {
  const std::string english = texts()["en"][1];
  for (const char* question : {"Türkiye'nin başkenti neresidir?",
                               "Jaka jest stolica Polski i dlaczego?",
                               "Wat is de hoofdstad van België?",
                               "Quelle est la capitale de la France ?",
                               "¿Cuál es la capital de España?",
                               "Vad heter Sveriges huvudstad?",
                               "Mikä on Suomen pääkaupunki ja miksi?",
                               "Jaké je hlavní město Slovenska?",
                               "Mi Magyarország fővárosa?",
                               "Care este capitala României?",
                               "Ποια είναι η πρωτεύουσα;",
                               "Какая столица у Франции?",
                               "Яка столиця Польщі?",
                               "מהי בירת צרפת?",
                               "ما هي عاصمة فرنسا؟",
                               "پایتخت ایران کجاست؟",
                               "भारत की राजधानी क्या है?",
                               "বাংলাদেশের রাজধানী কী?",
                               "இந்தியாவின் தலைநகரம் எது?",
                               "ประเทศไทยมีเมืองหลวงชื่ออะไร",
                               "日本の首都はどこですか",
                               "法国的首都是哪里？",
                               "프랑스의 수도는 어디인가요?",
                               "Thủ đô của Việt Nam là gì?",
                               "Apa ibu kota Indonesia saat ini?",
                               "რა არის საქართველოს დედაქალაქი?",
                               "የኢትዮጵያ ዋና ከተማ ማን ነው?"})
    EXPECT_TRUE(other_language(question, english)) << question;
}

TEST(Language, WhatIsAskedForOrNoLanguageIsNotHeldAgainstTheAnswer) {
  const nlohmann::json all = texts();
  const std::string english = all["en"][1];
  const std::string german = all["de"][1];
  const std::string turkish = all["tr"][1];
  const auto text = [&](const char* language) { return all[language][1].get<std::string>(); };
  const std::vector<std::pair<std::string, std::string>> pairs{
      // translations, in the user's own words
      {"Bunu İngilizceye çevir: " + turkish, english},
      {"Przetłumacz to: " + text("pl"), english},
      {"Vertaal dit alsjeblieft: " + text("nl"), english},
      {"Översätt detta: " + text("sv"), english},
      {"Käännä tämä: " + text("fi"), english},
      {"Přelož to: " + text("cs"), english},
      {"Fordítsd le ezt: " + text("hu"), english},
      {"Μετάφρασε αυτό: " + text("el"), english},
      {"Переклади це: " + text("uk"), english},
      {"ترجم هذا: " + text("ar"), english},
      {"इसका अनुवाद करो: " + text("hi"), english},
      {"이것을 번역해 줘: " + text("ko"), english},
      {"Dịch câu này: " + text("vi"), english},
      {"Terjemahkan ini: " + text("id"), english},
      {"ช่วยแปลให้หน่อย: " + text("th"), english},
      {"How would a Finn say this in Swahili? " + english, text("sw")},
      // another language to work on
      {"Sum up this letter in two sentences for me, please:\n" + german + " " + german, english},
      {text("fr") + "\n\nWhat does the author want from us in this text?", english},
      {"Fasse das bitte zusammen:\n" + english + " " + english, german},
      // names, lists, code, formulas, too little
      {"Bana on tane futbolcu adı verir misin lütfen?",
       "1. Lionel Messi\n2. Cristiano Ronaldo\n3. Andrea Pirlo\n4. David Beckham\n5. Thomas Müller\n6. Harry Kane\n7. "
       "Kevin De Bruyne"},
      {"Name ten cities at the Vistula and the Oder for me.",
       "Warszawa, Kraków, Gdańsk, Toruń, Płock, Włocławek, Bydgoszcz, Wrocław, Opole, Szczecin, Racibórz"},
      {"Napisz zapytanie, które znajdzie wszystkich starych klientów.",
       "SELECT name, street, city FROM customers\nWHERE last_order < now() - interval '2 years'\nORDER BY name;"},
      {"Schreib mir bitte eine Funktion, die zwei Zahlen addiert.",
       "def add_numbers(first, second):\n    result = first + second\n    return result\n\nprint(add_numbers(first=1, "
       "second=2))"},
      {"Listeyi sıralayan bir betik yaz lütfen.",
       "```python\n# This sorts the list and prints it, in place and for ever\nitems.sort()\nprint(items)\n```"},
      {"Zeig mir bitte eine Konfiguration für den Server.",
       "{\n  \"name\": \"the server of the house\",\n  \"port\": 8080,\n  \"path\": \"where the files are\",\n}"},
      {"Ile to jest dwa razy dwa, proszę?", "4"},
      {"Wie heißt der Hauptdarsteller in dem Film von gestern?", "Robert De Niro"},
      {"Kaç kişi var?", "E = mc^2"},
      {"ok", german},
      {"x + y = 3, x - y = 1", german},
      // relatives
      {all["no"][0], text("da")},
      {all["hr"][0], text("sr")},
      {all["id"][0], text("id")},
      {all["cs"][0], text("sk")},
  };
  for (const auto& [question, answer] : pairs)
    EXPECT_EQ(other_language(question, answer), std::nullopt) << question << " -> " << answer;
}

TEST(Language, ProseWithoutProgramText) {
  EXPECT_EQ(prose_of("Use `ls -l` to see them, my friend.").text, "Use to see them my friend");
  EXPECT_EQ(prose_of("See README.md or call fooBar() and MAX_SIZE, all right?").text, "See or call and all right");
  EXPECT_EQ(prose_of("a = 1;\nb = 2;\nfoo(a, b);\n").text, "");
  EXPECT_EQ(prose_of("你好,世界!").text, "你好 世界");
  EXPECT_TRUE(prose_of("Lionel Messi, Harry Kane and Andrea Pirlo").names);
  EXPECT_FALSE(prose_of("Der Hund und die Katze sind im Haus").names);
  EXPECT_LE(prose_of(std::string(100'000, 'a')).text.size(), 2048U);
}

}  // namespace
}  // namespace triage::verify
