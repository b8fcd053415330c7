// A leaderboard as a table for people, as Markdown, CSV and JSON.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "cli/terminal.h"
#include "entrobench/v1/leaderboard.pb.h"

namespace entrobench::cli {

enum class LeaderboardFormat { kTable, kMarkdown, kCsv, kJson };

// `terminal` matters to the table only.
std::string FormatLeaderboard(const v1::Leaderboard& board, LeaderboardFormat format,
                              const Terminal& terminal);

}  // namespace entrobench::cli
