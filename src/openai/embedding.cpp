// {"data": [{"embedding": [0.1, -0.2, ...], "index": 0}], ...}
#include "openai/embedding.hpp"

#include "json/json.hpp"

#include <charconv>
#include <cmath>

namespace triage {
namespace {

using Kind = JsonReader::Kind;

// False: an element is not a number that fits a float.
bool read_numbers(JsonReader& in, std::vector<float>& out) {
  bool good = in.kind() == Kind::array;
  each_element(in, [&] {
    std::string_view spelled;
    float value = 0;
    if (in.kind() != Kind::number) {
      good = false;
      return void(in.skip());
    }
    if (!in.number(spelled)) return;
    const auto [end, problem] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
    good = good && problem == std::errc() && end == spelled.data() + spelled.size() && std::isfinite(value);
    out.push_back(value);
  });
  return good;
}

}  // namespace

std::string embedding_body(std::string_view text) {
  std::string out = R"({"model":"-","input":)";
  append_json_string(out, text);
  return out + R"(,"encoding_format":"float"})";
}

std::vector<float> read_embedding(std::string_view json) {
  std::vector<float> out;
  bool good = true;
  bool found = false;
  JsonReader in(json);
  const auto item = [&](const JsonString& name) {
    if (found || !name.is("embedding")) return void(in.skip());
    found = true;
    good = read_numbers(in, out);
  };
  each_member(in, [&](const JsonString& name) {
    if (name.is("data"))
      each_element(in, [&] { each_member(in, item); });
    else
      in.skip();
  });
  if (!good || !in.finish()) out.clear();
  return out;
}

}  // namespace triage
