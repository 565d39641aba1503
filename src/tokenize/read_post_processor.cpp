#include "tokenize/read.hpp"

#include <utility>

namespace triage::tokenize {

namespace {

/// ["[CLS]", 101]
TemplatePart read_token(const JsonNode& node) {
  TemplatePart part;
  std::size_t at = 0;
  node.each_element([&](const JsonNode& value) {
    if (at == 0) static_cast<void>(value.text());
    if (at == 1) part.special = {value.number()};
    ++at;
  });
  if (at != 2) node.fault("expected a token and its id");
  return part;
}

void read_bert(const JsonNode& node, PostProcessor& out, bool keep_type_ids) {
  TemplatePart text;
  text.is_text = true;
  out.add({read_token(node["cls"]), text, read_token(node["sep"])}, keep_type_ids);
}

// {"id": "[CLS]", "ids": [101], "tokens": ["[CLS]"]}
Ids read_special(const JsonNode& node, const std::string& name) {
  Ids ids;
  const JsonNode token = node["special_tokens"][name];
  if (!token.given()) {
    node["special_tokens"].fault("\"" + name + "\" is missing, which the template has");
    return ids;
  }
  token["ids"].each_element([&](const JsonNode& id) { ids.push_back(id.number()); });
  return ids;
}

void read_template(const JsonNode& node, PostProcessor& out) {
  node.allow({"type", "single", "pair", "special_tokens"});
  std::vector<TemplatePart> parts;
  node["single"].each_element([&](const JsonNode& piece) {
    piece.allow({"Sequence", "SpecialToken"});
    TemplatePart part;
    part.is_text = piece["Sequence"].given();
    const JsonNode of = part.is_text ? piece["Sequence"] : piece["SpecialToken"];
    of.allow({"id", "type_id"});
    part.type_id = of["type_id"].number();
    const std::string id = of["id"].text();
    if (!part.is_text) part.special = read_special(node, id);
    if (part.is_text && id != "A") of["id"].fault("expected \"A\": a template for one text has no other");
    parts.push_back(std::move(part));
  });
  out.add(std::move(parts), false);
}

}  // namespace

void read_post_processor(const JsonNode& node, PostProcessor& out, int depth) {
  const std::string type = read_type(node);
  if (type == "TemplateProcessing") return read_template(node, out);
  if (type == "BertProcessing") {
    node.allow({"type", "sep", "cls"});
    return read_bert(node, out, true);
  }
  if (type == "RobertaProcessing") {
    node.allow({"type", "sep", "cls", "trim_offsets", "add_prefix_space"});
    return read_bert(node, out, false);
  }
  if (type == "ByteLevel") return node.allow({"type", "add_prefix_space", "trim_offsets", "use_regex"});
  if (type == "Sequence") {
    node.allow({"type", "processors"});
    if (depth >= nesting_max) node.fault("sequences are nested too deeply");
    return node["processors"].each_element([&](const JsonNode& part) { read_post_processor(part, out, depth + 1); });
  }
  refuse_type(node, type, "BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing");
}

}  // namespace triage::tokenize
