#include "cli/sample_view.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "cli/text_width.h"
#include "common/value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entrobench::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

void AddTokens(v1::Branch* branch, const std::vector<std::pair<std::string, float>>& tokens) {
  for (const auto& [text, entropy] : tokens) {
    branch->mutable_tokens()->add_text(text);
    branch->mutable_tokens()->add_entropy(entropy);
    branch->set_text(branch->text() + text);
  }
}

v1::GetSampleReply Sample() {
  v1::GetSampleReply reply;
  v1::Trial* trial = reply.mutable_trial()->mutable_trial();
  trial->set_id(345);
  trial->set_seed(2);
  trial->mutable_method()->set_id("top-h");
  trial->mutable_method()->set_version("1");
  (*trial->mutable_method()->mutable_params())["alpha"] = RealValue(0.4);
  trial->mutable_model()->set_name("tiny-reasoner");
  trial->mutable_model()->set_digest(std::string(64, 'a'));
  trial->mutable_suite()->set_id("arith");
  trial->mutable_suite()->set_digest(std::string(64, 'b'));
  v1::SampleResult* sample = reply.mutable_sample();
  sample->set_sample_id(17);
  sample->set_answer("41");
  sample->set_mean_entropy(0.4125);
  sample->set_mean_logprob(-0.25);
  sample->set_generated_tokens(7);
  sample->set_prompt_tokens(40);
  sample->set_seconds(0.5);
  sample->set_group("2 steps");
  v1::SamplePayload* payload = sample->mutable_payload();
  payload->set_question("Tom has 40 pens and buys 2 more. How many has he?");
  payload->set_gold("42");
  v1::Branch* root = payload->add_branches();
  root->set_parent(-1);
  root->set_answer("41");
  root->set_finish("stop");
  AddTokens(root, {{"He", 0.05f},
                   {" has", 0.2f},
                   {" 4", 1.5f},
                   {"1", 3.5f},
                   {".", 0.0f},
                   {"\n", 0.7f},
                   {"####", 0.01f}});
  reply.mutable_provenance()->set_worker("local-1");
  reply.mutable_provenance()->set_host("box");
  reply.mutable_provenance()->set_build("0.1.0+abc");
  reply.mutable_provenance()->set_recorded_at("2026-01-02T03:04:05Z");
  reply.mutable_provenance()->set_job_id(9);
  reply.mutable_provenance()->set_epoch(1);
  return reply;
}

Terminal Plain(int width) {
  Terminal terminal;
  terminal.width = width;
  return terminal;
}

TEST(EntropyLevel, HasFiveThresholds) {
  EXPECT_EQ(EntropyLevel(0), 0);
  EXPECT_EQ(EntropyLevel(0.0999), 0);
  EXPECT_EQ(EntropyLevel(0.1), 1);
  EXPECT_EQ(EntropyLevel(0.5), 2);
  EXPECT_EQ(EntropyLevel(1), 3);
  EXPECT_EQ(EntropyLevel(2), 4);
  EXPECT_EQ(EntropyLevel(3), 5);
  EXPECT_EQ(EntropyLevel(11), kEntropyLevels - 1);
}

TEST(FormatSample, TellsEverythingInPlainText) {
  EXPECT_EQ(FormatSample(Sample(), Plain(80)),
            R"(Sample 17 of t345  x wrong
  method     top-h alpha=0.4
  model      tiny-reasoner
  suite      arith, 2 steps

Question
  Tom has 40 pens and buys 2 more. How many has he?

Answer
  expected   42
  given      41
  entropy    0.412 nats a token
  logprob    -0.250 nats a token
  tokens     7 generated after a prompt of 40
  compute    0.5 s

What the model said
  {token:N} marks entropy, nats: 1: 0.1-0.5  2: 0.5-1  3: 1-2  4: 2-3  5: 3+
  branch 0 - 7 tokens - stop - answer 41
    He {has:1} {4:3}{1:5}.{\n:2}
    ####

Where this comes from
  method     top-h version 1
  model      tiny-reasoner aaaaaaaaaaaa
  suite      arith bbbbbbbbbbbb
  seed       2
  worker     local-1 on box
  build      0.1.0+abc
  recorded   2026-01-02T03:04:05Z
  job        9, attempt 1
)");
}

TEST(FormatSample, ShadesTokensWithColors) {
  Terminal terminal = Plain(80);
  terminal.colors = true;
  terminal.unicode = true;
  const std::string page = FormatSample(Sample(), terminal);
  EXPECT_THAT(page, HasSubstr("He\x1b[38;5;16;48;5;230m has\x1b[0m"));
  EXPECT_THAT(page, HasSubstr("\x1b[38;5;16;48;5;221m 4\x1b[0m\x1b[38;5;16;48;5;196m1\x1b[0m."));
  EXPECT_THAT(page, HasSubstr("\x1b[38;5;16;48;5;228m⏎\x1b[0m\n"));
  EXPECT_THAT(page, Not(HasSubstr("{has:1}")));
}

TEST(FormatSample, DrawsForksAsATreeWithoutTheSharedTokens) {
  v1::GetSampleReply reply = Sample();
  v1::SamplePayload* payload = reply.mutable_sample()->mutable_payload();
  for (const uint32_t index : {1u, 2u}) {
    v1::Branch* fork = payload->add_branches();
    fork->set_index(index);
    fork->set_parent(0);
    fork->set_forked_at(2);
    fork->set_finish("length");
    AddTokens(fork, {{"He", 0.05f}, {" has", 0.2f}, {" 42", 1.5f}});
  }
  v1::Branch* leaf = payload->add_branches();
  leaf->set_index(3);
  leaf->set_parent(1);
  leaf->set_forked_at(1);
  AddTokens(leaf, {{"He", 0.0f}, {" owns", 0.0f}});
  EXPECT_THAT(FormatSample(reply, Plain(0)), HasSubstr(R"(
  branch 0 - 7 tokens - stop - answer 41
  |   He {has:1} {4:3}{1:5}.{\n:2}
  |   ####
  |-- branch 1 - from token 2 - 3 tokens - length - no answer
  |   |   ... {42:3}
  |   `-- branch 3 - from token 1 - 2 tokens - no answer
  |         ... owns
  `-- branch 2 - from token 2 - 3 tokens - length - no answer
        ... {42:3}
)"));
}

TEST(FormatSample, ShowsABranchWhoseParentIsMissingAndNeverLoops) {
  v1::GetSampleReply reply = Sample();
  v1::SamplePayload* payload = reply.mutable_sample()->mutable_payload();
  payload->mutable_branches(0)->set_parent(5);  // not there
  v1::Branch* own_parent = payload->add_branches();
  own_parent->set_index(1);
  own_parent->set_parent(1);
  EXPECT_THAT(FormatSample(reply, Plain(80)), HasSubstr("branch 0 - from token 0"));
}

TEST(FormatSample, WrapsWithinTheWidth) {
  v1::GetSampleReply reply = Sample();
  v1::Branch* branch = reply.mutable_sample()->mutable_payload()->mutable_branches(0);
  for (int i = 0; i < 200; ++i) AddTokens(branch, {{i % 3 == 0 ? " word" : "算", 0.02f}});
  for (const int width : {80, 100, 120}) {
    for (const absl::string_view line : absl::StrSplit(FormatSample(reply, Plain(width)), '\n')) {
      EXPECT_LE(DisplayWidth(line), width) << line;
    }
  }
}

TEST(FormatSample, DisarmsWhatTheModelWrote) {
  v1::GetSampleReply reply = Sample();
  AddTokens(reply.mutable_sample()->mutable_payload()->mutable_branches(0), {{"\x1b[2J", 0.0f}});
  reply.mutable_sample()->set_answer("\x1b]0;title\x07");
  EXPECT_THAT(FormatSample(reply, Plain(80)), Not(HasSubstr("\x1b")));
}

TEST(FormatSample, SaysWhenTextsWereNotKept) {
  v1::GetSampleReply reply = Sample();
  reply.mutable_sample()->clear_payload();
  EXPECT_THAT(FormatSample(reply, Plain(80)), HasSubstr("Not kept: the sweep keeps numbers only."));
}

}  // namespace
}  // namespace entrobench::cli
