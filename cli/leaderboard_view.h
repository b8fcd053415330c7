// A leaderboard as a table for people, as Markdown, CSV and JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/method_label.h"
#include "cli/terminal.h"
#include "entrobench/v1/leaderboard.pb.h"

namespace entrobench::cli {

std::vector<v1::MethodConfig> MethodsOf(const v1::Leaderboard& board);

enum class LeaderboardFormat { kTable, kMarkdown, kCsv, kJson };

// `terminal` matters to the table only; `labels` to what people read. CSV and JSON have every
// parameter.
std::string FormatLeaderboard(const v1::Leaderboard& board, LeaderboardFormat format,
                              const MethodLabels& labels, const Terminal& terminal);

}  // namespace entrobench::cli
