#include "blocks/own_history.hpp"

#include "json/json.hpp"

#include <algorithm>

namespace triage {
namespace {

bool is_thought(const Block& block) noexcept {
  return block.kind == BlockKind::thought || block.kind == BlockKind::redacted;
}

bool is_call(const Block& block) noexcept {
  return block.kind == BlockKind::call;
}

// What only its maker can read of a block.
const JsonString& opaque_of(const Block& block) noexcept {
  return block.kind == BlockKind::redacted ? block.text : block.signature;
}

WireForm maker_of(const Block& block, WireForm client) noexcept {
  if (client != WireForm::openai) return client;
  return is_thought(block) ? WireForm::anthropic : WireForm::gemini;
}

class Filter {
 public:
  Filter(const BlockRequest& request, const HistoryReader& reader) : request_(request), reader_(reader) {}

  OwnHistory filtered() {
    const auto& turns = request_.turns;
    for (std::size_t i = 0; i < turns.size(); ++i)
      if (turns[i].role == Role::assistant) filter_turn(i);
    for (std::size_t begin = 0; begin < turns.size();) {
      std::size_t end = begin;
      while (end < turns.size() && turns[end].role == Role::assistant) ++end;
      if (end > begin) complete(begin, end);
      begin = std::max(end, begin + 1);
    }
    return std::move(out_);
  }

 private:
  enum class Verdict : std::uint8_t { stays, is_unmarked, goes };

  // The copy that is changed.
  BlockRequest& changed() {
    if (!out_.request) {
      out_.request = request_;
      out_.request->owned.clear();  // views are into the request's own
    }
    return *out_.request;
  }
  [[nodiscard]] const BlockRequest& seen() const { return out_.request ? *out_.request : request_; }

  [[nodiscard]] Verdict judge(const Block& block, std::optional<Unmarked>& mark) const {
    const JsonString& opaque = opaque_of(block);
    if (!opaque.raw.empty()) mark = unmarked(opaque.text());
    if (mark) return mark->origin == reader_.origin ? Verdict::is_unmarked : Verdict::goes;
    if (opaque.raw.empty() && !is_thought(block)) return Verdict::stays;
    return maker_of(block, reader_.client) == reader_.origin.form ? Verdict::stays : Verdict::goes;
  }

  void filter_turn(std::size_t index) {
    const std::vector<Block>& blocks = request_.turns[index].blocks;
    std::vector<Block> kept;
    bool same = true;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      std::optional<Unmarked> mark;
      const Verdict verdict = judge(blocks[i], mark);
      if (same && verdict == Verdict::stays) continue;
      if (std::exchange(same, false)) kept.assign(blocks.begin(), blocks.begin() + static_cast<std::ptrdiff_t>(i));
      out_.dropped = out_.dropped || verdict == Verdict::goes;
      if (verdict == Verdict::goes && is_thought(blocks[i])) continue;
      Block& block = kept.emplace_back(blocks[i]);
      if (verdict == Verdict::goes) block.signature = {};
      if (verdict == Verdict::is_unmarked) opaque_in(block) = spelled(mark->text);
      if (block.kind == BlockKind::text && block.text.raw.empty() && block.signature.raw.empty()) kept.pop_back();
    }
    if (!same) changed().turns[index].blocks = std::move(kept);
  }

  static JsonString& opaque_in(Block& block) noexcept {
    return block.kind == BlockKind::redacted ? block.text : block.signature;
  }

  JsonString spelled(std::string_view text) {
    std::string escaped;
    append_json_escaped(escaped, text);
    return raw(std::move(escaped));
  }
  JsonString raw(std::string text) {
    const bool escaped = text.find('\\') != std::string::npos;
    return {changed().own(std::move(text)), escaped};
  }

  // Assistant turns in a row are one answer.
  void complete(std::size_t begin, std::size_t end) {
    TurnKey key(reader_.find ? question_print(request_.turns, begin) : 0);
    bool thinks = false;
    bool signs = false;
    for (std::size_t i = begin; i < end; ++i)
      for (const Block& block : seen().turns[i].blocks) {
        thinks = thinks || is_thought(block);
        if (!is_call(block)) continue;
        signs = signs || !block.signature.raw.empty();
        key.add_call(block.id, block.name, block.arguments);
      }
    if (key.empty()) return;
    if (reader_.find && !(thinks && signs)) put_back(reader_.find(key.value()), begin, end, thinks, signs);
    if (!reader_.unsigned_calls.empty() && !signs) sign_first(begin, end);
  }

  void put_back(const std::optional<KeptTurn>& kept, std::size_t begin, std::size_t end, bool thinks, bool& signs) {
    if (!kept || kept->origin != reader_.origin) {
      out_.lost += !thinks && !signs ? 1 : 0;
      return;
    }
    const bool thought = !thinks && put_thoughts(kept->thoughts, begin);
    const bool signed_now = !signs && put_signatures(kept->signatures, begin, end);
    signs = signs || signed_now;
    if (thought || signed_now) ++out_.restored;
  }

  bool put_thoughts(const std::vector<KeptThought>& kept, std::size_t turn) {
    std::vector<Block> thoughts;
    for (const KeptThought& each : kept) {
      Block& block = thoughts.emplace_back();
      block.kind = each.kind;
      block.text = raw(each.text);
      block.signature = raw(each.signature);
    }
    if (thoughts.empty()) return false;
    std::vector<Block>& blocks = changed().turns[turn].blocks;
    blocks.insert(blocks.begin(), thoughts.begin(), thoughts.end());
    return true;
  }

  bool put_signatures(const std::vector<std::string>& kept, std::size_t begin, std::size_t end) {
    if (std::ranges::all_of(kept, &std::string::empty)) return false;
    std::size_t call = 0;
    for (std::size_t i = begin; i < end; ++i)
      for (Block& block : changed().turns[i].blocks)
        if (is_call(block) && call < kept.size()) block.signature = raw(kept[call++]);
    return true;
  }

  void sign_first(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      for (Block& block : changed().turns[i].blocks)
        if (is_call(block)) return void(block.signature = spelled(reader_.unsigned_calls));
  }

  const BlockRequest& request_;
  const HistoryReader& reader_;
  OwnHistory out_;
};

}  // namespace

std::vector<MissingThoughts> missing_thoughts(const BlockRequest& request, const HistoryReader& reader) {
  std::vector<MissingThoughts> out;
  std::size_t turn = 0;
  for (std::size_t i = 0; i < request.turns.size(); ++i) {
    const BlockTurn& each = request.turns[i];
    if (each.role != Role::assistant || std::ranges::none_of(each.blocks, is_call)) continue;
    const std::size_t place = turn++;
    if (std::ranges::any_of(each.blocks, is_thought)) continue;
    TurnKey key(question_print(request.turns, i));
    for (const Block& block : each.blocks)
      if (is_call(block)) key.add_call(block.id, block.name, block.arguments);
    auto kept = reader.find(key.value());
    if (kept && kept->origin == reader.origin && !kept->thoughts.empty())
      out.push_back({place, std::move(kept->thoughts)});
  }
  return out;
}

OwnHistory own_history(const BlockRequest& request, const HistoryReader& reader) {
  return Filter(request, reader).filtered();
}

}  // namespace triage
