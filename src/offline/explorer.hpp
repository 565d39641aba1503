#pragma once
// An evaluation as a page: the curves, and a slider for the threshold that shows cost, quality and which questions
// move. The page (explorer.html) needs nothing but itself. All texts of the rows reach it as JSON whose markup
// characters are escaped, and are shown as text only.

#include "offline/evaluation.hpp"
#include "offline/report.hpp"
#include "offline/rows.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace triage::offline {

// Bounds on what the page holds, so that it stays below two megabytes.
inline constexpr std::size_t explorer_points_max = 200;  ///< of a curve, and positions of the slider
inline constexpr std::size_t explorer_rows_max = 2'000;  ///< questions; of more, every k-th by score
inline constexpr std::size_t explorer_text_max = 200;    ///< characters of a question

/// `scored`: the scores that were evaluated, of which subject.main is the one that the slider is for.
std::string explorer_page(const Subject& subject, const Evaluation& found, std::span<const Row> rows,
                          const Outcomes& outcomes, std::span<const Scored> scored);

/// The data of that page, which the dashboard's explorer shows, too.
nlohmann::ordered_json explorer_json(const Subject& subject, const Evaluation& found, std::span<const Row> rows,
                                     const Outcomes& outcomes, std::span<const Scored> scored);

/// explorer.html.
std::string_view explorer_template() noexcept;

}  // namespace triage::offline
