# llama.cpp as a library (target `llama`), built from the checkout that scripts/bootstrap makes, with its own flags
# and without its tools. Only evaluators/language and evaluators/policy may link it.
if(NOT EXISTS "${ENTROBENCH_LLAMA_SOURCE_DIR}/include/llama.h")
  message(FATAL_ERROR
    "No llama.cpp source at ENTROBENCH_LLAMA_SOURCE_DIR=${ENTROBENCH_LLAMA_SOURCE_DIR}.\n"
    "Run scripts/bootstrap (it fetches v0.5.0 from npm), or configure with -DENTROBENCH_LLAMA_SOURCE_DIR=<checkout>.")
endif()

set(BUILD_SHARED_LIBS OFF CACHE BOOL "" FORCE)
foreach(option LLAMA_BUILD_COMMON LLAMA_BUILD_TESTS LLAMA_BUILD_TOOLS LLAMA_BUILD_EXAMPLES LLAMA_BUILD_SERVER
        LLAMA_BUILD_APP LLAMA_BUILD_UI LLAMA_USE_PREBUILT_UI LLAMA_BUILD_IS_DEV GGML_BUILD_TESTS GGML_BUILD_EXAMPLES)
  set(${option} OFF CACHE BOOL "" FORCE)
endforeach()
set(GGML_CCACHE OFF CACHE BOOL "" FORCE)  # the launcher is already set
set(GGML_CUDA ${ENTROBENCH_CUDA} CACHE BOOL "" FORCE)
set(EB_SAVED_RUNTIME_DIR "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
add_subdirectory("${ENTROBENCH_LLAMA_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/llama.cpp" EXCLUDE_FROM_ALL SYSTEM)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${EB_SAVED_RUNTIME_DIR}")
