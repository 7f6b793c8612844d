// SPDX-License-Identifier: GPL-3.0-or-later
// Nested uniform scrambling (Owen 1995) of bit-reversed numbers by a hash in which every bit depends on the less
// significant ones alone: Laine & Karras 2011, "Stratified sampling for stochastic transparency", with Vegdahl's
// constants. One text for single words and for vectors of them.
#ifndef WS_NUMERIC_OWEN_H
#define WS_NUMERIC_OWEN_H

#define OWEN_HASH(x, seed) \
    (x) ^= (x)*0x3d20adeau; \
    (x) += (seed); \
    (x) *= (seed) >> 16 | 1; \
    (x) ^= (x)*0x05526c56u; \
    (x) ^= (x)*0x53a22864u;

#endif
