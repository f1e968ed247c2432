/* What the test programs share: they end with 1 and say where when something is not as it must be. C and C++. */
#ifndef CHECK_H
#define CHECK_H

#include "logos_p2p.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHECK(condition)                                                                                            \
    do {                                                                                                            \
        if (!(condition)) {                                                                                         \
            fprintf(stderr, "%s:%d: not so: %s (%s)\n", __FILE__, __LINE__, #condition, logos_p2p_last_error());    \
            _Exit(1);                                                                                               \
        }                                                                                                           \
    } while (0)

/* Only a failing test ever waits this long; under valgrind everything takes fifty times as long. */
#define PATIENCE_SECONDS 120

/* Looks again and again whether something is so. */
#define EVENTUALLY(condition)                                                                                       \
    do {                                                                                                            \
        time_t give_up = time(NULL) + PATIENCE_SECONDS;                                                             \
        while (!(condition)) {                                                                                      \
            struct timespec pause = { 0, 1000000 };                                                                 \
            nanosleep(&pause, NULL);                                                                                \
            CHECK(time(NULL) < give_up || !#condition);                                                             \
        }                                                                                                           \
    } while (0)

#endif
