// tools        [{type: "function", function: {name, parameters}}, {type: "custom", custom: {name}}]
// functions    [{name, parameters}]                          the older form
// tool_choice  "none" | "auto" | "required" | {function: {name}} | {allowed_tools: {mode, tools: [...]}}; or
// function_call
#include "json/json.hpp"
#include "triage/chat_view.hpp"

namespace triage {
namespace {

using Kind = JsonReader::Kind;

std::string text_of(JsonReader& in) {
  JsonString value;
  if (in.kind() == Kind::string && in.string(value)) return value.text();
  in.skip_unchecked();
  return {};
}

// `json` is everything that `in` reads.
void read_function(JsonReader& in, std::string_view json, DeclaredTool& out) {
  each_member(in, [&](const JsonString& name) {
    if (name.is("name")) {
      out.name = text_of(in);
      return;
    }
    const std::size_t begin = in.value_offset();
    in.skip_unchecked();
    if (name.is("parameters")) out.parameters = json.substr(begin, in.offset() - begin);
  });
}

// Reads one item of `tools`.
DeclaredTool read_tool(JsonReader& in, std::string_view json) {
  DeclaredTool out;
  each_member(in, [&](const JsonString& name) {
    const bool text = name.is("custom");
    if (!text && !name.is("function")) return void(in.skip_unchecked());
    read_function(in, json, out);
    out.json = !text;
  });
  return out;
}

DeclaredTool read_plain(JsonReader& in, std::string_view json) {
  DeclaredTool out;
  read_function(in, json, out);
  return out;
}

// The names in the list of allowed_tools: of {function: {name}}, {custom: {name}} or {name}.
std::vector<std::string> read_allowed(JsonReader& in) {
  std::vector<std::string> out;
  each_element(in, [&] {
    each_member(in, [&](const JsonString& name) {
      if (name.is("name")) return void(out.push_back(text_of(in)));
      if (!name.is("function") && !name.is("custom")) return void(in.skip_unchecked());
      each_member(in, [&](const JsonString& inner) {
        if (inner.is("name"))
          out.push_back(text_of(in));
        else
          in.skip_unchecked();
      });
    });
  });
  return out;
}

}  // namespace

void ChatView::each_tool(const std::function<bool(const DeclaredTool& tool)>& tool) const {
  if (request_ == nullptr) return;
  bool going = true;
  const auto each = [&](Span list, DeclaredTool (*read)(JsonReader&, std::string_view)) {
    if (list.empty()) return;
    const std::string_view json = request_->at(list);
    JsonReader in(json);
    each_element(in, [&] {
      const DeclaredTool found = read(in, json);
      if (!found.name.empty() && going) going = tool(found);
    });
  };
  each(request_->tools, read_tool);
  each(request_->functions, read_plain);
}

ToolChoice ChatView::tool_choice() const {
  ToolChoice out;
  if (request_ == nullptr || request_->tool_choice.empty()) return out;
  JsonReader in(request_->at(request_->tool_choice));
  std::string word;
  const auto read_inner = [&](bool list) {
    each_member(in, [&](const JsonString& name) {
      if (name.is("name") && !list)
        out.name = text_of(in);
      else if (name.is("mode"))
        word = text_of(in);
      else if (name.is("tools") && list)
        out.allowed = read_allowed(in);
      else
        in.skip_unchecked();
    });
  };
  if (in.kind() == Kind::string) {
    word = text_of(in);
  } else {
    each_member(in, [&](const JsonString& name) {
      if (name.is("name"))  // of function_call
        out.name = text_of(in);
      else if (name.is("function") || name.is("custom") || name.is("allowed_tools"))
        read_inner(name.is("allowed_tools"));
      else
        in.skip_unchecked();
    });
  }
  out.none = word == "none";
  out.required = word == "required" || word == "any" || !out.name.empty();
  return out;
}

}  // namespace triage
