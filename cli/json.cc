#include "cli/json.h"

#include "google/protobuf/util/json_util.h"

namespace entrobench::cli {
namespace {

std::string Json(const google::protobuf::Message& message, bool indented) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = indented;
  options.always_print_primitive_fields = true;
  std::string text;
  // Fails only for messages with `Any` fields of unknown types; ours have none.
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) text.clear();
  return text;
}

}  // namespace

std::string PrettyJson(const google::protobuf::Message& message) { return Json(message, true); }
std::string JsonLine(const google::protobuf::Message& message) { return Json(message, false); }

}  // namespace entrobench::cli
