#include "providers/translated_call.hpp"

#include "json/json.hpp"

namespace triage {
namespace {

Error untranslatable(RequestFields refused, const Provider& provider) {
  Error out{ErrorCode::untranslatable, "provider '" + provider.name + "' cannot be told all of this request"};
  for (const std::string& name : names_of_fields(refused)) out.param = out.param.empty() ? name : out.param;
  return out;
}

}  // namespace

Result<const BlockRequest*> blocks_for(const ApiRequest& request, WireForm form, const Provider& provider) {
  if (request.api != Api::chat || request.blocks == nullptr)
    return untranslatable(bit(RequestField::other_api), provider);
  if (!*request.blocks) return request.blocks->error();
  const BlockRequest& blocks = **request.blocks;
  if (const RequestFields refused = refused_fields(blocks.fields, form); refused != 0)
    return untranslatable(refused, provider);
  return &blocks;
}

void add_original(EncodedCall& call, const ApiRequest& request, std::string_view model) {
  const OriginalRequest& original = *request.original;
  std::vector<std::string_view>& body = call.call.body;
  if (request.model == model || original.model_value.empty()) {
    body.push_back(original.body);
    return;
  }
  std::string quoted;
  append_json_string(quoted, model);
  body.push_back(original.body.substr(0, original.model_value.begin));
  body.push_back(call.own(std::move(quoted)));
  body.push_back(original.body.substr(original.model_value.end));
}

std::optional<Error> no_json(std::string_view content_type, std::string_view body) {
  constexpr std::string_view html = "text/html";
  if (content_type.size() >= html.size() && iequals(content_type.substr(0, html.size()), html))
    return Error{ErrorCode::upstream_bad_response, "the provider answered with a web page"};
  if (body.empty()) return Error{ErrorCode::upstream_bad_response, "the provider's answer is empty"};
  return std::nullopt;
}

}  // namespace triage
