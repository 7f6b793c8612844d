// SPDX-License-Identifier: GPL-3.0-or-later
// Philox4x32-10: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3",
// SC11 (2011).
#ifndef WS_NUMERIC_PHILOX_H
#define WS_NUMERIC_PHILOX_H

#define PHILOX_M0 0xD2511F53u // multipliers
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u // what the key grows by: golden ratio and sqrt(3) - 1
#define PHILOX_W1 0xBB67AE85u
enum { PHILOX_ROUNDS = 10 };

#endif
