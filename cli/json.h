// Messages in protobuf's JSON mapping: what --json prints and what the HTTP interface will speak.
#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace entrobench::cli {

// Indented, with a newline at the end. Fields at their default are there, so that a script never
// has to guess.
std::string PrettyJson(const google::protobuf::Message& message);

// On one line, without its end.
std::string JsonLine(const google::protobuf::Message& message);

}  // namespace entrobench::cli
