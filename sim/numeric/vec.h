// SPDX-License-Identifier: GPL-3.0-or-later
// The vectors that kernels are written in: doubles, 64-bit and 32-bit integers, as wide as the instruction set that
// this translation unit is compiled for. Arithmetic, logic, shifts and compares are GNU vector expressions; here is
// what those cannot say, or what a compiler makes slow code of. Every function gives the same bits on every instruction
// set.
#ifndef WS_NUMERIC_VEC_H
#define WS_NUMERIC_VEC_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <immintrin.h>
#endif
#include <sleef.h>

// Doubles in a vector; what is compiled for every instruction set is called name_avx512, name_avx2 or name_baseline.
#ifdef __AVX512F__
enum { WIDTH = 8 };
#define PER_ISA(name) name##_avx512
#elif defined(__AVX2__)
enum { WIDTH = 4 };
#define PER_ISA(name) name##_avx2
#else
enum { WIDTH = 2 };
#define PER_ISA(name) name##_baseline
#endif

typedef double vd __attribute__((vector_size(8 * WIDTH), may_alias));
typedef int64_t vm __attribute__((vector_size(8 * WIDTH)));             // masks: what comparing doubles gives
typedef uint64_t vu __attribute__((vector_size(8 * WIDTH), may_alias)); // 64-bit lanes
typedef uint32_t vw __attribute__((vector_size(8 * WIDTH), may_alias)); // 32-bit words, 2 * WIDTH of them
typedef int32_t vi __attribute__((vector_size(8 * WIDTH)));             // the same with a sign

#define INLINE static inline __attribute__((always_inline))

INLINE vd load(const double *p) { return *(const vd *)p; }
INLINE void store(double *p, vd x) { *(vd *)p = x; }
INLINE vw load_words(const uint32_t *p) { return *(const vw *)p; }
INLINE void store_words(uint32_t *p, vw x) { *(vw *)p = x; }
INLINE void store_words_anywhere(uint32_t *p, vw x) {
    typedef uint32_t vw_any __attribute__((vector_size(8 * WIDTH), aligned(4), may_alias));
    *(vw_any *)p = x;
}
INLINE vd splat(double x) { return x - (vd){0}; }
INLINE vu splat_u(uint64_t x) { return x - (vu){0}; }
INLINE vw splat_w(uint32_t x) { return x - (vw){0}; }
// mask ? a : b
INLINE vd blend(vm mask, vd a, vd b) { return (vd)((mask & (vm)a) | (~mask & (vm)b)); }
INLINE vd magnitude(vd x) { return (vd)((vu)x & ~(vu)splat(-0.0)); }

// ---- lanes: intrinsics for x86, plain C elsewhere ----

#ifdef __AVX512F__
// The low halves' product.
INLINE vu multiply_low_halves(vu a, vu b) { return (vu)_mm512_mul_epu32((__m512i)a, (__m512i)b); }
INLINE vw smaller_words(vw a, vw b) { return (vw)_mm512_min_epu32((__m512i)a, (__m512i)b); }
// WIDTH words as signed numbers.
INLINE vd signed_words(const uint32_t *p) { return _mm512_cvtepi32_pd(*(const __m256i *)p); }
INLINE vd smaller(vd a, vd b) { return _mm512_min_pd(a, b); } // a < b ? a : b
INLINE vd larger(vd a, vd b) { return _mm512_max_pd(a, b); }  // a > b ? a : b
INLINE vd square_root(vd a) { return _mm512_sqrt_pd(a); }
INLINE int some(vm mask) { return _mm512_movepi64_mask((__m512i)mask); }         // bit of each lane
INLINE int equal(vd a, vd b) { return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ); }    // some(a == b)
INLINE int unequal(vd a, vd b) { return _mm512_cmp_pd_mask(a, b, _CMP_NEQ_UQ); } // some(a != b)
#elif defined(__AVX2__)
INLINE vu multiply_low_halves(vu a, vu b) { return (vu)_mm256_mul_epu32((__m256i)a, (__m256i)b); }
INLINE vw smaller_words(vw a, vw b) { return (vw)_mm256_min_epu32((__m256i)a, (__m256i)b); }
INLINE vd signed_words(const uint32_t *p) { return _mm256_cvtepi32_pd(*(const __m128i *)p); }
INLINE vd smaller(vd a, vd b) { return _mm256_min_pd(a, b); }
INLINE vd larger(vd a, vd b) { return _mm256_max_pd(a, b); }
INLINE vd square_root(vd a) { return _mm256_sqrt_pd(a); }
INLINE int some(vm mask) { return _mm256_movemask_pd((vd)mask); }
#elif defined(__SSE2__)
INLINE vu multiply_low_halves(vu a, vu b) { return (vu)_mm_mul_epu32((__m128i)a, (__m128i)b); }
INLINE vd signed_words(const uint32_t *p) { return _mm_cvtepi32_pd(_mm_loadl_epi64((const __m128i *)p)); }
INLINE vd smaller(vd a, vd b) { return _mm_min_pd(a, b); }
INLINE vd larger(vd a, vd b) { return _mm_max_pd(a, b); }
INLINE vd square_root(vd a) { return _mm_sqrt_pd(a); }
INLINE int some(vm mask) { return _mm_movemask_pd((vd)mask); }
#else
INLINE vu multiply_low_halves(vu a, vu b) { return (a & 0xffffffff) * (b & 0xffffffff); }
INLINE vd signed_words(const uint32_t *p) { return (vd){(int32_t)p[0], (int32_t)p[1]}; }
INLINE vd smaller(vd a, vd b) { return blend(a < b, a, b); }
INLINE vd larger(vd a, vd b) { return blend(a > b, a, b); }
INLINE vd square_root(vd a) { return (vd){__builtin_sqrt(a[0]), __builtin_sqrt(a[1])}; }
INLINE int some(vm mask) { return (int)(mask[0] & 1) | (int)(mask[1] & 2); }
#endif
#ifndef __AVX512F__
INLINE int equal(vd a, vd b) { return some(a == b); }
INLINE int unequal(vd a, vd b) { return some(a != b); }
#endif

// WIDTH words, half a vector.
typedef uint32_t vh __attribute__((vector_size(4 * WIDTH), may_alias));
INLINE vh load_half(const uint32_t *p) { return *(const vh *)p; }
INLINE void store_half(uint32_t *p, vh x) { *(vh *)p = x; }
INLINE vh half_mask(vm mask) { return __builtin_convertvector(mask, vh); }
INLINE vh truncated(vd x) { // towards 0, where it is below 2^31
    typedef int32_t vhi __attribute__((vector_size(4 * WIDTH)));
    return (vh) __builtin_convertvector(x, vhi);
}

// From 0 to 2^52, towards 0. Where there is no conversion, the compiler would take lane by lane; with 2^52 added, x
// rounded to an integer stands in the low bits.
INLINE vm truncated_long(vd x) {
#ifdef __AVX512F__
    return __builtin_convertvector(x, vm);
#else
    const vd big = splat(0x1p52), sum = x + big;
    return (vm)((vu)sum - (vu)big) + (vm)(sum - big > x);
#endif
}

// x < y ? a : b, of words, of which x and y are numbers with a sign.
INLINE vw blend_below(vw x, vw y, vw a, vw b) {
#ifdef __AVX512F__
    return (vw)_mm512_mask_mov_epi32((__m512i)b, _mm512_cmplt_epi32_mask((__m512i)x, (__m512i)y), (__m512i)a);
#elif defined(__AVX2__)
    return (vw)_mm256_blendv_epi8((__m256i)b, (__m256i)a, (__m256i)((vi)x < (vi)y));
#else
    vw mask = (vw)((vi)x < (vi)y);
    return (mask & a) | (~mask & b);
#endif
}

// Whether all of x are below y, of words that are numbers with a sign.
INLINE int all_below(vw x, vw y) {
#ifdef __AVX512F__
    return _mm512_cmpge_epi32_mask((__m512i)x, (__m512i)y) == 0;
#elif defined(__AVX2__)
    return _mm256_movemask_epi8((__m256i)((vi)x < (vi)y)) == -1;
#else
    vm below = (vm)((vi)x < (vi)y);
    return (below[0] & below[1]) == -1;
#endif
}

#if !defined(__AVX2__)
INLINE vw smaller_words(vw a, vw b) {
    vw mask = (vw)(a < b);
    return (mask & a) | (~mask & b);
}
#endif

// ---- bits ----

// By the same number of bits everywhere, below 32: by a vector's bits in one operation, by a scalar's in two.
#ifdef __AVX512F__
INLINE vw shifted_right(vw x, unsigned bits) { return (vw)_mm512_srlv_epi32((__m512i)x, (__m512i)splat_w(bits)); }
#elif defined(__AVX2__)
INLINE vw shifted_right(vw x, unsigned bits) { return (vw)_mm256_srlv_epi32((__m256i)x, (__m256i)splat_w(bits)); }
#else
INLINE vw shifted_right(vw x, unsigned bits) { return x >> bits; }
#endif

// (a & b) ^ c
#ifdef __AVX512F__
INLINE vu and_xor(vu a, vu b, vu c) { // into a, which is often needed no more
    return (vu)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0x6a);
}
#else
INLINE vu and_xor(vu a, vu b, vu c) { return (a & b) ^ c; }
#endif

// Words with their bits in the opposite order.
#ifdef __AVX512F__
INLINE vw reversed(vw x) { // the bits of each byte by a matrix over GF(2), then the bytes
    const __m512i matrix = _mm512_set1_epi64(0x8040201008040201),
                  bytes = _mm512_set4_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);
    return (vw)_mm512_shuffle_epi8(_mm512_gf2p8affine_epi64_epi8((__m512i)x, matrix, 0), bytes);
}
#elif defined(__AVX2__)
INLINE vw reversed(vw x) { // the bytes, then each half of a byte by a table of 16
    const __m256i table =
                      _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15)),
                  bytes =
                      _mm256_broadcastsi128_si256(_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
    vw y = (vw)_mm256_shuffle_epi8((__m256i)x, bytes);
    vw low = (vw)_mm256_shuffle_epi8(table, (__m256i)(y & 0x0f0f0f0f)),
       high = (vw)_mm256_shuffle_epi8(table, (__m256i)(y >> 4 & 0x0f0f0f0f));
    return low << 4 | high;
}
#else
INLINE vw reversed(vw x) {
    x = x >> 16 | x << 16;
    x = (x & 0x00ff00ff) << 8 | (x >> 8 & 0x00ff00ff);
    x = (x & 0x0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f);
    x = (x & 0x33333333) << 2 | (x >> 2 & 0x33333333);
    return (x & 0x55555555) << 1 | (x >> 1 & 0x55555555);
}
#endif

// ---- shuffles ----

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HIGH_WORD(lane) (2 * (lane) + 1)
#else
#define HIGH_WORD(lane) (2 * (lane))
#endif
#define LOW_WORD(lane) (HIGH_WORD(lane) ^ 1)
#ifdef __AVX512F__
#define EACH_WORD(WORD) \
    WORD(0), WORD(1), WORD(2), WORD(3), WORD(4), WORD(5), WORD(6), WORD(7), WORD(8), WORD(9), WORD(10), WORD(11), \
        WORD(12), WORD(13), WORD(14), WORD(15)
#elif defined(__AVX2__)
#define EACH_WORD(WORD) WORD(0), WORD(1), WORD(2), WORD(3), WORD(4), WORD(5), WORD(6), WORD(7)
#else
#define EACH_WORD(WORD) WORD(0), WORD(1), WORD(2), WORD(3)
#endif

// The high words (sign, exponent, 20 bits of mantissa) of the doubles in p, then in q; and the low ones.
INLINE vw high_words(vd p, vd q) { return __builtin_shufflevector((vw)p, (vw)q, EACH_WORD(HIGH_WORD)); }
INLINE vw low_words(vd p, vd q) { return __builtin_shufflevector((vw)p, (vw)q, EACH_WORD(LOW_WORD)); }

// Lane k of p, then of q, for the first half of all k; and for the last.
#ifdef __AVX512F__
INLINE vm first_pairs(vm p, vm q) { return __builtin_shufflevector(p, q, 0, 8, 1, 9, 2, 10, 3, 11); }
INLINE vm last_pairs(vm p, vm q) { return __builtin_shufflevector(p, q, 4, 12, 5, 13, 6, 14, 7, 15); }
#elif defined(__AVX2__)
INLINE vm first_pairs(vm p, vm q) { return __builtin_shufflevector(p, q, 0, 4, 1, 5); }
INLINE vm last_pairs(vm p, vm q) { return __builtin_shufflevector(p, q, 2, 6, 3, 7); }
#else
INLINE vm first_pairs(vm p, vm q) { return __builtin_shufflevector(p, q, 0, 2); }
INLINE vm last_pairs(vm p, vm q) { return __builtin_shufflevector(p, q, 1, 3); }
#endif

struct cubics { // one coefficient of WIDTH cubics each
    vd c0, c1, c2, c3;
};

// Rows of 4 doubles at byte offsets, fetched whole and transposed.
INLINE struct cubics load_rows(const void *rows, const uint32_t *offset) {
#define ROW(i) (const double *)((const char *)rows + offset[i])
#ifdef __AVX512F__
    // Two rows beside each other, so that the shuffles are those of AVX2 in either half but for the last.
#define TWO(i, j) \
    (vd) _mm512_mask_broadcast_f64x4(_mm512_castpd256_pd512(*(const __m256d *)ROW(i)), 0xf0, *(const __m256d *)ROW(j))
    vd r02 = TWO(0, 2), r13 = TWO(1, 3), r46 = TWO(4, 6), r57 = TWO(5, 7);
    vd even03 = __builtin_shufflevector(r02, r13, 0, 8, 2, 10, 4, 12, 6, 14),
       odd03 = __builtin_shufflevector(r02, r13, 1, 9, 3, 11, 5, 13, 7, 15),
       even47 = __builtin_shufflevector(r46, r57, 0, 8, 2, 10, 4, 12, 6, 14),
       odd47 = __builtin_shufflevector(r46, r57, 1, 9, 3, 11, 5, 13, 7, 15);
    return (struct cubics){__builtin_shufflevector(even03, even47, 0, 1, 4, 5, 8, 9, 12, 13),
                           __builtin_shufflevector(odd03, odd47, 0, 1, 4, 5, 8, 9, 12, 13),
                           __builtin_shufflevector(even03, even47, 2, 3, 6, 7, 10, 11, 14, 15),
                           __builtin_shufflevector(odd03, odd47, 2, 3, 6, 7, 10, 11, 14, 15)};
#undef TWO
#elif defined(__AVX2__)
    vd r0 = load(ROW(0)), r1 = load(ROW(1)), r2 = load(ROW(2)), r3 = load(ROW(3));
    vd even01 = __builtin_shufflevector(r0, r1, 0, 4, 2, 6), odd01 = __builtin_shufflevector(r0, r1, 1, 5, 3, 7);
    vd even23 = __builtin_shufflevector(r2, r3, 0, 4, 2, 6), odd23 = __builtin_shufflevector(r2, r3, 1, 5, 3, 7);
    return (struct cubics){
        __builtin_shufflevector(even01, even23, 0, 1, 4, 5), __builtin_shufflevector(odd01, odd23, 0, 1, 4, 5),
        __builtin_shufflevector(even01, even23, 2, 3, 6, 7), __builtin_shufflevector(odd01, odd23, 2, 3, 6, 7)};
#else
    const double *r0 = ROW(0), *r1 = ROW(1);
    vd low0 = load(r0), high0 = load(r0 + 2), low1 = load(r1), high1 = load(r1 + 2);
    return (struct cubics){__builtin_shufflevector(low0, low1, 0, 2), __builtin_shufflevector(low0, low1, 1, 3),
                           __builtin_shufflevector(high0, high1, 0, 2), __builtin_shufflevector(high0, high1, 1, 3)};
#endif
#undef ROW
}

// Stores at p the lanes whose bits are set, one after the other, and something up to p + WIDTH; returns how many.
INLINE size_t store_some(double *p, vd x, int bits) {
#ifdef __AVX512F__
    _mm512_storeu_pd(p, _mm512_maskz_compress_pd((__mmask8)bits, x));
#elif defined(__AVX2__)
    // For each set of lanes their halves' numbers, in order.
#define HALVES(a, b, c, d) \
    { 2 * a, 2 * a + 1, 2 * b, 2 * b + 1, 2 * c, 2 * c + 1, 2 * d, 2 * d + 1 }
    static const int32_t order[16][8]
        __attribute__((aligned(32))) = {HALVES(0, 0, 0, 0), HALVES(0, 0, 0, 0), HALVES(1, 0, 0, 0), HALVES(0, 1, 0, 0),
                                        HALVES(2, 0, 0, 0), HALVES(0, 2, 0, 0), HALVES(1, 2, 0, 0), HALVES(0, 1, 2, 0),
                                        HALVES(3, 0, 0, 0), HALVES(0, 3, 0, 0), HALVES(1, 3, 0, 0), HALVES(0, 1, 3, 0),
                                        HALVES(2, 3, 0, 0), HALVES(0, 2, 3, 0), HALVES(1, 2, 3, 0), HALVES(0, 1, 2, 3)};
#undef HALVES
    __m256i halves = _mm256_permutevar8x32_epi32((__m256i)x, *(const __m256i *)order[bits]);
    _mm256_storeu_pd(p, (__m256d)halves);
#else
    p[0] = x[0];
    p[bits & 1] = x[1];
#endif
    return (size_t)__builtin_popcount((unsigned)bits);
}

// Stores at p the numbers first + k of the bits k that are set, in order, and something up to p + 64; returns how many.
INLINE size_t store_numbers(uint16_t *p, uint64_t bits, uint16_t first) {
    const size_t n = (size_t)__builtin_popcountll(bits);
#ifdef __AVX512F__
    const __m512i all = _mm512_add_epi16(
        _mm512_cvtepu8_epi16(_mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
                                              21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31)),
        _mm512_set1_epi16((short)first));
    const size_t half = (size_t)__builtin_popcount((uint32_t)bits);
    _mm512_storeu_si512(p, _mm512_maskz_compress_epi16((__mmask32)bits, all));
    _mm512_storeu_si512(
        p + half, _mm512_maskz_compress_epi16((__mmask32)(bits >> 32), _mm512_add_epi16(all, _mm512_set1_epi16(32))));
#elif defined(__BMI__)
    // Eight whether they are there or not: nothing foretells how many are. (Langdale & Lemire 2019, "Parsing gigabytes
    // of JSON per second")
    for (; bits; p += 8)
#pragma GCC unroll 8
        for (int k = 0; k < 8; k++, bits = _blsr_u64(bits))
            p[k] = (uint16_t)(first + _tzcnt_u64(bits));
#else
    for (; bits; bits &= bits - 1)
        *p++ = (uint16_t)(first + __builtin_ctzll(bits));
#endif
    return n;
}

// Bits of 2 WIDTH draws, those of the first half in the low bits, MARKED of them in a byte; and of 64 draws.
enum { MARKED = WIDTH < 4 ? 2 * WIDTH : 8 };
INLINE void store_bits(uint8_t *p, int first, int last) {
#ifdef __AVX512F__
    p[0] = (uint8_t)first;
    p[1] = (uint8_t)last;
#else
    p[0] = (uint8_t)(first | last << WIDTH);
#endif
}
INLINE uint64_t bits_of(const uint8_t *p) {
    uint64_t bits = 0;
#if defined(__AVX2__)
    memcpy(&bits, p, sizeof bits);
#else
    for (unsigned k = 0; k < 64 / MARKED; k++)
        bits |= (uint64_t)p[k] << (k * MARKED);
#endif
    return bits;
}

// 2 WIDTH numbers of 16 bits.
INLINE vw load_numbers(const uint16_t *p) {
    typedef uint16_t vn __attribute__((vector_size(4 * WIDTH), aligned(2), may_alias));
    return __builtin_convertvector(*(const vn *)p, vw);
}

// The words with these 2 WIDTH numbers.
INLINE void store_words_at(uint32_t *p, const uint32_t *words, const uint16_t *number) {
#ifdef __AVX512F__
    store_words_anywhere(p, (vw)_mm512_i32gather_epi32((__m512i)load_numbers(number), words, 4));
#else
    for (int k = 0; k < 2 * WIDTH; k++)
        p[k] = words[number[k]];
#endif
}

// ---- functions ----

// Rounds to an integer, to nearest even; adding and taking 2^52 away is exact for |x| < 2^52, and beyond x is one.
INLINE vd nearest_integer(vd x) {
    vd big = splat(0x1p52), r = (magnitude(x) + big) - big;
    r = (vd)((vu)r | ((vu)x & (vu)splat(-0.0)));
    return blend(magnitude(x) < big, r, x);
}
INLINE vd with_sign_of(vd x, vd y) { return (vd)((vu)magnitude(x) | ((vu)y & (vu)splat(-0.0))); }
INLINE vd floor_of(vd x) {
    vd r = nearest_integer(x);
    return with_sign_of(r - (vd)((r > x) & (vm)splat(1)), x);
}
INLINE vd ceil_of(vd x) {
    vd r = nearest_integer(x);
    return with_sign_of(r + (vd)((r < x) & (vm)splat(1)), x);
}

// SLEEF's functions without fused multiply-add: the same bits at every width (tests/unit/test_kernels.c).
#ifdef __AVX512F__
#define SLEEF_1(name, x) Sleef_cinz_##name##d8_u10avx512fnofma(x)
#define SLEEF_2(name, x, y) Sleef_cinz_##name##d8_u10avx512fnofma(x, y)
#elif defined(__AVX2__)
#define SLEEF_1(name, x) Sleef_cinz_##name##d4_u10avx(x)
#define SLEEF_2(name, x, y) Sleef_cinz_##name##d4_u10avx(x, y)
#elif defined(__SSE2__)
#define SLEEF_1(name, x) Sleef_cinz_##name##d2_u10sse2(x)
#define SLEEF_2(name, x, y) Sleef_cinz_##name##d2_u10sse2(x, y)
#else
#define SLEEF_1(name, x) ((vd){Sleef_cinz_##name##d1_u10purec((x)[0]), Sleef_cinz_##name##d1_u10purec((x)[1])})
#define SLEEF_2(name, x, y) \
    ((vd){Sleef_cinz_##name##d1_u10purec((x)[0], (y)[0]), Sleef_cinz_##name##d1_u10purec((x)[1], (y)[1])})
#endif

#endif
