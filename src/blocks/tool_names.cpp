// OpenAI, Responses and Bedrock take 64 letters, digits, '_' and '-' (their references, "function.name",
// "ToolUseBlock"), Anthropic 128, Gemini 128 of them, '.' and ':' that begin with a letter or '_'. What is cut here is
// cut at 64.
#include "blocks/tool_names.hpp"

#include "base/ascii.hpp"
#include "base/sha256.hpp"
#include "json/json.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace triage {
namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t hash_bytes = 8;

bool is_taken(std::string_view name, WireForm form) noexcept {
  const bool gemini = form == WireForm::gemini;
  const std::size_t most = form == WireForm::anthropic ? 2 * name_bytes_max : name_bytes_max;
  if (name.empty() || name.size() > most) return false;
  if (gemini && !is_letter(name.front()) && name.front() != '_') return false;
  return std::ranges::all_of(name, [gemini](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || (gemini && (c == '.' || c == ':'));
  });
}

struct Renamed {
  std::string sent;
  JsonString own;
};

std::vector<Renamed> renamed_tools(const BlockRequest& request, WireForm form) {
  std::vector<Renamed> out;
  for (const BlockTool& tool : request.tools)
    if (std::string sent = sent_tool_name(tool.name.text(), form); !tool.name.is(sent))
      out.push_back({std::move(sent), tool.name});
  return out;
}

void give_own_name(BlockEvent& event, const std::vector<Renamed>& names) {
  if (event.kind != BlockEvent::Kind::block_begin || event.block != BlockKind::call) return;
  for (const Renamed& each : names)
    if (event.name.is(each.sent)) {
      event.name = each.own;
      return;
    }
}

class RenamingReader final : public BlockReader {
 public:
  RenamingReader(std::unique_ptr<BlockReader> reader, std::vector<Renamed> names)
      : reader_(std::move(reader)), names_(std::move(names)) {}

  void feed(std::string_view bytes) override { reader_->feed(bytes); }
  void end() override { reader_->end(); }
  [[nodiscard]] bool ended() const noexcept override { return reader_->ended(); }

  Result<const BlockEvent*> next() override {
    const auto event = reader_->next();
    if (!event || *event == nullptr) return event;
    event_ = **event;
    give_own_name(event_, names_);
    return &event_;
  }

 private:
  std::unique_ptr<BlockReader> reader_;
  std::vector<Renamed> names_;
  BlockEvent event_;
};

}  // namespace

std::string sent_tool_name(std::string name, WireForm form) {
  if (is_taken(name, form)) return name;
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
  const auto digest = sha256(name);
  std::string out;
  for (const char c : name)
    if (out.size() < name_bytes_max - hash_bytes - 2) out += is_letter(c) || is_digit(c) ? c : '_';
  if (out.empty() || !is_letter(out.front())) out.insert(out.begin(), '_');
  out += '_';
  for (std::size_t i = 0; i < hash_bytes; ++i) out += letters[digest[i] % letters.size()];
  return out;
}

std::unique_ptr<BlockReader> with_own_tool_names(std::unique_ptr<BlockReader> reader, const BlockRequest& request,
                                                 WireForm form) {
  std::vector<Renamed> names = renamed_tools(request, form);
  if (names.empty()) return reader;
  return std::make_unique<RenamingReader>(std::move(reader), std::move(names));
}

void give_own_tool_names(BlockAnswer& answer, const BlockRequest& request, WireForm form) {
  const std::vector<Renamed> names = renamed_tools(request, form);
  if (names.empty()) return;
  for (BlockEvent& event : answer.events) give_own_name(event, names);
}

}  // namespace triage
