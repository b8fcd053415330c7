#include "cli/who.h"

#include <pwd.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace entrobench::cli {

std::string WhoAmI(const Context& context) {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  std::string user = context.environment("USER");
  if (const passwd* account = getpwuid(geteuid()); user.empty() && account != nullptr) {
    user = account->pw_name;
  }
  return absl::StrCat(user, "@", host);
}

}  // namespace entrobench::cli
