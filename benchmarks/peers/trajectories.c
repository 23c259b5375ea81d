/* The workloads by hand: vectors of eight lanes, the state of a chunk of lanes in registers or in
 * the first-level cache, everything that a workload does not use left out.
 *
 * Built with gcc -O3 -march=native -ffast-math. Intrinsics where the machine has AVX-512; elsewhere
 * the same code on GCC's generic vectors. STREAM says which generator a build has: PHILOX, the
 * laboratory's draws number by number, or XOSHIRO, the cheapest published one that a program would
 * take which need not find a lane's draw of a step again.
 *
 * Sources: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011;
 * Blackman, Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021),
 * xoshiro256+; Box & Muller 1958. Polynomials: FreeBSD msun, k_sin.c and k_cos.c; Taylor's series.
 */

#define _GNU_SOURCE
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PHILOX 0
#define XOSHIRO 1
#ifndef STREAM
#define STREAM PHILOX
#endif

#define WIDTH 8
typedef double V __attribute__((vector_size(8 * WIDTH), aligned(8)));
typedef long long I __attribute__((vector_size(8 * WIDTH), aligned(8)));
typedef unsigned long long N __attribute__((vector_size(8 * WIDTH), aligned(8)));
#define INLINE static inline __attribute__((always_inline))

#ifdef __AVX512F__
#include <immintrin.h>
typedef __mmask8 M;
INLINE M less(V a, V b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LT_OQ); }
INLINE V pick(M m, V a, V b) { return (V)_mm512_mask_blend_pd(m, (__m512d)b, (__m512d)a); }
INLINE M both(M a, M b) { return a & b; }
INLINE M not(M a) { return ~a; }
INLINE int any(M a) { return a != 0; }
INLINE N product(N a, N b) { return (N)_mm512_mul_epu32((__m512i)a, (__m512i)b); }
INLINE N xor3(N a, N b, N c) {
  return (N)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0x96);
}
INLINE V as_float(N n) { return (V)_mm512_cvtepu64_pd((__m512i)n); }
INLINE V rounded(V v) { return (V)_mm512_roundscale_pd((__m512d)v, 8); }
INLINE V larger(V a, V b) { return (V)_mm512_max_pd((__m512d)a, (__m512d)b); }
INLINE V smaller(V a, V b) { return (V)_mm512_min_pd((__m512d)a, (__m512d)b); }
INLINE V power2(V v, V k) { return (V)_mm512_scalef_pd((__m512d)v, (__m512d)k); }
/* Results go past the caches; their rows begin on cache lines. */
INLINE void store(double *p, V v) { _mm512_stream_pd(p, (__m512d)v); }
/* 14 bits from the table, doubled twice: cheaper than the divider and the root. */
INLINE V inverse(V a) {
  V y = (V)_mm512_rcp14_pd((__m512d)a);
  y = y + y * (1.0 - a * y);
  return y + y * (1.0 - a * y);
}
INLINE V inverse_root(V a) {
  V y = (V)_mm512_rsqrt14_pd((__m512d)a);
  y = y + 0.5 * y * (1.0 - a * y * y);
  return y + 0.5 * y * (1.0 - a * y * y);
}
#else
typedef I M;
INLINE M less(V a, V b) { return a < b; }
INLINE V pick(M m, V a, V b) { return (V)((m & (I)a) | (~m & (I)b)); }
INLINE M both(M a, M b) { return a & b; }
INLINE M not(M a) { return ~a; }
INLINE int any(M a) {
  long long found = 0;
  for (int i = 0; i < WIDTH; i++) found |= a[i];
  return found != 0;
}
INLINE N product(N a, N b) { return (a & 0xffffffffULL) * (b & 0xffffffffULL); }
INLINE N xor3(N a, N b, N c) { return a ^ b ^ c; }
INLINE V as_float(N n) { return (V)(n | 0x4330000000000000ULL) - 4503599627370496.0; }
INLINE V larger(V a, V b) { return pick(less(a, b), b, a); }
INLINE V smaller(V a, V b) { return pick(less(b, a), b, a); }
INLINE void store(double *p, V v) { *(V *)p = v; }
INLINE V rounded(V v) {
  V out;
  for (int i = 0; i < WIDTH; i++) out[i] = __builtin_rint(v[i]);
  return out;
}
INLINE V power2(V v, V k) {
  I n;
  for (int i = 0; i < WIDTH; i++) n[i] = (long long)k[i];
  return v * (V)((n + 1023) << 52);
}
INLINE V inverse(V a) { return 1.0 / a; }
INLINE V inverse_root(V a) {
  V out;
  for (int i = 0; i < WIDTH; i++) out[i] = 1.0 / __builtin_sqrt(a[i]);
  return out;
}
#endif

INLINE V all(double x) { return x - (V){}; }
INLINE N whole(uint64_t n) { return n - (N){}; }
INLINE V load(const double *p) { return *(const V *)p; }
/* 0 where a is 0. */
INLINE V root(V a) { return pick(less(all(0.0), a), a * inverse_root(larger(a, all(1e-300))), a); }

/* ---- elementary functions --------------------------------------------------------------------- */

/* Sine and cosine of r, |r| <= pi/4. */
INLINE V sine_of(V r) {
  V z = r * r, p = 1.58969099521155010221e-10 - (V){};
  p = p * z - 2.50507602534068634195e-08;
  p = p * z + 2.75573137070700676789e-06;
  p = p * z - 1.98412698298579493134e-04;
  p = p * z + 8.33333333332248946124e-03;
  p = p * z - 1.66666666666666324348e-01;
  return r + r * z * p;
}
INLINE V cosine_of(V r) {
  V z = r * r, p = -1.13596475577881948265e-11 - (V){};
  p = p * z + 2.08757232129817482790e-09;
  p = p * z - 2.75573143513906633035e-07;
  p = p * z + 2.48015872894767294178e-05;
  p = p * z - 1.38888888888741095749e-03;
  p = p * z + 4.16666666666666019037e-02;
  return 1.0 - z * (0.5 - z * p);
}

/* Sine and cosine of 2 pi v: quarter turns from the rounded 4 v. */
INLINE void turn(V v, V *sine, V *cosine) {
  V q = rounded(4.0 * v), r = (v - 0.25 * q) * 6.28318530717958647692;
  V s = sine_of(r), c = cosine_of(r);
  N n = (N)(q + 6755399441055744.0);
  N odd = (n & 1) << 63, second = (n & 2) << 62;
#ifdef __AVX512F__
  M swap = _mm512_movepi64_mask((__m512i)odd);
#else
  M swap = (I)odd >> 63;
#endif
  *sine = (V)((N)pick(swap, c, s) ^ second);
  *cosine = (V)((N)pick(swap, s, c) ^ second ^ odd);
}

/* -2 ln((a + 1/2) / 2^32) for a < 2^32: above 0, and below 1.7e-10 for no a. */
INLINE V minus_two_log(N a) {
  V u = as_float(a) + 0.5;
#ifdef __AVX512F__
  V k = (V)_mm512_getexp_pd((__m512d)u);
  V m = (V)_mm512_getmant_pd((__m512d)u, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero);
  k = pick(less(m, all(1.0)), k + 1.0, k);
#else
  N bits = (N)u - 0x3fe8000000000000ULL;
  N shift = bits >> 52;
  V k = as_float(shift);
  V m = (V)((N)u - (shift << 52));
#endif
  /* m in [3/4, 3/2): ln m = 2 artanh((m - 1) / (m + 1)). */
  V s = (m - 1.0) * inverse(m + 1.0), z = s * s;
  V p = 0.14798198605116586 - (V){};
  p = p * z + 0.15313837699209373;
  p = p * z + 0.18183572161618050;
  p = p * z + 0.22222198432149784;
  p = p * z + 0.28571428743662390;
  p = p * z + 0.39999999999409420;
  p = p * z + 0.66666666666667350;
  return (32.0 - k) * 1.38629436111989061883 - 2.0 * (2.0 * s + s * z * p);
}

/* e^x - 1 for -40 < x <= 0. */
INLINE V exponential_less_one(V x) {
  V k = rounded(x * 1.44269504088896340736);
  V r = (x - k * 6.93147180559945286227e-01) - k * 2.31904681384629955842e-17;
  V p = 1.0 / 6227020800.0 - (V){};
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = r + r * r * p;
  V scale = power2(all(1.0), k);
  return scale * p + (scale - 1.0);
}

/* ---- draws ------------------------------------------------------------------------------------ */

enum { SHAPE = 3, SCALAR = 5, VECTOR = 6 };

typedef struct {
  uint64_t seed;
  N lane;
#if STREAM == XOSHIRO
  N s[4];
#endif
} Source;

INLINE N lanes_from(uint64_t first) { return first + (N){0, 1, 2, 3, 4, 5, 6, 7}; }

#if STREAM == XOSHIRO
static uint64_t splitmix(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}
#endif

INLINE Source source(uint64_t seed, uint64_t first) {
  Source out = {.seed = seed, .lane = lanes_from(first)};
#if STREAM == XOSHIRO
  for (int i = 0; i < WIDTH; i++) {
    uint64_t state = seed + 0x632be59bd9b4e019ULL * (first + i);
    for (int j = 0; j < 4; j++) out.s[j][i] = splitmix(&state);
  }
#endif
  return out;
}

#if STREAM == PHILOX
/* Four 32-bit words; what stands above them in the registers is rubbish until the end. */
INLINE void four_words(Source *g, int stream, uint64_t group, N *out) {
  N c0 = whole(group), c1 = whole((uint64_t)stream << 24), c2 = g->lane, c3 = whole(0);
  uint64_t k0 = g->seed & 0xffffffff, k1 = g->seed >> 32;
  for (int i = 0; i < 10; i++) {
    N p0 = product(c0, whole(0xD2511F53)), p1 = product(c2, whole(0xCD9E8D57));
    c0 = xor3(p1 >> 32, c1, whole(k0));
    c2 = xor3(p0 >> 32, c3, whole(k1));
    c1 = p1;
    c3 = p0;
    k0 = (k0 + 0x9E3779B9) & 0xffffffff;
    k1 = (k1 + 0xBB67AE85) & 0xffffffff;
  }
  out[0] = c0 & 0xffffffff;
  out[1] = c1 & 0xffffffff;
  out[2] = c2 & 0xffffffff;
  out[3] = c3 & 0xffffffff;
}
#else
INLINE N next(Source *g) {
  N *s = g->s, out = s[0] + s[3], t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = (s[3] << 45) | (s[3] >> 19);
  return out;
}
INLINE void four_words(Source *g, int stream, uint64_t group, N *out) {
  N a = next(g), b = next(g);
  out[0] = a >> 32;
  out[1] = a & 0xffffffff;
  out[2] = b >> 32;
  out[3] = b & 0xffffffff;
}
#endif

INLINE V radius(N a) {
  V w = minus_two_log(a);
  return w * inverse_root(w);
}

/* Bit 31 of the word is the sign of the cosine, bit 30 exchanges cosine and sine, the rest is an
 * angle of at most an eighth of a turn: no reduction. */
INLINE void direction(N b, V *one, V *other) {
  V angle = (as_float(b & 0x3fffffff) - 536870911.5) * 1.4629180792671596e-09;
  V sine = sine_of(angle), cosine = (V)((N)cosine_of(angle) ^ ((b & 0x80000000) << 32));
#ifdef __AVX512F__
  M swap = _mm512_test_epi64_mask((__m512i)b, _mm512_set1_epi64(0x40000000));
#else
  M swap = (I)(b << 33) >> 63;
#endif
  *one = pick(swap, sine, cosine);
  *other = pick(swap, cosine, sine);
}

/* Groups of four normals, in three loops whose constants fit into the registers. */
static __attribute__((noinline)) void normals(Source *g, int stream, uint64_t group, int groups,
                                              V *out) {
  N *words = (N *)out;
  for (int i = 0; i < groups; i++) four_words(g, stream, group + i, words + 4 * i);
  for (int i = 0; i < 4 * groups; i += 2) out[i] = radius(words[i]);
  for (int i = 0; i < 4 * groups; i += 2) {
    V one, other, size = out[i];
    direction(words[i + 1], &one, &other);
    out[i] = size * one;
    out[i + 1] = size * other;
  }
}

INLINE V uniform_of(N high, N low) { return as_float(((high << 32) | low) >> 12) * 0x1p-52; }

/* ---- GreedyLR, with transformers' defaults for what is not among the arguments ---------------- */

typedef struct { V lr, best, good, bad, left; } Greedy;
#define FACTOR 0.95
#define PATIENCE 10.0
#define THRESHOLD 1e-6
#define MIN_LR 1e-3
#define MAX_LR 1.0
#define EPS 1e-8
#define RESET_START 500.0

INLINE Greedy greedy(double lr) {
  return (Greedy){all(lr), all(1e300), all(0.0), all(0.0), all(RESET_START)};
}

INLINE void greedy_step(Greedy *s, V metric, double initial) {
  M better = less(metric, s->best - THRESHOLD);
  V good = pick(better, s->good + 1.0, all(0.0)), bad = pick(better, all(0.0), s->bad + 1.0);
  M rise = less(all(PATIENCE), good), fall = less(all(PATIENCE), bad);
  s->best = pick(better, metric, s->best);
  s->good = good;
  s->bad = bad;
  if (!any(rise | fall)) return;
  V up = smaller(s->lr / FACTOR, all(MAX_LR)), down = larger(s->lr * FACTOR, all(MIN_LR));
  V rate = pick(both(rise, less(all(EPS), up - s->lr)), up, s->lr);
  rate = pick(both(fall, less(all(EPS), s->lr - down)), down, rate);
  M lowest = both(fall, not(less(all(MIN_LR), rate)));
  s->left = pick(rise, all(RESET_START), pick(lowest, s->left - 1.0, s->left));
  M reset = both(lowest, not(less(all(0.0), s->left)));
  s->lr = pick(reset, all(initial), rate);
  s->best = pick(reset, all(1e300), s->best);
  s->good = pick(rise, all(0.0), good);
  s->bad = pick(fall, all(0.0), bad);
  s->left = pick(reset, all(RESET_START), s->left);
}

/* ---- the workloads: a chunk of UNROLL vectors of lanes through all steps ----------------------- */

typedef struct {
  int workload;
  long steps, lanes;
  uint64_t seed;
  double lr, strength;
  const double *start, *table; /* (d, lanes); rates, eigenvalues or corrections by workload */
  const double *eigenvalues;
  double *loss, *rate; /* (steps + 1, lanes), (steps, lanes) */
} Task;

#define EACH for (int u = 0; u < UNROLL; u++)
#define AT(array, row, u) ((array) + (row) * t->lanes + lane + (u) * WIDTH)

INLINE void rosenbrock(V a, V b, V *f, V *ga, V *gb) {
  V valley = b - a * a, floor = a - 1.0;
  *f = 100.0 * valley * valley + floor * floor;
  *ga = -400.0 * a * valley + 2.0 * floor;
  *gb = 200.0 * valley;
}

INLINE V adam_move(V g, V *m, V *v, V lr, double factor1, double root2) {
  *m = *m + 0.1 * (g - *m);
  *v = 0.999 * *v + 0.001 * g * g;
  return lr * factor1 * *m * inverse(root(*v) * root2 + 1e-8);
}

#define UNROLL 2
static void w1(const Task *t, long lane) {
  V x[UNROLL], y[UNROLL], m[UNROLL][2], v[UNROLL][2];
  Greedy s[UNROLL];
  Source g[UNROLL];
  double unit = t->strength / sqrt(2.0);
  EACH {
    x[u] = load(AT(t->start, 0, u));
    y[u] = load(AT(t->start, 1, u));
    s[u] = greedy(t->lr);
    g[u] = source(t->seed, lane + u * WIDTH);
    for (int i = 0; i < 2; i++) m[u][i] = v[u][i] = all(0.0);
  }
  V f, ga, gb;
  enum { TILE = 8 };
  for (long step = 0; step < t->steps; step += TILE) {
    V z[UNROLL][2 * TILE];
    EACH normals(&g[u], VECTOR, step / 2, TILE / 2, z[u]);
    for (long k = step; k < step + TILE && k < t->steps; k++) {
      double factor1 = t->table[k], root2 = t->table[t->steps + k];
      EACH {
        V *d = z[u] + 2 * (k - step);
        rosenbrock(x[u], y[u], &f, &ga, &gb);
        store(AT(t->loss, k, u), f);
        store(AT(t->rate, k, u), s[u].lr);
        x[u] -= adam_move(ga + unit * d[0], &m[u][0], &v[u][0], s[u].lr, factor1, root2);
        y[u] -= adam_move(gb + unit * d[1], &m[u][1], &v[u][1], s[u].lr, factor1, root2);
        greedy_step(&s[u], f, t->lr);
      }
    }
  }
  EACH {
    rosenbrock(x[u], y[u], &f, &ga, &gb);
    store(AT(t->loss, t->steps, u), f);
  }
}

static void w2(const Task *t, long lane) {
  enum { D = 15 };
  V x[D][UNROLL], f[UNROLL];
  for (int i = 0; i < D; i++) EACH x[i][u] = load(AT(t->start, i, u));
  for (long step = 0; step < t->steps; step++) {
    double lr = t->table[step];
    EACH f[u] = all(0.0);
    for (int i = 0; i < D; i++) {
      double e = t->eigenvalues[i], half = 0.5 * e, keep = 1.0 - lr * e;
      EACH {
        f[u] += half * x[i][u] * x[i][u];
        x[i][u] *= keep;
      }
    }
    EACH {
      store(AT(t->loss, step, u), f[u]);
      store(AT(t->rate, step, u), all(lr));
    }
  }
  EACH f[u] = all(0.0);
  for (int i = 0; i < D; i++) EACH f[u] += 0.5 * t->eigenvalues[i] * x[i][u] * x[i][u];
  EACH store(AT(t->loss, t->steps, u), f[u]);
}

static void w3(const Task *t, long lane) {
  enum { D = 10 };
  V x[D][UNROLL], m[D][UNROLL], v[D][UNROLL], z[UNROLL][2 * D], f[UNROLL];
  Greedy s[UNROLL];
  Source g[UNROLL];
  double unit = t->strength / sqrt(D);
  EACH {
    s[u] = greedy(t->lr);
    g[u] = source(t->seed, lane + u * WIDTH);
  }
  for (int i = 0; i < D; i++) EACH {
    x[i][u] = load(AT(t->start, i, u));
    m[i][u] = v[i][u] = all(0.0);
  }
  V sine, cosine;
  for (long step = 0; step < t->steps; step++) {
    if (step % 2 == 0) EACH normals(&g[u], VECTOR, 5 * (step / 2), 5, z[u]);
    double factor1 = t->table[step], root2 = t->table[t->steps + step];
    EACH f[u] = all(0.0);
    for (int i = 0; i < D; i++) EACH {
      V a = x[i][u];
      turn(0.5 * a, &sine, &cosine);
      f[u] += 20.0 * sine * sine + a * a;
      V slope = 125.66370614359172954 * sine * cosine + 2.0 * a;
      slope += unit * z[u][D * (step & 1) + i];
      x[i][u] = a - adam_move(slope, &m[i][u], &v[i][u], s[u].lr, factor1, root2);
    }
    EACH {
      store(AT(t->loss, step, u), f[u]);
      store(AT(t->rate, step, u), s[u].lr);
      greedy_step(&s[u], f[u], t->lr);
    }
  }
  EACH f[u] = all(0.0);
  for (int i = 0; i < D; i++) EACH {
    turn(0.5 * x[i][u], &sine, &cosine);
    f[u] += 20.0 * sine * sine + x[i][u] * x[i][u];
  }
  EACH store(AT(t->loss, t->steps, u), f[u]);
}

static void w4(const Task *t, long lane) {
  V x[UNROLL], y[UNROLL], f, ga, gb;
  Greedy s[UNROLL];
  EACH {
    x[u] = load(AT(t->start, 0, u));
    y[u] = load(AT(t->start, 1, u));
    s[u] = greedy(t->lr);
  }
  for (long step = 0; step < t->steps; step++) EACH {
    rosenbrock(x[u], y[u], &f, &ga, &gb);
    store(AT(t->loss, step, u), f);
    store(AT(t->rate, step, u), s[u].lr);
    x[u] -= s[u].lr * ga;
    y[u] -= s[u].lr * gb;
    greedy_step(&s[u], f, t->lr);
  }
  EACH {
    rosenbrock(x[u], y[u], &f, &ga, &gb);
    store(AT(t->loss, t->steps, u), f);
  }
}
#undef UNROLL

#define UNROLL 1
static void w5(const Task *t, long lane) {
  /* A spike comes to one lane in fifty a step: only then are the hundred normals drawn. */
  enum { D = 100 };
  V x[D], buffer[D], z[D];
  Greedy s = greedy(t->lr);
  Source g = source(t->seed, lane);
  V metric_base = all(1.0), vector_base = all(1.0), height, drawn[2];
  for (int i = 0; i < D; i++) {
    x[i] = load(AT(t->start, i, 0));
    buffer[i] = all(0.0);
  }
  V f;
  for (long step = 0; step < t->steps; step++) {
    N w[4];
    four_words(&g, SHAPE, step, w);
    drawn[0] = uniform_of(w[0], w[1]);
    drawn[1] = uniform_of(w[2], w[3]);
    M comes = less(drawn[0], all(0.02));
    height = pick(comes, t->strength * (1.5 * drawn[1] + 0.5), all(0.0));
    int spiked = any(comes);
    if (spiked) normals(&g, VECTOR, step * (D / 4), D / 4, z);
    V unit = vector_base * height * 0.1, f0 = all(0.0), f1 = f0, q0 = f0, q1 = f0;
    if (spiked)
      for (int i = 0; i < D; i += 2) {
        V a = t->eigenvalues[i] * x[i], b = t->eigenvalues[i + 1] * x[i + 1];
        f0 += a * x[i];
        f1 += b * x[i + 1];
        q0 += a * a;
        q1 += b * b;
        buffer[i] = 0.9 * buffer[i] + (a + unit * z[i]);
        buffer[i + 1] = 0.9 * buffer[i + 1] + (b + unit * z[i + 1]);
        x[i] -= s.lr * buffer[i];
        x[i + 1] -= s.lr * buffer[i + 1];
      }
    else
      for (int i = 0; i < D; i += 2) {
        V a = t->eigenvalues[i] * x[i], b = t->eigenvalues[i + 1] * x[i + 1];
        f0 += a * x[i];
        f1 += b * x[i + 1];
        q0 += a * a;
        q1 += b * b;
        buffer[i] = 0.9 * buffer[i] + a;
        buffer[i + 1] = 0.9 * buffer[i + 1] + b;
        x[i] -= s.lr * buffer[i];
        x[i + 1] -= s.lr * buffer[i + 1];
      }
    f = 0.5 * (f0 + f1);
    store(AT(t->loss, step, 0), f);
    store(AT(t->rate, step, 0), s.lr);
    greedy_step(&s, f + metric_base * height, t->lr);
    metric_base = f;
    vector_base = root(q0 + q1);
  }
  f = all(0.0);
  for (int i = 0; i < D; i++) f += 0.5 * t->eigenvalues[i] * x[i] * x[i];
  store(AT(t->loss, t->steps, 0), f);
}
#undef UNROLL

#define UNROLL 2
static void w6(const Task *t, long lane) {
  enum { D = 8 };
  V x[D][UNROLL], m[D][UNROLL], v[D][UNROLL], z[UNROLL][D], slope[D][UNROLL];
  V scalar[UNROLL][4], squares[UNROLL], sines[UNROLL], f[UNROLL];
  Greedy s[UNROLL];
  Source g[UNROLL];
  long noisy_steps = ceil(20.0 + 30.0 * t->strength);
  double sigma = 0.05 * t->strength, unit = sigma / sqrt(D);
  EACH {
    s[u] = greedy(t->lr);
    g[u] = source(t->seed, lane + u * WIDTH);
  }
  for (int i = 0; i < D; i++) EACH {
    x[i][u] = load(AT(t->start, i, u));
    m[i][u] = v[i][u] = all(0.0);
  }
  for (long step = 0; step <= t->steps; step++) {
    int noisy = step % 100 < noisy_steps && step < t->steps;
    if (noisy) EACH {
      normals(&g[u], VECTOR, step * (D / 4), D / 4, z[u]);
      if (step % 4 == 0 || step % 100 == 0) normals(&g[u], SCALAR, step / 4, 1, scalar[u]);
    }
    EACH squares[u] = sines[u] = all(0.0);
    for (int i = 0; i < D; i++) EACH {
      V a = x[i][u], sine, cosine;
      turn(0.5 * a, &sine, &cosine);
      squares[u] += a * a;
      sines[u] += sine * sine;
      slope[i][u] = sine * cosine;
    }
    V along[UNROLL], across[UNROLL];
    EACH {
      V mean = squares[u] / D, inverse_radius = inverse_root(larger(mean, all(1e-300)));
      V funnel = exponential_less_one(-0.2 * mean * inverse_radius);
      V ripple = exponential_less_one(-2.0 / D * sines[u]);
      f[u] = -20.0 * funnel - 2.71828182845904523536 * ripple;
      along[u] = pick(less(all(0.0), mean), 4.0 / D * (1.0 + funnel) * inverse_radius, all(0.0));
      across[u] = 34.158936890694264 / D * (1.0 + ripple);
      store(AT(t->loss, step, u), f[u]);
    }
    if (step == t->steps) return;
    double factor1 = t->table[step], root2 = t->table[t->steps + step];
    for (int i = 0; i < D; i++) EACH {
      V d = along[u] * x[i][u] + across[u] * slope[i][u];
      if (noisy) d += unit * z[u][i];
      x[i][u] -= adam_move(d, &m[i][u], &v[i][u], s[u].lr, factor1, root2);
    }
    EACH {
      store(AT(t->rate, step, u), s[u].lr);
      V observed = noisy ? f[u] + sigma * scalar[u][step % 4] : f[u];
      greedy_step(&s[u], observed, t->lr);
    }
  }
}
#undef UNROLL

/* ---- threads ---------------------------------------------------------------------------------- */

static void (*const WORKLOADS[])(const Task *, long) = {w1, w2, w3, w4, w5, w6};
static const int CHUNK[] = {16, 16, 16, 16, 8, 16};

typedef struct { const Task *task; long next; } Queue;
enum { PORTION = 128 };

static void *work(void *given) {
  Queue *queue = given;
  const Task *t = queue->task;
  for (;;) {
    long first = __atomic_fetch_add(&queue->next, PORTION, __ATOMIC_RELAXED);
    if (first >= t->lanes) return NULL;
    for (long lane = first; lane < first + PORTION; lane += CHUNK[t->workload])
      WORKLOADS[t->workload](t, lane);
  }
}

/* Runs a workload, counted from 0; the lanes must be a multiple of 128. */
int run(int workload, int threads, long steps, long lanes, uint64_t seed, double lr,
        double strength, const double *start, const double *table, const double *eigenvalues,
        double *loss, double *rate) {
  Task task = {workload, steps, lanes, seed,        lr,   strength,
               start,    table, eigenvalues, loss, rate};
  Queue queue = {&task, 0};
  if (lanes % PORTION) return 1;
  pthread_t *others = calloc(threads, sizeof *others);
  for (int i = 1; i < threads; i++)
    if (pthread_create(&others[i], NULL, work, &queue)) return 2;
  work(&queue);
  for (int i = 1; i < threads; i++) pthread_join(others[i], NULL);
  free(others);
  return 0;
}
