// SPDX-License-Identifier: Apache-2.0
// The first process of a pod's sandbox: holds its namespaces open, reaps orphans, ends when told.
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

int main(void)
{
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGINT);
  sigaddset(&awaited, SIGTERM);
  // Blocked and waited for, not handled: process 1 of a namespace ignores what has no handler.
  if (sigprocmask(SIG_BLOCK, &awaited, NULL) != 0) return 1;
  for (;;) {
    int number = 0;
    if (sigwait(&awaited, &number) != 0) return 1;
    if (number != SIGCHLD) return 0;
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
  }
}
