// What llama.cpp complained of, as part of an error's message instead of lines on a log: most of
// its errors have a cause that the caller knows and tells better.
#pragma once

#include <string>

namespace entrobench {

// Routes llama.cpp's log here, for the whole process; only errors are kept.
void CollectLlamaErrors();

// The errors that llama.cpp logged in this thread since the last call: "first; second". Forgets
// them.
std::string TakeLlamaErrors();

}  // namespace entrobench
