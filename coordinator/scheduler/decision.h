// What the scheduler answers to an event: things for its caller to do, in this order.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace entrobench {

using SweepId = uint64_t;
using TrialId = uint64_t;
using JobId = uint64_t;

enum class EndState { kDone, kFailed, kCancelled };

// Start this attempt. The caller commits the epoch to the store first, asks IsLive() again, and
// only then sends StartAttempt. The attempt is live from the moment of the decision.
struct Lease {
  std::string worker = {};
  JobId job = 0;
  uint32_t epoch = 0;
  TrialId trial = 0;
  uint64_t begin = 0;  // samples [begin, end)
  uint64_t end = 0;
  uint64_t gpus = 0;    // bit i: the worker's GPU i is this attempt's
  bool backup = false;  // a second attempt beside one that takes long
};

// This attempt is not live any more and nobody said so: its lease ran out, its worker came back
// without it, its sweep was cancelled, or its twin was first. Tell the worker, where it is
// connected.
struct Revoke {
  std::string worker = {};
  JobId job = 0;
  uint32_t epoch = 0;
  std::string reason = {};  // for people
};

// A job has ended; the scheduler has forgotten it. Every job that was added gets exactly one of
// these, except the jobs of a cancelled sweep: there the SweepEnded speaks for all that is open.
struct JobEnded {
  JobId job = 0;
  TrialId trial = 0;
  EndState state = EndState::kDone;
  // When failed, why it is not tried again: "failed on 3 attempts". The attempts' own errors are
  // with the caller, who wrote each down before it reported it here.
  std::string reason = {};
};

// The last open job of the trial has ended: kFailed when any of them failed, kCancelled when its
// sweep was cancelled while some were open. Comes again when jobs of it are added for a retry and
// end. Does not come for a trial without jobs.
struct TrialEnded {
  TrialId trial = 0;
  SweepId sweep = 0;
  EndState state = EndState::kDone;
};

// The sweep and its trials are forgotten. kFailed: at least one of its jobs failed since AddSweep
// or ForgetFailures; of jobs that failed before a restart only the store knows.
struct SweepEnded {
  SweepId sweep = 0;
  EndState state = EndState::kDone;
};

using Decision = std::variant<Lease, Revoke, JobEnded, TrialEnded, SweepEnded>;
using Decisions = std::vector<Decision>;

}  // namespace entrobench
