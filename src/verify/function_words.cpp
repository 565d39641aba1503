#include "verify/function_words.hpp"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace triage::verify {
namespace {

constexpr std::array<std::string_view, latin_languages.size()> lists{
    "the of and to in is that it was for on are with as they be at this have from or by not but what all were when we "
    "there can an your which their if will each about how up out them then she these would other into has more her two "
    "than been who its did must should between because where you he his",
    "der die und das ist nicht mit ein eine auf für von den dem des im sich auch es ich wie zu aus werden sind wird "
    "oder "
    "wenn aber nach bei kann durch wurde hat dass sie wir haben zur zum einen einer einem eines noch nur über man als "
    "so "
    "vor beim dies diese dieser",
    "le la les des est une un dans pour que qui sur pas par avec plus ce cette vous nous sont mais ou du au aux être "
    "ces "
    "leur il elle je comme tout et en de ne se son sa ses nos votre fait peut deux donc",
    "el la los las que del una un por con para como más pero su sus este esta son entre cuando muy sin sobre también "
    "hasta hay donde ser es está se lo en de y al o si qué cómo cada porque puede",
    "il lo la i gli le che di è per una un con non sono della dei delle del nel nella alla al come più ma anche questo "
    "questa si ha dal dalla sul tra essere in e o a da ogni perché cosa può quando",
    "o a os as que de não uma um para com dos das do da em no na por mais como mas foi ao à ele ela seu sua ou ser "
    "quando "
    "muito nos já está também pelo pela isso são você e se é cada porque pode",
    "de het een van en dat niet zijn op te met voor er maar om ook als bij aan uit naar dan worden wordt deze in is of "
    "die dit was heeft hebben kan door over wat hoe",
};

struct Word {
  unsigned languages = 0;  // a bit for each
  std::size_t number = 0;
};

const std::unordered_map<std::string_view, Word>& known_words() {
  static const std::unordered_map<std::string_view, Word> out = [] {
    std::unordered_map<std::string_view, Word> made;
    for (std::size_t i = 0; i < lists.size(); ++i)
      for (std::string_view rest = lists[i]; !rest.empty();) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        Word& word = made.try_emplace(rest.substr(0, end), Word{0, made.size()}).first->second;
        word.languages |= 1U << i;
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    return made;
  }();
  return out;
}

constexpr std::size_t longest = 12;  // bytes of a function word, at most

}  // namespace

FunctionWords count_function_words(std::string_view folded) {
  FunctionWords out;
  const auto& known = known_words();
  std::vector<bool> seen(known.size());
  for (std::size_t at = 0; at < folded.size();) {
    if (!is_letter_byte(folded[at])) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    while (end < folded.size() && is_letter_byte(folded[end])) ++end;
    ++out.words;
    if (end - at > 1 && end - at <= longest) {  // alone, a letter is a variable
      const auto found = known.find(folded.substr(at, end - at));
      if (found != known.end()) {
        const Word& word = found->second;
        const unsigned first_time = seen[word.number] ? 0 : 1;
        seen[word.number] = true;
        for (std::size_t i = 0; i < out.hits.size(); ++i) {
          const unsigned is = word.languages >> i & 1;
          out.hits[i] += is;
          out.different[i] += is & first_time;
        }
      }
    }
    at = end;
  }
  return out;
}

std::size_t FunctionWords::first() const noexcept {
  return static_cast<std::size_t>(std::max_element(hits.begin(), hits.end()) - hits.begin());
}

std::optional<std::size_t> FunctionWords::language(std::uint32_t least) const noexcept {
  const std::size_t best = first();
  if (hits[best] < least || different[best] < std::min(least, 3U) || 6 * hits[best] < words) return std::nullopt;
  for (std::size_t i = 0; i < hits.size(); ++i)
    if (i != best && 3 * hits[i] > 2 * hits[best]) return std::nullopt;
  return best;
}

bool is_function_word(std::string_view folded) {
  return folded.size() <= longest && known_words().contains(folded);
}

}  // namespace triage::verify
