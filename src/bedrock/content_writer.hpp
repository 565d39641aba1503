#pragma once
// The turns of a conversation in the words of Converse. Part of request_writer.cpp.

#include "bedrock/converse_words.hpp"
#include "triage/blocks.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::bedrock {

/// Appends to `out`. What it leaves out is named in `dropped`.
class ContentWriter {
 public:
  ContentWriter(std::string& out, const ConverseWords& words, std::vector<std::string>& dropped)
      : out_(out), words_(words), dropped_(dropped) {}

  /// Appends a list of texts; nothing, if all are blank.
  void add_system(const std::vector<Block>& blocks, std::string_view before);
  /// Appends the list of messages. Turns of one role are joined, a turn's results first; later system turns are the
  /// user's, in place, marked. The first message is the user's.
  void add_messages(const std::vector<BlockTurn>& turns);
  void add_cache_point(std::string_view cache_control);

  /// The first block that Converse has no word for: untranslatable.
  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

 private:
  struct Item {
    const Block* block;
    bool system;
  };
  struct Message {
    Role role;
    std::vector<Item> items;
  };

  std::vector<Message> messages_of(const std::vector<BlockTurn>& turns) const;
  void add_message(const Message& message, bool last);
  void add_cache_point_at(std::size_t at, std::string_view cache_control);
  void add_item(const Item& item, bool prefill);
  void add_text(const Item& item, bool prefill);
  void add_thought(const Block& block);
  void add_call(const Block& block);
  void add_result(const Block& block);
  void add_media(const Block& block);
  std::string document_name(const JsonString& name);
  void next();
  void string(const JsonString& text);
  void refuse(std::string message);

  std::string& out_;
  const ConverseWords& words_;
  std::vector<std::string>& dropped_;
  std::vector<std::string> names_;  // of documents
  std::optional<Error> error_;
};

}  // namespace triage::bedrock
