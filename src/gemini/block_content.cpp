// {"role":"user","parts":[{"text":...} | {"inlineData":{"mimeType":...,"data":...}} | {"fileData":{"fileUri":...}} |
//                         {"functionResponse":{"id":...,"name":...,"response":{...}}}]}
// {"role":"model","parts":[{"text":...,"thought":true} | {"text":...,"thoughtSignature":...} |
//                          {"functionCall":{"id":...,"name":...,"args":{...}},"thoughtSignature":...}]}
//
// Contents of one role in a row are one turn: clients keep a stream as it came, a content for each piece. So pieces of
// a text, or of a thought, are joined up to the one that is signed, and so are the pieces of a call's arguments. Calls
// mostly have no ids: they get one from their place, and results are matched to them by id, else by name and order.
#include "gemini/block_content.hpp"

#include "blocks/member_values.hpp"
#include "gemini/part_reader.hpp"
#include "gemini/partial_args.hpp"
#include "json/json.hpp"

#include <algorithm>
#include <optional>

namespace triage::gemini {
namespace {

using Kind = JsonReader::Kind;
using Field = RequestField;

class ContentsReader {
 public:
  explicit ContentsReader(Source& source) : source_(source), in_(source.in) {}

  void read() {
    if (in_.kind() == Kind::array)
      each_element(in_, [this] { read_content(); });
    else
      read_content();
    end_call();
    end_piece();
    note_open_calls();
  }

 private:
  // A call of the last assistant turn, which waits for its result.
  struct Pending {
    JsonString id;
    JsonString name;
    bool named = false;  // the id is the client's
    bool answered = false;
  };

  [[nodiscard]] std::string where() const { return "contents[" + std::to_string(index_) + "]"; }

  void read_content() {
    std::vector<Part> parts;
    std::string role = "user";
    const bool object = each_member(in_, [&](const JsonString& name) {
      if (name.is("role"))
        role = source_.string().text();
      else if (name.is("parts") && in_.kind() == Kind::array)
        each_element(in_, [&] { parts.push_back(read_part(source_)); });
      else if (name.is("parts"))
        parts.push_back(read_part(source_));
      else
        read_unknown(source_, name);
    });
    if (!object)
      source_.refuse(where(), "every content must be an object");
    else if (role != "user" && role != "model" && role != "function" && !role.empty())
      source_.refuse(where() + ".role", "'role' must be user or model");
    else
      add(role == "model" ? Role::assistant : Role::user, parts);
    ++index_;
  }

  void add(Role role, const std::vector<Part>& parts) {
    for (const Part& part : parts) {
      if (part.call && part.call->name.raw.empty() && streams_) {
        add_arguments(part);
        continue;
      }
      std::optional<Block> block = block_of(part);
      if (!block) continue;
      end_call();
      BlockTurn& turn = turn_of(role);
      if (block->kind == BlockKind::call) name_call(*block);
      if (block->kind == BlockKind::result) match(*block);
      if (role == Role::assistant && (block->kind == BlockKind::text || block->kind == BlockKind::thought))
        add_piece(*block, turn);
      else
        end_piece(), turn.blocks.push_back(std::move(*block));
      if (part.call && (part.goes_on || !part.pieces.empty())) streams_ = true, add_arguments(part);
    }
  }

  // Of the last block, a call.
  void add_arguments(const Part& part) {
    JsonReader in(part.pieces);
    if (!part.pieces.empty() && !arguments_.add(in))
      source_.refuse(where(), "'partialArgs' must have a 'jsonPath' and a value in each of its objects");
    if (!part.goes_on) end_call();
  }

  void end_call() {
    if (!std::exchange(streams_, false)) return;
    Block& call = source_.out.turns.back().blocks.back();
    if (!arguments_.empty()) call.arguments = source_.out.own(arguments_.text());
    arguments_ = {};
  }

  // Gemini takes a turn of calls that something else follows than their results.
  void note_open_calls() {
    if (!pending_.empty() && std::ranges::none_of(pending_, &Pending::answered)) source_.out.note(Field::open_calls);
    pending_.clear();
  }

  std::optional<Block> block_of(const Part& part) {
    Block block;
    if (part.call) block = *part.call;
    if (part.result) block = *part.result;
    if (part.has_media) return media_block(part.media, source_.out);
    block.signature = part.signature;
    if (part.call || part.result) return block;
    block.kind = part.thought ? BlockKind::thought : BlockKind::text;
    if (part.thought && !part.text && !part.signature.raw.empty()) {  // as the answer writer says it
      block.kind = BlockKind::redacted;
      block.text = std::exchange(block.signature, {});
      source_.out.note(Field::thoughts);
      return block;
    }
    if (part.text) block.text = *part.text;
    if (block.text.raw.empty() && block.signature.raw.empty()) return std::nullopt;
    return block;
  }

  BlockTurn& turn_of(Role role) {
    auto& turns = source_.out.turns;
    if (turns.empty() || turns.back().role != role) {
      end_piece();
      if (role == Role::assistant) note_open_calls();
      turns.push_back({role, {}});
    }
    return turns.back();
  }

  void name_call(Block& call) {
    const bool named = !call.id.raw.empty();
    if (!named) call.id = {source_.out.own("call_" + std::to_string(++calls_)), false};
    if (call.arguments.empty()) call.arguments = "{}";
    pending_.push_back({call.id, call.name, named});
  }

  void match(Block& result) {
    const bool named = !result.id.raw.empty();
    auto found = std::ranges::find_if(pending_, [&](const Pending& call) {
      return !call.answered && call.named && named && result.id.is(call.id.text());
    });
    if (found == pending_.end())
      found = std::ranges::find_if(pending_, [&](const Pending& call) {
        return !call.answered && !(call.named && named) && result.name.is(call.name.text());
      });
    if (found != pending_.end()) {
      found->answered = true;
      result.id = found->id;
    } else if (result.id.raw.empty()) {
      result.id = result.name;
    }
    result.name = {};
  }

  // A further piece of an unsigned text or thought belongs to it.
  void add_piece(Block& block, BlockTurn& turn) {
    const bool goes_on = pieces_ > 0 && turn.blocks.back().kind == block.kind &&
                         (block.kind == BlockKind::thought || block.signature.raw.empty());
    if (!goes_on) {
      end_piece();
      turn.blocks.push_back(block);
      pieces_ = 1;
    } else {
      Block& last = turn.blocks.back();
      if (++pieces_ == 2) joined_ = last.text.raw;
      joined_ += block.text.raw;
      last.text.escaped = last.text.escaped || block.text.escaped;
      last.signature = block.signature;
    }
    if (!block.signature.raw.empty()) end_piece();
  }

  void end_piece() {
    if (pieces_ > 1) source_.out.turns.back().blocks.back().text.raw = source_.out.own(std::move(joined_));
    if (pieces_ > 0) drop_unsigned();
    pieces_ = 0;
    joined_.clear();
  }

  void drop_unsigned() {
    std::vector<Block>& blocks = source_.out.turns.back().blocks;
    if (blocks.back().kind != BlockKind::thought) return;
    source_.out.note(Field::thoughts);
    if (blocks.back().signature.raw.empty()) blocks.pop_back();
  }

  Source& source_;
  JsonReader& in_;
  std::size_t index_ = 0;
  std::size_t calls_ = 0;
  std::vector<Pending> pending_;
  std::size_t pieces_ = 0;  // of the last block, while more may come
  std::string joined_;
  bool streams_ = false;  // the last block is a call, and more of its arguments may come
  PartialArgs arguments_;
};

}  // namespace

void read_unknown(Source& source, const JsonString& name) {
  std::string text = shown_name(name);
  if (!source.says()) return;
  auto& unknown = source.out.unknown;
  if (unknown.size() < unknown_members_max && std::ranges::find(unknown, text) == unknown.end())
    unknown.push_back(std::move(text));
}

void read_contents(Source& source) {
  ContentsReader(source).read();
  std::erase_if(source.out.turns, [](const BlockTurn& turn) { return turn.blocks.empty(); });
}

void read_system(Source& source) {
  const auto add = [&](const Part& part) {
    if (part.text && !part.text->raw.empty()) source.out.system.emplace_back().text = *part.text;
    if (part.has_media || part.call || part.result)
      source.refuse("systemInstruction", "'systemInstruction' may hold nothing but texts");
  };
  if (source.in.kind() == Kind::string) {
    Part part;
    part.text = source.string();
    return add(part);
  }
  each_member(source.in, [&](const JsonString& name) {
    if (name.is("parts") && source.in.kind() == Kind::array)
      each_element(source.in, [&] { add(read_part(source)); });
    else if (name.is("parts"))
      add(read_part(source));
    else
      source.in.skip();
  });
}

}  // namespace triage::gemini
