// Which BLAS this process computes with: torch is twenty times slower on the reference one.
#pragma once

#include <string>

namespace entrobench {

// "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH Haswell, 2 threads", "reference BLAS
// (/usr/lib/.../libblas.so.3): slow, install libopenblas0-pthread", or "none" when no library of
// this process brought one.
std::string DescribeBlas();

}  // namespace entrobench
