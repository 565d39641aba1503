#include "verify/contrast.hpp"

#include "text/folded_text.hpp"
#include "verify/answer_chars.hpp"
#include "verify/lexicon.hpp"
#include "verify/plain_spelling.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace triage::verify {
namespace {

// When two answers contrast.
enum class Rule {
  opposite,  // one has words of this side, the other of that side
  unasked,   // the same, or only one of them has such words, and the question has none of that side
  losing,    // the same, for this side alone: without a word, a number is a gain
  always     // the same, whatever the question has
};

struct Contrast {
  Rule rule;
  std::string_view one;  // words and phrases, separated by '|'
  std::string_view other;
};

constexpr Contrast contrasts[] = {
    // sign and direction
    {Rule::always, "negative|minus", ""},
    {Rule::opposite, "negative|minus", "positive|plus"},
    {Rule::always, "below zero|under zero|in debt|in the red", "above zero"},
    {Rule::losing,
     "lose|loses|lost|losing|loss|losses|deficit|shortfall|owe|owes|owed|debt|verliert|verlor|verloren|verlust|perd|"
     "perdu|"
     "perte|pierde|perdi\u00f3|perdido|p\u00e9rdida|perdita|perso",
     "gain|gains|gained|gaining|win|wins|won|profit|profits|surplus|gewinnt|gewann|gewonnen|gewinn|gagne|gagn\u00e9|"
     "gana|"
     "gan\u00f3|ganado|ganancia|vince|vinto|guadagno"},
    {Rule::losing,
     "decrease|decreases|decreased|decreasing|reduce|reduces|reduced|reduction|drop|drops|dropped|decline|declines|"
     "declined|fell|fallen|shrank|shrunk|down|sinks|sank|sinkt|f\u00e4llt|fiel|baisse|baiss\u00e9|diminue|baja|"
     "baj\u00f3|disminuye",
     "increase|increases|increased|increasing|rise|rises|rose|risen|grow|grows|grew|grown|climbed|raised|steigt|stieg|"
     "augmente|augment\u00e9|hausse|sube|subi\u00f3|aumenta|aument\u00f3"},
    {Rule::unasked, "fewer|less|weniger|moins|menos|meno|\u043c\u0435\u043d\u044c\u0448\u0435",
     "more|greater|additional|mehr|plus de|plus que|m\u00e1s|pi\u00f9|mais|\u0431\u043e\u043b\u044c\u0448\u0435"},
    {Rule::unasked, "ago|earlier|early|too soon|fr\u00fcher", "later|late|from now|overdue|sp\u00e4ter"},
    {Rule::opposite, "before|vor|avant|antes|prima", "after|nach|apr\u00e8s|despu\u00e9s|dopo"},
    {Rule::unasked,
     "# before|# days before|# hours before|# minutes before|# weeks before|# months before|# years before",
     "# after|# days after|# hours after|# minutes after|# weeks after|# months after|# years after"},
    {Rule::unasked, "below|beneath|underneath|unter", "above|\u00fcber"},
    {Rule::unasked, "behind|trails", "ahead|leads"},
    {Rule::opposite, "lower|smaller|shorter|younger|lighter|slower|cheaper|worse|colder|narrower|closer|nearer",
     "higher|taller|longer|older|heavier|faster|bigger|larger|better|warmer|hotter|wider|farther|further"},
    {Rule::opposite, "north|up|upward|inside|forward|forwards|clockwise|left",
     "south|downward|outside|backward|backwards|"
     "counterclockwise|anticlockwise|right"},
    {Rule::opposite, "east", "west"},
    {Rule::opposite, "owe|owes", "is owed|are owed|was owed|were owed"},
    {Rule::opposite, "am|morning", "pm|evening|afternoon"},
    {Rule::opposite, "left|remain|remains|remaining|remained|kept|survived|unsold|alive",
     "gone|used|eaten|given away|died|dead|killed|missing|removed"},
    {Rule::opposite, "spend|spends|spent|pay|pays|paid|cost|costs|expense|expenses",
     "earn|earns|earned|save|saves|saved|income|revenue|makes|made"},
    {Rule::opposite, "buy|buys|bought|borrow|borrows|borrowed|deposit|deposits|deposited|receive|receives|received|got",
     "sell|sells|sold|lend|lends|lent|withdraw|withdraws|withdrew|give|gives|gave|sent"},
    {Rule::opposite, "add|adds|added|arrive|arrives|arrived|join|joins|joined|enter|entered",
     "subtract|subtracts|remove|removes|depart|departs|departed|quit|exited"},
    {Rule::opposite, "pass|passes|passed|succeeded|correct|attended|accepted",
     "fail|fails|failed|incorrect|absent|rejected"},
    {Rule::opposite, "each|apiece|per|average", "total|altogether|in all|combined|together"},
    {Rule::opposite, "minimum|smallest|lowest|fewest|shortest", "maximum|largest|highest|greatest|longest"},
    // bounds
    {Rule::always,
     "at least|no less than|or more|or greater|minimum of|more than #|greater than #|exceeds #|over #|above "
     "#|mindestens|"
     "au moins|al menos|almeno|pelo menos|\u4e0d\u5c11\u4e8e|\u81f3\u5c11",
     "at most|up to #|no more than|or less|or fewer|maximum of|less than #|fewer than #|under #|below #|h\u00f6chstens|"
     "au plus|como m\u00e1ximo|al massimo|no m\u00e1ximo|\u6700\u591a|\u4e0d\u8d85\u8fc7"},
    {Rule::unasked,
     "about|around|approximately|approx|roughly|almost|nearly|circa|ungef\u00e4hr|etwa|environ|unos|alrededor|circa",
     ""},
    // factors
    {Rule::always,
     "twice|double|doubled|doubles|triple|tripled|thrice|quadruple|half|halved|halves|thirds|a third|one "
     "third|quarter|quarters|"
     "fold|squared|cubed|square root|cube root|factorial|doppelt|h\u00e4lfte|halb|le double|la moiti\u00e9|doble|mitad|"
     "doppio|met\u00e0|gross",
     ""},
    {Rule::unasked, "pair|pairs|couple|couples|hundreds|thousands|millions|billions|millionen|milliarden|tausend", ""},
};

constexpr std::string_view denials =
    "not|no|never|neither|nor|cannot|dont|doesnt|isnt|impossible|incorrect|wrong|false|nope|unlikely|rather "
    "than|instead "
    "of|except|nicht|kein|keine|keinen|keiner|nie|niemals|pas|jamais|nunca|jam\u00e1s|non|mai|nem|n\u00e3o|"
    "niet|geen|nie|inte|ikke|\u043d\u0435|\u043d\u0435\u0442|de\u011fil|\u4e0d\u662f|\u4e0d\u4f1a|\u4e0d\u80fd|"
    "\u6ca1\u6709|\u306a\u3044|\u307e\u305b\u3093|\uc544\ub2c8|\uc544\ub2d9";

// Words in lower case, with a space around each, and "#" for each number.
std::string spaced(std::string_view text) {
  std::string out = " ";
  for (const char c : fold_case(text)) {
    if (is_digit(c)) {
      if (out.back() == ' ')
        out += '#';
      else if (out.back() != '#')
        out += c;
    } else if (is_wordy(c) || c == '\'') {
      out.append(out.back() == '#' ? " " : "").append(1, c);
    } else if (out.back() != ' ' && !(out.back() == '#' && (c == ',' || c == '.'))) {
      out += ' ';
    }
  }
  return out.back() == ' ' ? out : out + " ";
}

bool is_spaced_script(std::string_view word) {
  return static_cast<unsigned char>(word[0]) < 0xe3;  // kana, Han and hangul have no spaces around words
}

// Whether `words`, as spaced() makes them, have one of a list.
bool has_any(std::string_view words, std::string_view list) {
  for (const std::string_view each : split_phrases(list)) {
    if (!is_spaced_script(each)) {
      if (words.find(each) != std::string_view::npos) return true;
      continue;
    }
    for (std::size_t at = words.find(each); at != std::string_view::npos; at = words.find(each, at + 1))
      if (words[at - 1] == ' ' && words[at + each.size()] == ' ') return true;
  }
  return false;
}

bool contrast(const Contrast& by, std::string_view one, std::string_view other, std::string_view asked) {
  const bool here[] = {has_any(one, by.one), has_any(one, by.other)};
  const bool there[] = {has_any(other, by.one), has_any(other, by.other)};
  if (here[0] == there[0] && here[1] == there[1]) return false;
  if ((here[0] && there[1]) || (here[1] && there[0])) return true;
  if (by.rule == Rule::opposite) return false;
  if (by.rule == Rule::always) return true;
  const bool first = here[0] != there[0];
  if (by.rule == Rule::losing && !first) return false;
  const bool expected = has_any(asked, first ? by.one : by.other) && !has_any(asked, first ? by.other : by.one);
  return !expected;
}

// Words that two sentences which say the same may have in each other's place.
constexpr std::string_view light_words =
    "a|an|the|this|that|these|those|it|he|she|they|we|i|you|is|are|was|were|be|will|would|has|have|had|can|must|should|"
    "so|therefore|thus|hence|then|in|on|of|for|to|at|by|with|and|his|her|their|its|there|answer|result|total|equals|"
    "makes|gets|needs|takes|means|comes";

// Whether the sentences differ in a word or two only, so that these make the difference: "Ann has 5", "Bob has 5".
bool is_minimal_pair(std::string_view one, std::string_view other) {
  const std::vector<std::string_view> here = words_of(one);
  const std::vector<std::string_view> there = words_of(other);
  if (here.size() != there.size() || here.size() < 3) return false;
  std::size_t differ = 0;
  bool heavy = false;
  for (std::size_t i = 0; i < here.size(); ++i) {
    if (here[i] == there[i]) continue;
    ++differ;
    const bool number = here[i] == "#" || there[i] == "#";
    const bool form = here[i].size() > 3 && there[i].size() > 3 && here[i].substr(0, 4) == there[i].substr(0, 4);
    const auto light = [](std::string_view word) { return has_any(" " + std::string(word) + " ", light_words); };
    heavy = heavy || (!number && !form && !light(here[i]) && !light(there[i]));
  }
  return heavy && 4 * differ <= here.size() + 1;
}

}  // namespace

bool denies(std::string_view words) {
  const std::string all = spaced(words);
  return all.find("n't ") != std::string::npos || all.find("n\u2019t ") != std::string::npos || has_any(all, denials);
}

bool may_contrast(std::string_view one, std::string_view other, std::string_view asked) {
  const std::string here = spaced(one);
  const std::string there = spaced(other);
  if (here == there) return false;
  return is_minimal_pair(here, there) ||
         std::any_of(std::begin(contrasts), std::end(contrasts),
                     [&](const Contrast& by) { return contrast(by, here, there, asked); });
}

namespace {

// The whole of an answer that is none.
constexpr std::string_view blanks =
    "unknown|n a|na|null|nil|nan|undefined|error|todo|tbd|tba|fixme|xxx|placeholder|no answer|no idea|not available|"
    "not applicable|not specified|not provided|not known|not given|unspecified|undetermined|unclear|unsure|idk|dunno|"
    "inconclusive|no comment|no data|no information|no result|no response|it depends|depends|sorry|empty|loading|"
    "pending|unanswerable|cannot answer|can't answer|cannot say|can't say|unbekannt|keine angabe|keine ahnung|inconnu|"
    "aucune id\u00e9e|desconocido|ni "
    "idea|sconosciuto|desconhecido|onbekend|nieznane|\u043d\u0435\u0438\u0437\u0432\u0435\u0441\u0442\u043d\u043e|"
    "\u672a\u77e5|\u4e0d\u660e|\u7121|bilinmiyor|none given|internal error|internal server error|an error occurred|"
    "something went wrong|nobody knows|no one knows|who knows|your answer here|answer here|insert answer|insert answer "
    "here";

// What a sentence that gives no answer has.
constexpr std::string_view shrugs =
    "rather not say|prefer not to say|it depends on|that depends on|"
    "internal server error|object object|lorem ipsum|ツ|i don't know|i do not know|we don't know|we do not know|not "
    "sure|i'm unsure|not certain|no opinion|no opinions|"
    "don't have an opinion|don't have opinions|do not have opinions|personal opinions|cannot determine|can't determine|"
    "could not determine|couldn't determine|unable to determine|cannot be determined|can't be determined|"
    "could not be determined|not possible to determine|impossible to determine|impossible to say|impossible to know|"
    "cannot tell|can't tell|cannot say|can't say|unable to say|unable to answer|unable to provide|cannot provide|"
    "can't provide|cannot answer|can't answer|could not answer|not enough information|not enough data|"
    "not enough context|insufficient information|insufficient data|insufficient context|enough information|"
    "enough data|enough context|no information|no way to know|no way of knowing|need more information|"
    "need more context|need more details|more information is needed|more context is needed|please provide|"
    "please clarify|could you clarify|can you clarify|could you provide|hard to say|difficult to say|"
    "don't understand|do not understand|didn't understand|did not understand|no answer|no idea|as an ai|"
    "as a language model|has no answer|is unknown|is unclear|is not known|not specified|not provided|"
    "je ne sais pas|je l'ignore|ich wei\u00df nicht|ich wei\u00df es nicht|wei\u00df ich nicht|keine ahnung|keine "
    "meinung|"
    "no lo s\u00e9|no s\u00e9|no tengo|non lo so|non so|n\u00e3o sei|ik weet het niet|weet ik niet|nie wiem|nev\u00edm|"
    "\u043d\u0435 \u0437\u043d\u0430\u044e|bilmiyorum|jag vet inte|jeg vet ikke|jeg ved det ikke|en tied\u00e4|nem "
    "tudom|"
    "\u6211\u4e0d\u77e5\u9053|\u4e0d\u77e5\u9053|\u4e0d\u6e05\u695a|\u65e0\u6cd5\u786e\u5b9a|\u7121\u6cd5\u78ba\u5b9a|"
    "\u308f\u304b\u308a\u307e\u305b\u3093|\u5206\u304b\u308a\u307e\u305b\u3093|\u308f\u304b\u3089\u306a\u3044|"
    "\ubaa8\ub974|"
    "\u0644\u0627 \u0623\u0639\u0631\u0641|\u0644\u0627 \u0623\u0639\u0644\u0645|kh\u00f4ng bi\u1ebft|tidak tahu";

constexpr std::size_t shrug_max = 300;  // bytes; a longer text says more than that

}  // namespace

bool gives_no_answer(std::string_view text) {
  if (text.size() > shrug_max) return false;
  const std::string plain = plain_spelling(text);
  const std::string words = spaced(plain);
  if (plain.find_first_not_of(" .?!-_#*~\u2026\u2014") == std::string::npos) return true;
  const std::vector<std::string_view> known = split_phrases(blanks);
  return std::find(known.begin(), known.end(), trimmed(words)) != known.end() || has_any(words, shrugs);
}

}  // namespace triage::verify
