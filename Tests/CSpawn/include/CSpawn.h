// Starting a program with exactly the descriptors, signals and directory that it is meant to have.
#pragma once
#include <sys/types.h>

/// Starts `program`, found on this process's PATH, in a new session with default signals, the three descriptors and no
/// other. `directory` may be null. Returns 0 and the process number, or an errno value.
int posthouse_spawn(
    pid_t *process, const char *program, char *const arguments[], char *const environment[], int input, int output,
    int errors, const char *directory);
