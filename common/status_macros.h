// EB_RETURN_IF_ERROR and EB_ASSIGN_OR_RETURN: hand a failed absl::Status to the caller.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define EB_CONCAT_INNER_(a, b) a##b
#define EB_CONCAT_(a, b) EB_CONCAT_INNER_(a, b)

#define EB_RETURN_IF_ERROR(expression)                            \
  do {                                                            \
    if (absl::Status eb_status = (expression); !eb_status.ok()) { \
      return eb_status;                                           \
    }                                                             \
  } while (false)

// EB_ASSIGN_OR_RETURN(const auto x, ComputeX());
#define EB_ASSIGN_OR_RETURN(declaration, expression) \
  EB_ASSIGN_OR_RETURN_IMPL_(EB_CONCAT_(eb_statusor_, __LINE__), declaration, expression)
#define EB_ASSIGN_OR_RETURN_IMPL_(statusor, declaration, expression) \
  auto statusor = (expression);                                      \
  if (!statusor.ok()) return statusor.status();                      \
  declaration = std::move(statusor).value()
