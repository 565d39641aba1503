#pragma once
// A request and an answer free of any dialect, for where the client and the provider speak different ones. N dialects
// and M client APIs meet here, so that each is written once and not once for each pair:
//
//   request  --ClientApi reads-->   BlockRequest  --Dialect writes-->      call
//   client   <--ClientApi writes--  BlockEvent    <--BlockReader reads--   answer
//
// A conversation is made of turns, a turn of blocks. Texts stay JSON strings as they were spelled, arguments and
// schemas are JSON text that is passed on byte for byte: neither is parsed and printed again. What only the model that
// made it can read (the signature of a thought) goes along unread.

#include "triage/error.hpp"
#include "triage/json_string.hpp"
#include "triage/request.hpp"
#include "triage/translation.hpp"
#include "triage/usage.hpp"

#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

enum class BlockKind : std::uint8_t {
  text,
  image,
  document,
  audio,
  call,      ///< the assistant calls a tool
  result,    ///< what a called tool answers
  thought,   ///< the model's own, perhaps signed
  redacted,  ///< a thought that only its model can read
};

/// Where an image, a document or audio is: inline or at an address.
struct Media {
  JsonString type;  ///< such as image/png; empty: not said
  JsonString data;  ///< base64; empty: it is at `url`
  JsonString url;
  JsonString name;  ///< of a document's file; empty: none given
};

/// Members that are not of its kind are empty.
struct Block {
  BlockKind kind = BlockKind::text;
  JsonString text;             ///< text, thought: what it says; redacted: the data; call of a custom tool: its input
  JsonString id;               ///< call: its id; result: that of the call
  JsonString name;             ///< call: the tool's
  std::string_view arguments;  ///< call: a JSON object; empty if `custom`
  JsonString signature;        ///< thought; call or text: Gemini's; empty: none. One with an empty text is kept
  Media media;
  bool custom = false;             ///< call: of a custom tool
  bool failed = false;             ///< result: the tool failed
  std::vector<Block> inner;        ///< result: texts, images and documents
  std::string_view cache_control;  ///< JSON: the prompt up to here is to be cached; empty: not said
};

struct BlockTurn {
  Role role = Role::user;  ///< user, assistant or system; a tool's results are the user's
  std::vector<Block> blocks;
};

struct BlockTool {
  JsonString name;
  JsonString description;          ///< empty: none
  std::string_view schema;         ///< of its arguments: a JSON object; empty: none given
  std::optional<bool> strict;      ///< arguments must satisfy the schema
  bool custom = false;             ///< it takes a text, and has no schema
  JsonString syntax;               ///< custom: of the text's grammar: lark or regex; empty: any text
  JsonString grammar;              ///< custom: the grammar
  std::string_view cache_control;  ///< as in Block
};

/// Which tools the model may call.
struct BlockChoice {
  enum class Kind : std::uint8_t { open, none, any, named };  ///< open: as the model likes
  Kind kind = Kind::open;
  JsonString name;                   ///< named
  std::vector<std::string> allowed;  ///< no other tools; empty: all
};

/// How long a model is asked to think; `unset`: not said.
enum class Effort : std::uint8_t { unset, none, minimal, low, medium, high, xhigh, max };
template <>
inline constexpr std::array<std::string_view, 8> words<Effort>{"unset",  "none", "minimal", "low",
                                                               "medium", "high", "xhigh",   "max"};

/// Views point into the client's body, or into `owned`. Numbers are as spelled, empty if absent.
struct BlockRequest {
  std::vector<Block> system;  ///< texts, in front of all turns
  std::vector<BlockTurn> turns;
  std::vector<BlockTool> tools;
  BlockChoice choice;
  std::optional<bool> parallel_calls;
  std::optional<std::int64_t> max_tokens;
  std::string_view temperature;
  std::string_view top_p;
  std::string_view top_k;
  std::string_view seed;
  std::string_view presence_penalty;
  std::string_view frequency_penalty;
  std::vector<JsonString> stop;
  std::string_view schema;  ///< that the answer must satisfy: a JSON object; empty: none
  JsonString schema_name;   ///< empty: none
  JsonString schema_description;
  std::optional<bool> schema_strict;         ///< absent: not said
  bool json_object = false;                  ///< the answer is to be JSON, without a schema
  bool logprobs = false;                     ///< the answer is to have the log-probabilities of its tokens
  std::optional<std::int64_t> top_logprobs;  ///< and those of so many tokens that it might have had; absent: not said
  Effort effort = Effort::unset;
  std::optional<std::int64_t> thinking_tokens;  ///< how long to think, in tokens
  JsonString user;                              ///< whose request it is, in the client's own words; empty: not said
  JsonString verbosity;                         ///< low, medium, high; empty: not said
  JsonString cache_key;                         ///< groups requests of one beginning; empty: not said
  bool stream = false;
  bool include_usage = false;        ///< a stream is to report usage
  RequestFields fields = 0;          ///< what it says that not every dialect can: translation.hpp
  std::vector<std::string> unknown;  ///< members that are not known here; they are not passed on
  std::forward_list<std::string> owned;

  /// Keeps `text` with the padding that a JsonString's needs.
  std::string_view own(std::string text);
  void note(RequestField field) noexcept { fields |= bit(field); }
};

/// Why an answer ended.
enum class FinishReason : std::uint8_t { stop, stop_sequence, length, calls, refusal, other };

/// One step of an answer. begin comes first, then blocks, one open at a time; finish comes behind the last block;
/// usage may come behind anything, and what it says then replaces what was said before. A citation says on which page
/// of the web the open text, or a part of it, is founded.
struct BlockEvent {
  enum class Kind : std::uint8_t { begin, block_begin, delta, signature, block_end, finish, usage, citation };
  Kind kind = Kind::begin;
  BlockKind block = BlockKind::text;  ///< block_begin, delta, signature
  std::uint32_t index = 0;            ///< of the block, from 0
  JsonString id;                      ///< begin: the answer's; block_begin: the call's; citation: the page's address
  JsonString name;                    ///< begin: the model's; block_begin: the tool's; citation: the page's title
  JsonString text;                    ///< the next piece: of a text or thought, of a call's arguments as JSON text;
                                      ///< of a signature; block_begin of a redacted thought: its data; citation:
                                      ///< what the page says, if that is said
  bool custom = false;                ///< block_begin, delta of a call: its tool takes a text, which the pieces are
  bool recited = false;               ///< citation: the model wrote what stands there, and searched for nothing
  std::int64_t from = -1;             ///< citation: where in the block's text it begins, in characters; -1: it is
  std::int64_t to = -1;               ///< of all of the text; and where it ends
  std::string_view logprobs;          ///< delta of a text: its tokens' log-probabilities, a JSON list as chat
                                      ///< completions have it in logprobs.content; empty: not said
  bool refuses = false;               ///< block_begin, delta of a text: the model says that it will not answer
  FinishReason reason = FinishReason::stop;
  JsonString native;                 ///< finish: the provider's own word
  JsonString why;                    ///< finish: what it says of a refusal; empty: nothing
  JsonString stopped_at;             ///< finish: the stop sequence; empty: not said
  std::optional<UsageReport> usage;  ///< usage; begin, if it is said there
  std::string_view service_tier;     ///< with usage; as spelled, empty: not said
};

/// A whole answer as its events, and the strings that their views point into besides the answer's own bytes.
struct BlockAnswer {
  std::vector<BlockEvent> events;
  std::forward_list<std::string> owned;
};

/// Turns the body of one streamed answer into block events, whatever its framing. No I/O. Used like an AnswerDecoder
/// (dialect.hpp).
class BlockReader {
 public:
  virtual ~BlockReader() = default;
  virtual void feed(std::string_view bytes) = 0;
  virtual void end() = 0;
  /// Returns the next event, valid until the next call; null: feed more. Errors: as AnswerDecoder::next().
  virtual Result<const BlockEvent*> next() = 0;
  [[nodiscard]] virtual bool ended() const noexcept = 0;
};

}  // namespace triage
