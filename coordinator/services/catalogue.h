// What a sweep may name now: the union of what evaluators described and what people registered.
#pragma once

#include <vector>

#include "coordinator/store/records.h"
#include "coordinator/sweep/sweep_parser.h"

namespace entrobench {

// Of every method the highest version; of every suite the registered form (with data) where there
// is one of the described version or the suite is a user's own, else the described form. Sorted by
// id.
SweepCatalog CurrentCatalog(const Catalogue& catalogue);

}  // namespace entrobench
