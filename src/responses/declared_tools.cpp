// {"type":"function","name":"f","description":"...","parameters":{...},"strict":true}
// {"type":"custom","name":"t","description":"...","format":{"type":"grammar","syntax":"lark","definition":"..."}}
// {"type":"namespace","name":"n","tools":[...]}
#include "responses/input_items.hpp"

namespace triage::responses {
namespace {

using Kind = JsonReader::Kind;
using Field = RequestField;

void read_tool(RequestSource& source, const JsonString& space);

// {"type":"namespace","name":...,"description":...,"tools":[...]}: its functions are called by both names.
void read_space(RequestSource& source, const BlockTool& space, std::string_view tools) {
  if (!space.description.raw.empty()) source.note_unknown("tools.description");
  if (tools.empty()) return;
  JsonReader in(tools);
  RequestSource inner{tools, in, source.out};
  each_element(in, [&] { read_tool(inner, space.name); });
  if (inner.error && !source.error) source.error = inner.error;
}

// {"type":"text"} | {"type":"grammar","syntax":"lark","definition":"..."}
void read_text_format(RequestSource& source, BlockTool& tool) {
  each_member(source.in, [&](const JsonString& name) {
    if (name.is("syntax"))
      tool.syntax = source.string();
    else if (name.is("definition"))
      tool.grammar = source.string();
    else
      source.in.skip();
  });
}

// `space`: the namespace that the tool is in; empty: none.
void read_tool(RequestSource& source, const JsonString& space) {
  JsonReader& in = source.in;
  BlockTool tool;
  std::string type;
  std::string_view tools;
  each_member(in, [&](const JsonString& name) {
    if (name.is("type"))
      type = source.string().text();
    else if (name.is("name"))
      tool.name = source.string();
    else if (name.is("description"))
      tool.description = source.string();
    else if (name.is("parameters") && in.kind() == Kind::object)
      tool.schema = source.value();
    else if (name.is("strict") && in.kind() == Kind::boolean)
      in.boolean(tool.strict.emplace());
    else if (name.is("format"))
      read_text_format(source, tool);
    else if (name.is("tools") && in.kind() == Kind::array)
      tools = source.value();
    else
      in.skip();
  });
  if (type == "namespace" && space.raw.empty()) return read_space(source, tool, tools);
  tool.custom = type == "custom";
  if (tool.custom) source.out.note(Field::custom_tools);
  if (!tool.custom && type != "function") return source.out.note(Field::server_tools);
  tool.name = name_in_space(source, space, tool.name);
  if (tool.strict.value_or(false)) source.out.note(Field::strict);
  source.out.tools.push_back(tool);
}

}  // namespace

void read_tools(RequestSource& source) {
  each_element(source.in, [&] { read_tool(source, {}); });
}

}  // namespace triage::responses
