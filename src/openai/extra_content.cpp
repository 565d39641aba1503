#include "openai/extra_content.hpp"

namespace triage::openai {

JsonString read_thought_signature(JsonReader& in) {
  JsonString out;
  each_member(in, [&](const JsonString& name) {
    if (!name.is("google")) return void(in.skip());
    each_member(in, [&](const JsonString& inner) {
      if (!inner.is("thought_signature") || in.kind() != JsonReader::Kind::string || !in.string(out)) in.skip();
    });
  });
  return out;
}

}  // namespace triage::openai
