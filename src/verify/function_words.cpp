#include "verify/function_words.hpp"

#include <algorithm>
#include <unordered_set>

namespace triage::verify {
namespace {

constexpr std::string_view list =
    "the of and to in is that it was for on are with as they be at this have from or by not but what all were "
    "when we there can an your which their if will each about how up out them then she these would other into "
    "has more her two than been who its did must should between because where you he his der die und das ist "
    "nicht mit ein eine auf für von den dem des im sich auch es ich wie zu aus werden sind wird oder wenn aber "
    "nach bei kann durch wurde hat dass sie wir haben zur zum einen einer einem eines noch nur über man als so "
    "vor beim dies diese dieser le la les est une un dans pour que qui sur pas par avec plus ce cette vous nous "
    "sont mais ou du au aux être ces leur il elle je comme tout et en de ne se son sa ses nos votre fait peut "
    "deux donc el los las del una por con para como más pero su sus este esta entre cuando muy sin sobre también "
    "hasta hay donde ser está lo y al o si qué cómo cada porque puede i gli che di è per non sono della dei "
    "delle nel nella alla come più ma anche questo questa ha dal dalla sul tra essere e a da ogni perché cosa "
    "può quando os não uma um com dos do em no na mas foi ao à ele ela seu sua muito já também pelo pela isso "
    "são você é pode het een van dat niet zijn op te met voor er maar om ook bij aan uit naar dan worden wordt "
    "deze dit heeft hebben kan door over wat hoe";

const std::unordered_set<std::string_view>& known_words() {
  static const std::unordered_set<std::string_view> out = [] {
    std::unordered_set<std::string_view> made;
    for (std::string_view rest = list; !rest.empty();) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      made.insert(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return made;
  }();
  return out;
}

constexpr std::size_t longest = 12;  // the most bytes in a function word

}  // namespace

bool is_function_word(std::string_view folded) {
  return folded.size() <= longest && known_words().contains(folded);
}

}  // namespace triage::verify
