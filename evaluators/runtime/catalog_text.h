// The catalogue as people read it: in a terminal and as docs/methods.md.
#pragma once

#include <string>

#include "entrobench/v1/catalog.pb.h"

namespace entrobench {

// One line a method and a suite, sorted by family and id.
std::string CatalogAsText(const v1::Catalog& catalog);

// The whole of docs/methods.md: every method with title, paper, equation, parameters, needs and
// cost, then every suite with its options; sorted by family and id, so that the same catalogue
// gives the same bytes. The build is left out for the same reason.
std::string CatalogAsMarkdown(const v1::Catalog& catalog);

// protobuf's JSON mapping of the Catalog, field names as in the .proto files.
std::string CatalogAsJson(const v1::Catalog& catalog);

}  // namespace entrobench
