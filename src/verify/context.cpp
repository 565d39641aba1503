#include "verify/context.hpp"

#include "json/json.hpp"

namespace triage::verify {
namespace {

using Kind = JsonReader::Kind;

// The bytes of the value that comes next.
std::string_view span_of(JsonReader& in, std::string_view body) {
  const std::size_t begin = in.value_offset();
  in.skip_unchecked();
  return body.substr(begin, in.offset() - begin);
}

class Texts {
 public:
  Texts(JsonReader& in, const std::function<bool(std::string_view)>& text) : in_(in), text_(text) {}

  void content() {
    if (in_.kind() == Kind::string) return string();
    each_element(in_, [this] {
      if (in_.kind() == Kind::string) return string();
      each_member(in_, [this](const JsonString& name) {
        if (in_.kind() == Kind::string && name.is("text"))
          string();
        else
          in_.skip_unchecked();
      });
    });
  }

 private:
  void string() {
    JsonString value;
    if (!in_.string(value) || !going_) return;
    if (!value.escaped) {
      going_ = text_(value.raw);
      return;
    }
    unescaped_.clear();
    value.append_to(unescaped_);
    going_ = text_(unescaped_);
  }

  JsonReader& in_;
  const std::function<bool(std::string_view)>& text_;
  bool going_ = true;
  std::string unescaped_;
};

void read_function(JsonReader& in, std::string_view body, DeclaredTool& out) {
  each_member(in, [&](const JsonString& name) {
    JsonString value;
    if (name.is("name") && in.kind() == Kind::string && in.string(value))
      out.name = value.text();
    else if (name.is("parameters"))
      out.parameters = span_of(in, body);
    else
      in.skip_unchecked();
  });
}

}  // namespace

void each_text(const ApiRequest& request, const std::function<bool(std::string_view text)>& text) {
  JsonReader in(request.body);
  Texts texts(in, text);
  const bool chat = request.api == Api::chat;
  each_member(in, [&](const JsonString& name) {
    if (chat && name.is("messages"))
      each_element(in, [&] {
        each_member(in, [&](const JsonString& part) {
          if (part.is("content"))
            texts.content();
          else
            in.skip_unchecked();
        });
      });
    else if (!chat && name.is("prompt"))
      texts.content();
    else
      in.skip_unchecked();
  });
}

std::string_view schema_wanted(const ApiRequest& request) {
  std::string_view out;
  JsonReader in(request.body);
  const auto schema = [&](const JsonString& name) {
    if (name.is("schema") && in.kind() == Kind::object)
      out = span_of(in, request.body);
    else
      in.skip_unchecked();
  };
  const auto format = [&](const JsonString& name) {
    if (name.is("json_schema"))
      each_member(in, schema);
    else
      in.skip_unchecked();
  };
  each_member(in, [&](const JsonString& name) {
    if (name.is("response_format"))
      each_member(in, format);
    else
      in.skip_unchecked();
  });
  return out;
}

ToolChoice tool_choice(const ApiRequest& request) {
  ToolChoice out;
  JsonReader in(request.body);
  const auto text = [&in](std::string& into) {
    JsonString value;
    if (in.kind() != Kind::string)
      in.skip_unchecked();
    else if (in.string(value))
      into = value.text();
  };
  const auto read = [&] {
    std::string word;
    if (in.kind() == Kind::string) {
      text(word);
    } else {
      each_member(in, [&](const JsonString& name) {
        const bool tools = name.is("allowed_tools");
        if (name.is("name"))  // of function_call
          text(out.name);
        else if (name.is("function") || name.is("custom") || tools)
          each_member(in, [&](const JsonString& member) {
            if (member.is("name") && !tools)
              text(out.name);
            else if (member.is("mode"))
              text(word);
            else
              in.skip_unchecked();
          });
        else
          in.skip_unchecked();
      });
    }
    out.none = word == "none";
    out.required = word == "required" || word == "any" || !out.name.empty();
  };
  each_member(in, [&](const JsonString& name) {
    if (name.is("tool_choice") || name.is("function_call"))
      read();
    else
      in.skip_unchecked();
  });
  return out;
}

void each_tool(const ApiRequest& request, const std::function<bool(const DeclaredTool& tool)>& tool) {
  JsonReader in(request.body);
  bool going = true;
  const auto read_tool = [&] {
    DeclaredTool out;
    each_member(in, [&](const JsonString& name) {
      const bool text = name.is("custom");
      if (name.is("function") || text) {
        read_function(in, request.body, out);
        out.json = !text;
      } else {
        in.skip_unchecked();
      }
    });
    if (!out.name.empty() && going) going = tool(out);
  };
  const auto read_plain = [&] {
    DeclaredTool out;
    read_function(in, request.body, out);
    if (!out.name.empty() && going) going = tool(out);
  };
  each_member(in, [&](const JsonString& name) {
    if (name.is("tools"))
      each_element(in, read_tool);
    else if (name.is("functions"))
      each_element(in, read_plain);
    else
      in.skip_unchecked();
  });
}

}  // namespace triage::verify
