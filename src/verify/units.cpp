#include "verify/units.hpp"

#include "verify/answer_chars.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace triage::verify {
namespace {

struct Known {
  std::string_view names;  // symbols first, case-sensitive; words in any case
  std::string_view kind;
  double factor;
};

constexpr Known table[] = {
    {"km kilometer kilometers kilometre kilometres", "length", 1e3},
    {"m meter meters metre metres", "length", 1},
    {"cm centimeter centimeters centimetre centimetres", "length", 1e-2},
    {"mm millimeter millimeters millimetre millimetres", "length", 1e-3},
    {"mi mile miles", "length", 1609.344},
    {"yd yds yard yards", "length", 0.9144},
    {"ft foot feet", "length", 0.3048},
    {"in inch inches", "length", 0.0254},
    {"kg kilo kilos kilogram kilograms", "mass", 1e3},
    {"g gram grams", "mass", 1},
    {"mg milligram milligrams", "mass", 1e-3},
    {"tonne tonnes", "mass", 1e6},
    {"lb lbs pound pounds", "mass", 453.59237},
    {"oz ounce ounces", "mass", 28.349523125},
    {"ms millisecond milliseconds", "time", 1e-3},
    {"s sec secs second seconds", "time", 1},
    {"min mins minute minutes", "time", 60},
    {"h hr hrs hour hours", "time", 3600},
    {"d day days", "time", 86400},
    {"week weeks", "time", 604800},
    {"month months", "months", 1},
    {"yr yrs year years", "months", 12},
    {"$ US$ USD dollar dollars", "dollars", 1},
    {"cent cents", "dollars", 0.01},
    {"\u20ac EUR euro euros", "euros", 1},
    {"\u00a3 GBP", "sterling", 1},
    {"\u00a5 JPY CNY yen yuan", "yen or yuan", 1},
    {"\u20b9 INR rupee rupees", "rupees", 1},
    {"% percent percents", "percent", 0.01},
    {"l L liter liters litre litres", "volume", 1},
    {"ml mL milliliter milliliters millilitre millilitres", "volume", 1e-3},
    {"gal gallon gallons", "gallons", 1},
    {"degree degrees deg", "angle", 1},
    {"rad radian radians", "radians", 1},
    {"K kelvin kelvins", "kelvin", 1},
    {"Hz hertz", "frequency", 1},
    {"kHz kilohertz", "frequency", 1e3},
    {"MHz megahertz", "frequency", 1e6},
    {"GHz gigahertz", "frequency", 1e9},
    {"J joule joules", "energy", 1},
    {"kJ kilojoule kilojoules", "energy", 1e3},
    {"W watt watts", "power", 1},
    {"kW kilowatt kilowatts", "power", 1e3},
    {"MW megawatt megawatts", "power", 1e6},
    {"N newton newtons", "force", 1},
    {"V volt volts", "voltage", 1},
    {"B byte bytes", "bytes", 1},
    {"KB kB kilobyte kilobytes", "bytes", 1e3},
    {"MB megabyte megabytes", "bytes", 1e6},
    {"GB gigabyte gigabytes", "bytes", 1e9},
    {"TB terabyte terabytes", "bytes", 1e12},
};

constexpr std::string_view small_words = " a an the of in on for at to her his their its total altogether each all ";

bool holds(std::string_view names, std::string_view name) {
  const std::size_t at = (" " + std::string(names) + " ").find(" " + std::string(name) + " ");
  return at != std::string::npos;
}

const Known* find(std::string_view name) {
  const bool symbol = name.size() < 3;
  const std::string small = to_lower(name);
  for (const Known& each : table)
    if (holds(each.names, name) || (!symbol && holds(each.names, small))) return &each;
  return nullptr;
}

struct Measure {
  std::string kind;
  double factor = 1;
};

std::optional<Measure> power_of(std::string_view name, int power) {
  const Known* known = find(name);
  if (known == nullptr) return std::nullopt;
  Measure out{std::string(known->kind), known->factor};
  for (int i = 1; i < power; ++i) out.factor *= known->factor;
  if (power > 1) out.kind += "^" + std::to_string(power);
  return out;
}

// Removes a unit from the front of `words`.
std::optional<Measure> take_unit(std::vector<std::string_view>& words) {
  if (words.empty()) return std::nullopt;
  const auto drop = [&](std::size_t count) {
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));
  };
  const std::string first = to_lower(words[0]);
  const std::string second = words.size() > 1 ? to_lower(words[1]) : "";
  if (first == "degrees" && (second == "c" || second == "celsius" || second == "f" || second == "fahrenheit")) {
    drop(2);
    return Measure{second[0] == 'c' ? "celsius" : "fahrenheit"};
  }
  if (first == "celsius" || first == "fahrenheit") {
    drop(1);
    return Measure{first};
  }
  if ((first == "per" && second == "cent") || (first == "us" && (second == "dollars" || second == "dollar"))) {
    drop(2);
    return first == "us" ? Measure{"dollars"} : Measure{"percent", 0.01};
  }
  if (first == "kmh" || first == "kph" || first == "mph") {
    drop(1);
    return Measure{"length/time", (first == "mph" ? 1609.344 : 1e3) / 3600};
  }
  int power = first == "square" || first == "sq" || first == "sq." ? 2 : first == "cubic" || first == "cu" ? 3 : 1;
  const std::size_t at = power > 1 ? 1 : 0;
  if (at >= words.size()) return std::nullopt;
  std::string_view name = words[at];
  if (name.ends_with("^2") || name.ends_with("^3")) {
    power = name.back() - '0';
    name.remove_suffix(2);
  }
  std::size_t taken = at + 1;
  if (power == 1 && second == "squared") power = 2, taken = 2;
  if (power == 1 && second == "cubed") power = 3, taken = 2;
  std::optional<Measure> out = power_of(name, power);
  if (out) drop(taken);
  return out;
}

std::string stem(std::string_view word) {
  std::string out = to_lower(word);
  if (word.size() < 4) return std::string(word);  // "MB" is not "Mb"
  if (out.ends_with("ies")) return out.replace(out.size() - 3, 3, "y");
  if (out.ends_with("s") && !out.ends_with("ss")) out.pop_back();
  return out;
}

}  // namespace

Unit unit_named(std::string_view spelled) {
  std::string text;
  for (const char c : spelled) {
    if (c == '/')
      text += " per ";
    else
      text += c == '-' ? ' ' : c;
  }
  std::vector<std::string_view> words = words_of(text);
  Unit out;
  if (std::optional<Measure> of = take_unit(words)) {
    out.kind = of->kind;
    out.factor = of->factor;
    // "$5" before and "dollars" after.
    std::vector<std::string_view> more = words;
    const std::optional<Measure> again = take_unit(more);
    if (again && again->kind == out.kind && again->factor == out.factor) words = more;
  }
  const bool over = !words.empty() && (to_lower(words[0]) == "per" || (to_lower(words[0]) == "a" && words.size() == 2));
  if (over && !out.kind.empty()) {
    std::vector<std::string_view> below(words.begin() + 1, words.end());
    if (const std::optional<Measure> of = take_unit(below)) {
      out.kind += "/" + of->kind;
      out.factor /= of->factor;
      words = below;
    }
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool measures = i + 1 < words.size() && to_lower(words[i + 1]) == "of";  // "boxes of eggs"
    if (small_words.find(" " + to_lower(words[i]) + " ") != std::string_view::npos) continue;
    out.words.append(out.words.empty() ? "" : " ").append(stem(words[i])).append(measures ? "+" : "");
  }
  return out;
}

bool words_agree(std::string_view a, std::string_view b) {
  const std::vector<std::string_view> one = words_of(a);
  const std::vector<std::string_view> other = words_of(b);
  const auto bare = [](std::string_view word) { return word.substr(0, word.size() - (word.ends_with('+') ? 1 : 0)); };
  const auto is_in = [&](std::string_view word, const auto& all) {
    return std::any_of(all.begin(), all.end(), [&](std::string_view each) { return bare(each) == bare(word); });
  };
  const auto within = [&](const auto& some, const auto& all) {
    return std::all_of(some.begin(), some.end(), [&](std::string_view word) { return is_in(word, all); });
  };
  // "5 boxes of eggs" are not "5 eggs".
  const auto measures_agree = [&](const auto& some, const auto& all) {
    return all.empty() || std::all_of(some.begin(), some.end(),
                                      [&](std::string_view word) { return !word.ends_with('+') || is_in(word, all); });
  };
  return (within(one, other) || within(other, one)) && measures_agree(one, other) && measures_agree(other, one);
}

}  // namespace triage::verify
