// The table of what is lost between dialects. docs/translation.md is checked against it.
#include "triage/translation.hpp"

namespace triage {
namespace {

using Field = RequestField;
constexpr Loss exact = Loss::exact;
constexpr Loss drop = Loss::drop;
constexpr Loss refuse = Loss::refuse;

constexpr std::string_view same = "";

// In the order of RequestField: name, where, {openai, anthropic, responses, gemini, bedrock}, how it is said, what
// helps.
constexpr std::array<FieldRow, request_field_count> table{{
    {Field::n, "n", "`n` above 1", {exact, refuse, refuse, refuse, refuse}, same, "ask once for each answer"},
    {Field::logprobs,
     "logprobs",
     "`logprobs`, `top_logprobs`, `responseLogprobs`",
     {exact, refuse, exact, exact, refuse},
     "`responseLogprobs`",
     "leave it out"},
    {Field::logit_bias, "logit_bias", "`logit_bias`", {exact, refuse, refuse, refuse, refuse}, same, "leave it out"},
    {Field::audio_output,
     "modalities",
     "`modalities` with audio, `audio`",
     {exact, refuse, refuse, refuse, refuse},
     same,
     "ask for text"},
    {Field::audio_input,
     "input_audio",
     "parts of type `input_audio`",
     {exact, refuse, refuse, exact, exact},
     same,
     "send a transcript"},
    {Field::web_search,
     "web_search_options",
     "`web_search_options`",
     {exact, refuse, refuse, refuse, refuse},
     same,
     "declare a tool of your own"},
    {Field::custom_tools,
     "tools",
     "tools of type `custom`",
     {exact, refuse, exact, refuse, refuse},
     same,
     "declare it as a function with one text argument"},
    {Field::server_tools,
     "tools",
     "tools that the provider runs itself",
     {refuse, refuse, refuse, refuse, refuse},
     same,
     "declare a tool of your own, or ask a deployment that speaks the client's dialect"},
    {Field::file_id,
     "file_id",
     "files kept by a provider",
     {refuse, refuse, refuse, refuse, refuse},
     same,
     "send the file itself, as base64"},
    {Field::server_state,
     "container",
     "`container`, `mcp_servers`",
     {refuse, exact, refuse, refuse, refuse},
     same,
     "ask a deployment that speaks the client's dialect"},
    {Field::temperature_above_1,
     "temperature",
     "`temperature` above 1",
     {exact, refuse, exact, exact, refuse},
     same,
     "send a temperature from 0 to 1"},
    {Field::json_object,
     "response_format",
     "`response_format` of type `json_object`",
     {exact, refuse, exact, exact, refuse},
     same,
     "use the type json_schema"},
    {Field::json_schema,
     "response_format",
     "`response_format` of type `json_schema`",
     {exact, exact, exact, exact, exact},
     "`output_config.format`",
     ""},
    {Field::stops,
     "stop",
     "stop sequences",
     {exact, exact, refuse, exact, exact},
     "`stop_sequences`",
     "leave them out"},
    {Field::many_stops,
     "stop",
     "more than 4 stop sequences",
     {refuse, exact, refuse, exact, exact},
     "`stop_sequences`",
     "send at most 4"},
    {Field::blank_stop,
     "stop",
     "stop sequences of white space alone",
     {exact, refuse, refuse, exact, exact},
     same,
     "leave them out"},
    {Field::document_url,
     "document",
     "documents at an address",
     {refuse, exact, exact, refuse, refuse},
     same,
     "send the file itself, as base64"},
    {Field::other_documents,
     "file",
     "files that are neither PDF nor plain text",
     {exact, refuse, exact, exact, exact},
     same,
     "send a PDF or text"},
    {Field::prefill,
     "messages",
     "a last turn of the assistant",
     {exact, exact, exact, exact, exact},
     "is continued, where the model can",
     ""},
    {Field::image_url,
     "image_url",
     "images at an address",
     {exact, exact, exact, refuse, refuse},
     "`source` of type `url`",
     "send the image itself, as base64"},
    {Field::documents,
     "file",
     "files as base64",
     {exact, exact, exact, exact, exact},
     "`document`, for PDF and plain text",
     ""},
    {Field::reasoning,
     "reasoning_effort",
     "`reasoning_effort`, `thinking`",
     {exact, exact, exact, exact, exact},
     "`thinking`, as `deployments.<name>.thinking` says",
     ""},
    {Field::thoughts,
     "thinking_blocks",
     "thoughts in the history",
     {drop, exact, exact, exact, exact},
     "`thinking`, if they are signed",
     ""},
    {Field::tool_failed, "is_error", "the mark of a tool that failed", {drop, exact, drop, exact, exact}, same, ""},
    {Field::cache_control, "cache_control", "`cache_control`", {drop, exact, drop, drop, exact}, same, ""},
    {Field::citations, "citations", "citations of documents", {drop, exact, drop, drop, drop}, same, ""},
    {Field::strict, "strict", "`strict` of tools", {exact, exact, exact, drop, exact}, same, ""},
    {Field::parallel_tool_calls,
     "parallel_tool_calls",
     "`parallel_tool_calls`",
     {exact, exact, exact, drop, drop},
     "`disable_parallel_tool_use`",
     ""},
    {Field::top_k, "top_k", "`top_k`", {drop, exact, drop, exact, exact}, same, ""},
    {Field::user, "user", "`user`, `safety_identifier`", {exact, exact, exact, drop, exact}, "`metadata.user_id`", ""},
    {Field::seed, "seed", "`seed`", {exact, drop, drop, exact, drop}, same, ""},
    {Field::presence_penalty, "presence_penalty", "`presence_penalty`", {exact, drop, drop, exact, drop}, same, ""},
    {Field::frequency_penalty, "frequency_penalty", "`frequency_penalty`", {exact, drop, drop, exact, drop}, same, ""},
    {Field::service_tier,
     "service_tier",
     "`service_tier` other than auto and default",
     {drop, drop, drop, drop, drop},
     same,
     ""},
    {Field::store, "store", "`store`", {exact, drop, drop, drop, drop}, same, ""},
    {Field::metadata, "metadata", "`metadata`", {exact, drop, drop, drop, drop}, "routes still see it", ""},
    {Field::verbosity, "verbosity", "`verbosity`", {exact, drop, exact, drop, drop}, same, ""},
    {Field::prediction, "prediction", "`prediction`", {exact, drop, drop, drop, drop}, same, ""},
    {Field::prompt_cache_key,
     "prompt_cache_key",
     "`prompt_cache_key`, `prompt_cache_retention`",
     {exact, drop, exact, drop, drop},
     same,
     ""},
    {Field::participant_name, "name", "`name` of a message", {exact, drop, drop, drop, drop}, same, ""},
    {Field::context_management,
     "context_management",
     "`context_management`",
     {drop, exact, drop, drop, drop},
     same,
     ""},
    {Field::other_api,
     "model",
     "completions and embeddings",
     {exact, refuse, refuse, refuse, refuse},
     same,
     "ask a deployment that speaks the client's dialect"},
    {Field::forced_choice,
     "tool_choice",
     "a forced tool call",
     {exact, exact, exact, exact, exact},
     same,
     "leave the choice to the model"},
    {Field::system_later,
     "messages",
     "a system message in mid-conversation",
     {exact, exact, exact, exact, exact},
     "in place, in marks",
     ""},
    {Field::stops_above_5,
     "stop",
     "more than 5 stop sequences",
     {refuse, exact, refuse, refuse, exact},
     same,
     "send at most 4"},
    {Field::schema_strict, "strict", "`strict` of a schema", {exact, exact, exact, drop, drop}, same, ""},
    {Field::candidate_count,
     "candidateCount",
     "`candidateCount` above 1",
     {refuse, refuse, refuse, exact, refuse},
     same,
     "ask once for each answer"},
    {Field::open_calls,
     "functionResponse",
     "calls that no result follows",
     {refuse, refuse, refuse, exact, refuse},
     same,
     "send the result of each call"},
    {Field::safety_settings, "safetySettings", "`safetySettings`", {drop, drop, drop, exact, drop}, same, ""},
    {Field::cached_content,
     "cachedContent",
     "`cachedContent`",
     {refuse, refuse, refuse, exact, refuse},
     same,
     "send the content itself"},
    {Field::response_store,
     "previous_response_id",
     "`previous_response_id`, `conversation`, `background`, `prompt`",
     {refuse, refuse, exact, refuse, refuse},
     same,
     "send the whole conversation, or ask a deployment that speaks the client's dialect"},
    {Field::response_mime_type,
     "responseMimeType",
     "`responseMimeType` other than text and JSON",
     {refuse, refuse, refuse, exact, refuse},
     same,
     "ask for text or JSON"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].field != static_cast<Field>(i)) return false;
  return true;
}
static_assert(in_order());

constexpr std::array<RequestFields, words<WireForm>.size()> fields_with(Loss loss) {
  std::array<RequestFields, words<WireForm>.size()> out{};
  for (const FieldRow& row : table)
    for (std::size_t form = 0; form < out.size(); ++form)
      if (row.loss[form] == loss) out[form] |= bit(row.field);
  return out;
}
constexpr auto refused = fields_with(refuse);
constexpr auto dropped = fields_with(drop);

}  // namespace

const FieldRow& row_of(RequestField field) noexcept {
  return table[static_cast<std::size_t>(field)];
}

RequestFields refused_fields(RequestFields fields, WireForm form) noexcept {
  return fields & refused[static_cast<std::size_t>(form)];
}

RequestFields dropped_fields(RequestFields fields, WireForm form) noexcept {
  return fields & dropped[static_cast<std::size_t>(form)];
}

std::vector<std::string> names_of_fields(RequestFields fields) {
  std::vector<std::string> out;
  for (const FieldRow& row : table)
    if ((fields & bit(row.field)) != 0) out.emplace_back(row.name);
  return out;
}

std::string field_table_text() {
  std::string out = "| part of a request |";
  for (const std::string_view form : words<WireForm>) out.append(" `").append(form).append("` |");
  out += " how, or what to do instead |\n| --- |";
  for (std::size_t i = 0; i < words<WireForm>.size(); ++i) out += " --- |";
  out += " --- |\n";
  for (const FieldRow& row : table) {
    out.append("| ").append(row.where).append(" |");
    for (const Loss loss : row.loss) out.append(" ").append(word(loss)).append(" |");
    out.append(" ").append(row.help.empty() ? row.note : row.help).append(" |\n");
  }
  return out;
}

}  // namespace triage
