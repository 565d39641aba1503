#pragma once
// Arguments of a call that come in pieces (Google's reference, "PartialArg"), put together:
//
//   {"jsonPath":"$.to.name","stringValue":"Ad","willContinue":true}   {"jsonPath":"$.to.name","stringValue":"a"}
//   {"jsonPath":"$.sizes[0]","numberValue":2}                         -> {"to":{"name":"Ada"},"sizes":[2]}

#include "json/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage::gemini {

class PartialArgs {
 public:
  /// Consumes a list of pieces. False: one has no path that can be followed; it is left out.
  bool add(JsonReader& in);
  [[nodiscard]] bool empty() const noexcept { return root_.inner.empty(); }
  /// All of them, as a JSON object.
  [[nodiscard]] std::string text() const;

 private:
  struct Node {
    std::string name;   // of a member, spelled; an element has none
    std::string value;  // of a text: what is inside the quotes; of a number and the like: as spelled
    bool is_text = false;
    bool is_list = false;
    std::vector<Node> inner;  // members or elements
  };
  struct Step {
    std::string name;  // spelled
    std::size_t index = 0;
    bool is_index = false;
  };

  static bool read_path(std::string_view path, std::vector<Step>& out);
  bool add_piece(JsonReader& in);
  Node* at(const std::vector<Step>& path);
  static void append(const Node& node, std::string& out);

  Node root_;
};

}  // namespace triage::gemini
