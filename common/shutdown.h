// Orderly ends. SIGINT and SIGTERM become a file descriptor that a main loop can wait on; SIGPIPE
// is ignored.
#pragma once

namespace entrobench {

// Call once in main, before any thread starts (threads inherit the signal mask).
void BlockShutdownSignals();

// Blocks until SIGINT or SIGTERM came; returns which.
int WaitForShutdownSignal();

// A descriptor that becomes readable with the signal (signalfd), for loops that wait on more than
// that.
int ShutdownDescriptor();

}  // namespace entrobench
