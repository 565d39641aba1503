#include "json/json.hpp"
#include "tokenize/tokenizer.hpp"
#include "tokenize/unicode.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace triage::tokenize {

namespace {

// XLM-RoBERTa's tokenizer.json, a large one, has 17 MB.
constexpr std::size_t file_bytes_max = std::size_t{256} << 20;

Error refuse(std::string message) {
  return Error{ErrorCode::invalid_config, std::move(message)};
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return refuse(std::string("cannot be opened: ") + std::strerror(errno));
  const std::streamoff size = in.tellg();
  if (size < 0 || static_cast<std::uint64_t>(size) > file_bytes_max) {
    return refuse("is longer than " + std::to_string(file_bytes_max >> 20) + " MiB, or not a file");
  }
  std::string content(static_cast<std::size_t>(size), '\0');
  in.seekg(0);
  if (!in.read(content.data(), size)) return refuse("cannot be read");
  return content;
}

/// The line without the white space at its end.
std::string_view trimmed(std::string_view line) {
  while (!line.empty()) {
    std::size_t last = line.size() - 1;
    while (last > 0 && (line[last] & 0xc0) == 0x80) --last;
    std::size_t end = last;
    if (!is_white_space(decode(line, end))) break;
    line = line.substr(0, last);
  }
  return line;
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> read_vocabulary(std::string_view content, const VocabularyOptions& options) {
  if (const auto offset = find_invalid_utf8(content)) {
    const auto line = std::count(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(*offset), '\n') + 1;
    return refuse("line " + std::to_string(line) + ": is not UTF-8");
  }
  Vocabulary vocabulary;
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = std::min(content.find('\n', begin), content.size());
    const auto id = static_cast<std::uint32_t>(vocabulary.size());
    vocabulary.emplace_back(trimmed(content.substr(begin, end - begin)), id);
    begin = end + 1;
  }
  auto model = word_piece(std::move(vocabulary), {});
  if (!model) return refuse("expected a BERT vocabulary, one token a line, but " + model.error().message);
  Tokenizer::Parts parts;
  parts.model = *std::move(model);
  const auto cls = parts.model->id_of("[CLS]");
  const auto sep = parts.model->id_of("[SEP]");
  if (!cls || !sep) {
    const std::string lacking = cls ? "[SEP]" : "[CLS]";
    return refuse("expected a BERT vocabulary, one token a line, but it lacks \"" + lacking + "\"");
  }
  for (const std::string_view special : {"[UNK]", "[SEP]", "[CLS]", "[PAD]", "[MASK]"}) {
    const auto id = parts.model->id_of(special);
    if (id) parts.added_tokens.push_back({std::string(special), *id, false, false, false, false});
  }
  parts.normalizer = bert_normalizer({true, true, options.lowercase, options.lowercase});
  parts.pre_tokenizer = bert_pre_tokenizer();
  parts.post_processor.add({{false, 0, {*cls}}, {true, 0, {}}, {false, 0, {*sep}}}, true);
  return std::make_shared<const Tokenizer>(std::move(parts));
}

Result<std::shared_ptr<const Tokenizer>> read_tokenizer(const std::string& path, std::string_view content,
                                                        const VocabularyOptions& options) {
  return path.ends_with(".json") ? read_tokenizer_json(content) : read_vocabulary(content, options);
}

Result<std::shared_ptr<const Tokenizer>> load_tokenizer(const std::string& path, const VocabularyOptions& options) {
  const auto named = [&](const Error& error) { return refuse(path + ": " + error.message); };
  const auto content = read_file(path);
  if (!content) return named(content.error());
  auto loaded = read_tokenizer(path, *content, options);
  return loaded ? loaded : named(loaded.error());
}

}  // namespace triage::tokenize
