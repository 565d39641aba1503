#include "features/lexicon.hpp"

#include "base/hash.hpp"
#include "features/tokens.hpp"

#include <array>
#include <vector>

namespace triage::features {
namespace {

struct Group {
  std::uint32_t says;
  std::string_view words;  // separated by '|'; a pair has one space
};

constexpr Group groups[] = {
    {says_function,
     "the|of|and|to|in|a|is|that|it|for|as|with|was|on|are|by|be|this|an|at|from|which|or|his|her|its|he|she|they|"
     "their|have|has|had|not|but|were|been|will|would|there|if|than|who|what|when|into|some|so|can|could|all|no|one|"
     "out|up|do|does|did|how|these|those|then|them|him|my|your|you|we|i|about|after|before|between|during|over"},
    {says_negation,
     "not|no|never|without|except|incorrect|false|least|cannot|can't|don't|doesn't|isn't|aren't|won't|didn't|neither|"
     "nor|untrue|unlikely|least likely|not true|is not|are not|not be"},
    {says_condition,
     "if|suppose|assume|assuming|given|let|consider|when|unless|provided|would|should|could|hypothetical|such that"},
    {says_rate,
     "each|every|per|twice|half|third|quarter|double|triple|times|percent|percentage|total|remaining|left|rest|"
     "altogether|average|ratio|rate|more|less|fewer|older|younger|longer|shorter|more than|less than|as many|as much|"
     "times as|fraction|sum|difference|product|equally|original|discount|increase|decrease|increased|decreased"},
    {says_time,
     "second|seconds|minute|minutes|hour|hours|day|days|week|weeks|month|months|year|years|daily|weekly|monthly|"
     "today|yesterday|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|morning|afternoon|night"},
    {says_measure,
     "mile|miles|km|kilometers|meter|meters|m|cm|mm|feet|foot|ft|inch|inches|yard|yards|pound|pounds|lb|kg|g|grams|"
     "ounce|ounces|oz|liter|liters|l|ml|gallon|gallons|dollar|dollars|cent|cents|degrees|mph|k|j|n|v|mol|hz|pa|atm"},
    {says_quantity,
     "how many|how much|how long|how far|how old|how tall|what percentage|what percent|what fraction|calculate|"
     "compute|determine|evaluate|estimate|solve|find|what number"},
    {says_which, "which|what|the following|identify|select|choose"},
    {says_why, "why|how|explain|describe|compare|discuss|prove|because|reason|due|cause|causes|show that"},
    {says_who, "who|whom|whose|when|where"},
    {says_order, "first|second|next|then|finally|lastly|step|third|after|now|start|begin|initially"},
    {says_hedge,
     "perhaps|maybe|might|possibly|probably|seems|unclear|not sure|i think|i believe|approximately|approx|roughly|"
     "about|closest|assume|assuming|assumption|however|not possible|not provided|not given|not enough|not listed|"
     "not include|cannot be|not specify|ambiguous|it depends|unknown|sorry|apologize|mistake|actually|wait|correct "
     "answer"},
    {says_refusal,
     "i cannot|i can't|i'm sorry|unable to|i apologize|cannot provide|can't provide|not able|i don't|as an|"
     "language model|cannot answer|impossible to"},
    {says_maths,
     "function|functions|integral|derivative|matrix|vector|group|ring|field|polynomial|equation|equations|probability|"
     "theorem|prime|integer|integers|graph|set|subset|radius|triangle|circle|angle|square|root|roots|real|complex|"
     "continuous|linear|modulo|divisible|remainder|variance|deviation|distribution|random|velocity|acceleration|force|"
     "energy|pressure|voltage|current|volume|density|temperature|equilibrium|concentration|logic|argument|formula"},
    {says_collective,
     "none of|all of|the above|both a|both b|neither a|i only|ii only|iii only|i and|ii and|statement 1|statement 2|"
     "these options|of these"},
    {says_number,
     "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|fifteen|twenty|thirty|forty|fifty|hundred|"
     "thousand|million|billion"},
    {says_conclusion, "therefore|thus|hence|so|consequently|in conclusion|this means|which means"},
    {says_alternation,
     "or|either|whether|best|most|more|primarily|mainly|likely|better|example|most likely|best described"},
    {says_answer, "answer"},
    {says_first_person, "i|me|my|mine|myself|we|us|our|ours"},
    {says_third_person, "he|him|his|she|her|hers|they|them|their|theirs"},
};

// Open addressing with linear probing.
class Table {
 public:
  Table() {
    for (const Group& group : groups)
      for (std::string_view rest = group.words; !rest.empty();) {
        const std::string_view word = rest.substr(0, rest.find('|'));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        const std::size_t space = word.find(' ');
        add(space == std::string_view::npos
                ? stable_hash64(word)
                : joined(stable_hash64(word.substr(0, space)), stable_hash64(word.substr(space + 1))),
            group.says);
      }
  }
  [[nodiscard]] std::uint32_t find(std::uint64_t hash) const noexcept {
    for (std::size_t slot = hash % size;; slot = (slot + 1) % size) {
      if (slots_[slot].says == 0) return 0;
      if (slots_[slot].hash == hash) return slots_[slot].says;
    }
  }

 private:
  static constexpr std::size_t size = 4096;  // a fifth is used
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t says = 0;
  };
  void add(std::uint64_t hash, std::uint32_t what) noexcept {
    std::size_t slot = hash % size;
    while (slots_[slot].says != 0 && slots_[slot].hash != hash) slot = (slot + 1) % size;
    slots_[slot].hash = hash;
    slots_[slot].says |= what;
  }
  std::array<Slot, size> slots_{};
};

}  // namespace

std::uint32_t says(std::uint64_t hash) noexcept {
  static const Table table;
  return table.find(hash);
}

}  // namespace triage::features
