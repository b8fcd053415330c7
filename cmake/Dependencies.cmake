# Every library from Debian 12 that a part may link. What is linked where is said in each folder's CMakeLists.txt.
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)

# Debian's libtorch 1.13. Its headers cost 25 s a file: link eb_torch only where a file really needs it, and never
# include torch from a header that a file without torch reads.
find_path(TORCH_INCLUDE_DIR torch/csrc/api/include/torch/torch.h REQUIRED)
find_library(TORCH_LIBRARY torch REQUIRED)
find_library(TORCH_CPU_LIBRARY torch_cpu REQUIRED)
find_library(C10_LIBRARY c10 REQUIRED)
add_library(eb_torch INTERFACE)
target_include_directories(eb_torch SYSTEM INTERFACE "${TORCH_INCLUDE_DIR}/torch/csrc/api/include")
target_link_libraries(eb_torch INTERFACE "${TORCH_LIBRARY}" "${TORCH_CPU_LIBRARY}" "${C10_LIBRARY}")
