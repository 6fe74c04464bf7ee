// What glibc offers only under _GNU_SOURCE or as a macro, made visible to Swift.
#pragma once
#include <stdint.h>
#include <sys/types.h>
