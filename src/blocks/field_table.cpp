// The table of what is lost between dialects. docs/dialects.md is checked against it.
#include "triage/translation.hpp"

namespace triage {
namespace {

using Field = RequestField;
constexpr Loss exact = Loss::exact;
constexpr Loss drop = Loss::drop;
constexpr Loss refuse = Loss::refuse;

constexpr std::string_view same = "";

// In the order of RequestField: name, where, {openai, anthropic}, how it is said, what helps.
constexpr std::array<FieldRow, request_field_count> table{{
    {Field::n, "n", "`n` above 1", {exact, refuse}, same, "ask once for each answer"},
    {Field::logprobs, "logprobs", "`logprobs`, `top_logprobs`", {exact, refuse}, same, "leave it out"},
    {Field::logit_bias, "logit_bias", "`logit_bias`", {exact, refuse}, same, "leave it out"},
    {Field::audio_output, "modalities", "`modalities` with audio, `audio`", {exact, refuse}, same, "ask for text"},
    {Field::audio_input, "input_audio", "parts of type `input_audio`", {exact, refuse}, same, "send a transcript"},
    {Field::web_search,
     "web_search_options",
     "`web_search_options`",
     {exact, refuse},
     same,
     "declare a tool of your own"},
    {Field::custom_tools,
     "tools",
     "tools of type `custom`",
     {exact, refuse},
     same,
     "declare it as a function with one text argument"},
    {Field::server_tools,
     "tools",
     "tools that the provider runs itself",
     {refuse, refuse},
     same,
     "declare a tool of your own, or ask a deployment that speaks the client's dialect"},
    {Field::file_id, "file_id", "files kept by a provider", {refuse, refuse}, same, "send the file itself, as base64"},
    {Field::server_state,
     "container",
     "`container`, `mcp_servers`",
     {refuse, exact},
     same,
     "ask a deployment that speaks the client's dialect"},
    {Field::temperature_above_1,
     "temperature",
     "`temperature` above 1",
     {exact, refuse},
     same,
     "send a temperature from 0 to 1"},
    {Field::json_object,
     "response_format",
     "`response_format` of type `json_object`",
     {exact, refuse},
     same,
     "use the type json_schema"},
    {Field::json_schema,
     "response_format",
     "`response_format` of type `json_schema`",
     {exact, exact},
     "`output_config.format`",
     ""},
    {Field::many_stops, "stop", "more than 4 stop sequences", {refuse, exact}, "`stop_sequences`", "send at most 4"},
    {Field::blank_stop, "stop", "stop sequences of white space alone", {exact, refuse}, same, "leave them out"},
    {Field::document_url,
     "document",
     "documents at an address",
     {refuse, exact},
     same,
     "send the file itself, as base64"},
    {Field::other_documents,
     "file",
     "files that are neither PDF nor plain text",
     {exact, refuse},
     same,
     "send a PDF or text"},
    {Field::prefill,
     "messages",
     "a last turn of the assistant",
     {exact, exact},
     "is continued, where the model can",
     ""},
    {Field::image_url, "image_url", "images at an address", {exact, exact}, "`source` of type `url`", ""},
    {Field::documents, "file", "files as base64", {exact, exact}, "`document`, for PDF and plain text", ""},
    {Field::reasoning,
     "reasoning_effort",
     "`reasoning_effort`, `thinking`",
     {exact, exact},
     "`thinking`, as `deployments.<name>.thinking` says",
     ""},
    {Field::thoughts,
     "thinking_blocks",
     "thoughts in the history",
     {drop, exact},
     "`thinking`, if they are signed",
     ""},
    {Field::tool_failed, "is_error", "the mark of a tool that failed", {drop, exact}, same, ""},
    {Field::cache_control, "cache_control", "`cache_control`", {drop, exact}, same, ""},
    {Field::citations, "citations", "citations of documents", {drop, exact}, same, ""},
    {Field::strict, "strict", "`strict` of tools", {exact, exact}, same, ""},
    {Field::parallel_tool_calls,
     "parallel_tool_calls",
     "`parallel_tool_calls`",
     {exact, exact},
     "`disable_parallel_tool_use`",
     ""},
    {Field::top_k, "top_k", "`top_k`", {drop, exact}, same, ""},
    {Field::user, "user", "`user`, `safety_identifier`", {exact, exact}, "`metadata.user_id`", ""},
    {Field::seed, "seed", "`seed`", {exact, drop}, same, ""},
    {Field::presence_penalty, "presence_penalty", "`presence_penalty`", {exact, drop}, same, ""},
    {Field::frequency_penalty, "frequency_penalty", "`frequency_penalty`", {exact, drop}, same, ""},
    {Field::service_tier, "service_tier", "`service_tier` other than auto and default", {drop, drop}, same, ""},
    {Field::store, "store", "`store`", {exact, drop}, same, ""},
    {Field::metadata, "metadata", "`metadata`", {exact, drop}, "routes still see it", ""},
    {Field::verbosity, "verbosity", "`verbosity`", {exact, drop}, same, ""},
    {Field::prediction, "prediction", "`prediction`", {exact, drop}, same, ""},
    {Field::prompt_cache_key,
     "prompt_cache_key",
     "`prompt_cache_key`, `prompt_cache_retention`",
     {exact, drop},
     same,
     ""},
    {Field::participant_name, "name", "`name` of a message", {exact, drop}, same, ""},
    {Field::context_management, "context_management", "`context_management`", {drop, exact}, same, ""},
    {Field::other_api,
     "model",
     "completions and embeddings",
     {exact, refuse},
     same,
     "ask a deployment that speaks the client's dialect"},
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
