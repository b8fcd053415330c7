#include "cli/terminal.h"

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include <map>

#include "gtest/gtest.h"

namespace entrobench::cli {
namespace {

Environment Variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  };
}

// A pseudo-terminal of a given width.
class Pty {
 public:
  explicit Pty(unsigned short columns) {
    winsize size{};
    size.ws_col = columns;
    size.ws_row = 24;
    EXPECT_EQ(openpty(&master_, &slave_, nullptr, nullptr, &size), 0);
  }
  ~Pty() {
    close(master_);
    close(slave_);
  }
  int fd() const { return slave_; }

 private:
  int master_ = -1;
  int slave_ = -1;
};

TEST(DetectTerminal, UsesColorsAndWidthOfATerminal) {
  const Pty pty(97);
  const Terminal terminal =
      DetectTerminal(pty.fd(), Variables({{"TERM", "xterm-256color"}, {"LANG", "en_US.UTF-8"}}));
  EXPECT_TRUE(terminal.interactive);
  EXPECT_TRUE(terminal.colors);
  EXPECT_TRUE(terminal.unicode);
  EXPECT_EQ(terminal.width, 97);
  EXPECT_EQ(terminal.Paint(Style::kGood, "done"), "\x1b[32mdone\x1b[0m");
}

TEST(DetectTerminal, HonoursNoColor) {
  const Pty pty(80);
  const Terminal terminal =
      DetectTerminal(pty.fd(), Variables({{"TERM", "xterm"}, {"NO_COLOR", "1"}}));
  EXPECT_TRUE(terminal.interactive);
  EXPECT_FALSE(terminal.colors);
  EXPECT_EQ(terminal.Paint(Style::kGood, "done"), "done");
}

TEST(DetectTerminal, TreatsADumbTerminalAsPlain) {
  const Pty pty(80);
  const Terminal terminal = DetectTerminal(pty.fd(), Variables({{"TERM", "dumb"}}));
  EXPECT_FALSE(terminal.interactive);
  EXPECT_FALSE(terminal.colors);
}

TEST(DetectTerminal, LimitsNothingOffATerminal) {
  const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
  const Terminal terminal = DetectTerminal(fd, Variables({{"TERM", "xterm-256color"}}));
  close(fd);
  EXPECT_FALSE(terminal.interactive);
  EXPECT_FALSE(terminal.colors);
  EXPECT_EQ(terminal.width, 0);
}

TEST(DetectTerminal, TakesUnicodeFromTheFirstLocaleVariableThatIsSet) {
  const auto unicode = [](std::map<std::string, std::string> values) {
    return DetectTerminal(-1, Variables(std::move(values))).unicode;
  };
  EXPECT_TRUE(unicode({{"LANG", "C.UTF-8"}}));
  EXPECT_FALSE(unicode({{"LANG", "C.UTF-8"}, {"LC_ALL", "C"}}));
  EXPECT_TRUE(unicode({{"LC_CTYPE", "de_DE.utf8"}, {"LANG", "C"}}));
  EXPECT_FALSE(unicode({}));
}

}  // namespace
}  // namespace entrobench::cli
