// Names of languages are left out if they also mean what comes from a country: "a Polish king" is polski król.
#include "verify/language_words.hpp"

#include "verify/answer_chars.hpp"

#include <algorithm>
#include <string>

namespace triage::verify {
namespace {

constexpr std::string_view english =
    "translate|translates|translated|translating|translation|translations|translator|language|languages|multilingual|"
    "bilingual|english|german|french|spanish|italian|portuguese|chinese|mandarin|cantonese|japanese|russian|korean|"
    "dutch|arabic|hindi|polish|turkish|latin|greek|hebrew|ukrainian|vietnamese|thai|indonesian|malay|tagalog|filipino|"
    "swahili|bengali|tamil|telugu|urdu|persian|farsi|swedish|norwegian|danish|finnish|icelandic|czech|slovak|slovene|"
    "slovenian|croatian|serbian|bosnian|bulgarian|romanian|hungarian|estonian|latvian|lithuanian|albanian|macedonian|"
    "georgian|armenian|azerbaijani|kazakh|uzbek|mongolian|nepali|sinhala|burmese|khmer|lao|amharic|somali|hausa|yoruba|"
    "zulu|afrikaans|catalan|basque|galician|irish|gaelic|welsh|maltese|esperanto|yiddish|sanskrit|gujarati|punjabi|"
    "marathi|kannada|malayalam|pashto|kurdish|belarusian";

// Beginnings of words.
constexpr std::string_view others[] = {
    // de, nl, af, sv, no, da, is
    "übersetz|sprache|englisch|deutsch|französisch|spanisch|italienisch|portugiesisch|chinesisch|japanisch|russisch|"
    "niederländisch|türkisch|polnisch|arabisch|koreanisch|vertaal|vertaling|engels|duits|frans|spaans|nederlands|"
    "översätt|engelska|tyska|franska|spanska|svenska|språk|oversett|oversæt|engelsk|tysk|fransk|spansk|norsk|dansk|"
    "sprog|þýð|ensku|tungumál",
    // fr, es, it, pt, ca, gl, ro, la, eo
    "tradu|langue|anglais|allemand|français|espagnol|italien|portugais|chinois|japonais|russe|idioma|lengua|inglés|"
    "alemán|francés|español|italiano|portugués|chino|japonés|ruso|lingua|inglese|tedesco|francese|spagnolo|portoghese|"
    "cinese|giapponese|língua|inglês|alemão|francês|espanhol|português|chinês|japonês|anglès|llengua|englez|limba|"
    "lingvo",
    // pl, cs, sk, sl, hr, lt, lv, et, fi, hu
    "tłumacz|przetłumacz|przekład|po angielsku|na angielski|po niemiecku|na niemiecki|po francusku|po polsku|język|"
    "přelož|překlad|anglick|angličtin|německy|česky|jazy|prelož|preklad|slovensky|prevedi|prevod|prijevod|angleš|"
    "englesk|jezik|išversk|verti|anglų|lietuviškai|kalba|tulko|angļu|valod|tõlgi|inglise|keel|käänn|suomenna|"
    "englanniksi|saksaksi|ranskaksi|suomeksi|kielel|kieli|fordít|angolul|angolra|németül|magyarul|nyelv",
    // tr, az, uz, kk, sq, eu, ga, cy, mt, sw, tl, id, ms, vi
    "çevir|tercüme|ingilizce|İngilizce|almanca|fransızca|türkçe|dilinde|diline|dilde|tərcümə|ingilis|dilində|tarjima|"
    "ingliz|аудар|ағылшын|тілі|përkthe|anglisht|shqip|gjuh|itzul|ingeles|hizkuntz|euskara|aistrigh|béarla|teanga|"
    "cyfieith|saesneg|iaith|ittradu|ingliż|lingwa|tafsiri|kiingereza|kiswahili|lugha|isalin|pagsasalin|wika|terjemah|"
    "inggris|inggeris|bahasa|dịch sang|dịch câu|dịch đoạn|phiên dịch|tiếng anh|tiếng việt|tiếng pháp|tiếng đức|"
    "tiếng trung|tiếng nhật|tiếng nga",
    // ru, uk, be, bg, mk, sr, el
    "перевед|перевод|перевест|язык|английск|по-английски|немецк|французск|испанск|русск|по-русски|китайск|японск|"
    "переклад|англійськ|німецьк|французьк|українськ|мовою|мова|мови|перакла|англійск|беларуск|преведи|превод|англиск|"
    "език|јазик|енглеск|језик|μετάφρα|μεταφρ|αγγλικ|γερμανικ|γαλλικ|ελληνικ|γλώσσα",
    // he, ar, fa, ur, hy, ka, am
    "תרגם|תרגמ|תרגום|אנגלית|באנגלית|לאנגלית|עברית|בעברית|לעברית|בשפה|שפת|ترجم|الترجمة|الإنجليزية|بالإنجليزية|"
    "للإنجليزية|الانجليزية|بالانجليزية|العربية|بالعربية|الفرنسية|لغة|اللغة|باللغة|انگلیسی|فارسی|زبان|انگریزی|اردو|"
    "թարգման|"
    "անգլերեն|հայերեն|լեզու|თარგმ|ინგლის|ქართულ|ენაზე|ተርጉም|እንግሊዝኛ|አማርኛ|ቋንቋ",
    // hi, mr, ne, bn, gu, pa, ta, te, kn, ml, si, th, lo, km, my
    "अनुवाद|अंग्रेज|भाषा|हिंदी में|हिन्दी में|भाषांतर|इंग्रजी|অনুবাদ|ইংরেজি|বাংলায়|ভাষা|અનુવાદ|અંગ્રેજી|ભાષા|ਅਨੁਵਾਦ|ਅੰਗਰੇਜ਼ੀ|ਭਾਸ਼ਾ|"
    "மொழிபெயர்|ஆங்கில|மொழி|అనువ|ఆంగ్ల|ఇంగ్లీష|భాష|ಅನುವಾದ|ಇಂಗ್ಲಿಷ್|ಭಾಷೆ|വിവർത്തന|പരിഭാഷ|ഇംഗ്ലീഷ്|ഭാഷ|පරිවර්තන|"
    "ඉංග්‍රීසි|"
    "භාෂා|แปล|ภาษา|ແປ|ພາສາ|បកប្រែ|ភាសា|ဘာသာ",
    // zh, ja, ko
    "翻译|翻譯|译成|譯成|译为|語言|语言|英文|英语|英語|中文|汉语|德语|法语|日语|日文|俄语|西班牙语|韩语|翻訳|訳して|"
    "和訳|英訳|"
    "言語|日本語|中国語|フランス語|ドイツ語|スペイン語|ロシア語|韓国語|번역|영어|언어|한국어|한국말|일본어|중국어|"
    "독일어|프랑스어",
};

bool stands_in(std::string_view text, std::string_view word, bool whole) {
  // From Devanagari on, words are joined or have no boundaries.
  const bool anywhere = static_cast<unsigned char>(word[0]) >= 0xe0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
    if (anywhere || ((at == 0 || !is_wordy(text[at - 1])) &&
                     !(whole && at + word.size() < text.size() && is_wordy(text[at + word.size()]))))
      return true;
  return false;
}

bool any_stands_in(std::string_view text, std::string_view list, bool whole) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find('|'), list.size());
    if (stands_in(text, list.substr(0, end), whole)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

}  // namespace

bool speaks_of_languages(std::string_view folded) {
  return any_stands_in(folded, english, true) ||
         std::any_of(std::begin(others), std::end(others),
                     [&](std::string_view list) { return any_stands_in(folded, list, false); });
}

}  // namespace triage::verify
