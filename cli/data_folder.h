// The folder in which `entrobench up` keeps everything, and what lies where in it.
#pragma once

#include <string>

#include "cli/context.h"

namespace entrobench::cli {

inline constexpr int kDefaultPort = 7741;

// --data-dir, else ENTROBENCH_DATA_DIR, else $XDG_DATA_HOME/entrobench, else
// ~/.local/share/entrobench; absolute.
std::string DataFolder(const Context& context);

// Written by a running coordinator: "127.0.0.1:7741" and a newline.
std::string AddressFile(const std::string& data_folder);

// Held locked by the `entrobench up` that serves this folder.
std::string LockFile(const std::string& data_folder);

// The option that other commands need to find this folder, with a space before it; empty when they
// find it by themselves.
std::string DataFolderHint(const Context& context);

struct Address {
  std::string text;    // "127.0.0.1:7741"
  std::string origin;  // where it comes from, for messages: "--address"; empty for the default
};

// --address, else ENTROBENCH_ADDRESS, else the address file (unless --data-dir is given, which
// comes before the variable), else 127.0.0.1:7741.
Address CoordinatorAddress(const Context& context);

}  // namespace entrobench::cli
