/* The kernel: what an engine does in its inner loops. It keeps no state, allocates nothing and calls nothing, so that
 * the same few kilobytes run under any Python and any C library. Everything it reads is checked when a model is loaded
 * (columns.py, forest.py, decision_table.py); given such arrays, no input makes it read or write outside of them.
 *
 * A forest is walked in two steps. First each value of a row is replaced by its rank among the boundaries of its column,
 * a small whole number. Then trees compare ranks: a node takes 8 bytes in place of 16, and a cache holds twice as many.
 *
 * "value > boundary" is false for NaN, so a missing value has rank 0 wherever a column does not say otherwise. */

#include <stdint.h>

typedef double loose __attribute__((aligned(1))); /* one that stands at any address, as in the body of a request */
typedef double two_doubles __attribute__((vector_size(16))); /* every processor has a register for these */
typedef int64_t two_ints __attribute__((vector_size(16)));   /* comparing two doubles gives -1 or 0 for each */

#define LANES 8 /* walks that go on at once, so that the processor need not wait for one to load its next node */
#define NEAR 512 /* values whose steps in a table are found before any is looked up, few enough to stay in the cache */
#define LEAF 65535 /* the rank of a leaf, which no rank is greater than: its left child is the leaf itself */

typedef struct {
    uint16_t rank;   /* a row whose rank in the column is greater goes right */
    uint16_t column;
    uint32_t left;   /* the right child is the next one */
} node;

typedef struct {
    int64_t n_features, n_columns, n_trees, n_outputs, width;
    const uint32_t *feature;  /* of each column: which value of a row */
    const int64_t *begin;     /* of each column, and the end: its boundaries, ascending */
    const double *boundaries;
    const int64_t *recoded;   /* of each column: where its ranks stand in codes, or -1 if they stay as they are */
    const uint16_t *codes;
    const node *nodes;
    const uint32_t *roots;    /* of each tree */
    const uint32_t *value_of; /* of each node: its row of values, if it is a leaf */
    const uint32_t *output;   /* of each tree: the first of the outputs that it adds to */
    const double *values;     /* rows of width doubles */
    const double *base;       /* what the sums begin with */
    double divisor;
} forest;

typedef struct {
    int64_t n_features, n_steps, n_compared, n_repeated;
    const double *slope, *shift; /* of each feature, over and over: value * slope + shift is the value's step */
    const double *in_step;   /* of each step of each feature: n_compared boundaries, filled up with infinity */
    const int64_t *below;    /* of each step of each feature: what its boundaries in lower steps add to the cell */
    const int64_t *stride;   /* of each feature: what each boundary that is passed adds to the cell */
} table;

typedef struct {
    int64_t n_features, stride;
    const int64_t *below;
    const double *in_step;
} axis; /* one feature of a table */

/* The number of boundaries that are less than the value, by halving, without a jump that depends on the value. */
static inline int64_t rank_of(double value, const double *boundaries, int64_t n) {
    const double *from = boundaries;
    while (n > 1) {
        int64_t half = n >> 1;
        from += value > from[half - 1] ? half : 0;
        n -= half;
    }
    return from - boundaries + (n && value > *from);
}

/* The same in each lane, side by side, so that the processor need not wait for one comparison to begin the next. */
static inline void ranks_of(const double values[LANES], const double *boundaries, int64_t n, int64_t ranks[LANES]) {
    for (int lane = 0; lane < LANES; lane++) ranks[lane] = 0;
    for (; n > 1; n -= n >> 1)
        for (int lane = 0; lane < LANES; lane++)
            ranks[lane] += values[lane] > boundaries[ranks[lane] + (n >> 1) - 1] ? n >> 1 : 0;
    for (int lane = 0; lane < LANES; lane++) ranks[lane] += n && values[lane] > boundaries[ranks[lane]];
}

static inline uint16_t recode(const forest *f, int64_t column, int64_t rank) {
    return f->recoded[column] < 0 ? (uint16_t)rank : f->codes[f->recoded[column] + rank];
}

static inline uint16_t code_of(const forest *f, int64_t column, double value) {
    int64_t begin = f->begin[column];
    return recode(f, column, rank_of(value, f->boundaries + begin, f->begin[column + 1] - begin));
}

/* Write the ranks of rows, shape (n_rows / LANES rounded up, n_columns, LANES): those of one column stand side by side.
 * In the lanes after the last row stand its own ranks. */
void rank_rows(const forest *f, const loose *rows, int64_t n_rows, uint16_t *ranks) {
    for (int64_t row = 0; row < n_rows; row += LANES) {
        for (int64_t column = 0; column < f->n_columns; column++, ranks += LANES) {
            int64_t begin = f->begin[column], found[LANES];
            double values[LANES];
            for (int lane = 0; lane < LANES; lane++) {
                int64_t at = row + lane < n_rows ? row + lane : n_rows - 1;
                values[lane] = rows[at * f->n_features + f->feature[column]];
            }
            ranks_of(values, f->boundaries + begin, f->begin[column + 1] - begin, found);
            for (int lane = 0; lane < LANES; lane++) ranks[lane] = recode(f, column, found[lane]);
        }
    }
}

/* Take one step in each lane; return whether any went on. The ranks of a column are apart * column further; lane i looks
 * at the one that is i * beside further. */
static inline uint32_t step(const node *nodes, const uint16_t *ranks, int apart, int beside, uint32_t at[LANES]) {
    uint32_t moved = 0;
    for (int lane = 0; lane < LANES; lane++) {
        node here = nodes[at[lane]];
        uint32_t next = here.left + (ranks[(int64_t)here.column * apart + lane * beside] > here.rank);
        moved |= next ^ at[lane];
        at[lane] = next;
    }
    return moved;
}

static inline void add_value(const forest *f, int64_t tree, uint32_t leaf, double *sums) {
    const double *value = f->values + f->value_of[leaf] * f->width;
    sums += f->output[tree];
    for (int64_t i = 0; i < f->width; i++) sums[i] += value[i];
}

/* Add what the trees from first to before last say to the sums of rows, shape (n_rows, n_outputs). Ranks of
 * rows after the last one may be whatever they are. */
void add_trees(const forest *f, int64_t first, int64_t last, const uint16_t *ranks, int64_t n_rows, double *sums) {
    for (int64_t tree = first; tree < last; tree++) {
        for (int64_t row = 0; row < n_rows; row += LANES) {
            uint32_t at[LANES];
            int64_t n = n_rows - row < LANES ? n_rows - row : LANES;
            const uint16_t *from = ranks + row * f->n_columns;
            for (int lane = 0; lane < LANES; lane++) at[lane] = f->roots[tree];
            while (step(f->nodes, from, LANES, 1, at)) {}
            for (int64_t lane = 0; lane < n; lane++)
                add_value(f, tree, at[lane], sums + (row + lane) * f->n_outputs);
        }
    }
}

/* Write the sums of one row over all trees, each divided by the divisor. */
void sum_row(const forest *f, const double *row, double *sums) {
    uint16_t ranks[f->n_columns]; /* 128 KiB at most */
    for (int64_t column = 0; column < f->n_columns; column++)
        ranks[column] = code_of(f, column, row[f->feature[column]]);
    for (int64_t i = 0; i < f->n_outputs; i++) sums[i] = f->base[i];
    for (int64_t tree = 0; tree < f->n_trees; tree += LANES) {
        uint32_t at[LANES];
        int64_t n = f->n_trees - tree < LANES ? f->n_trees - tree : LANES;
        for (int lane = 0; lane < LANES; lane++) at[lane] = f->roots[tree + (lane < n ? lane : 0)];
        while (step(f->nodes, ranks, 1, 0, at)) {}
        for (int64_t lane = 0; lane < n; lane++) add_value(f, tree + lane, at[lane], sums);
    }
    for (int64_t i = 0; i < f->n_outputs; i++) sums[i] /= f->divisor;
}

/* Write the step of each value. It never falls when the value grows, however it rounds; NaN has the first one. */
static inline void find_steps(const table *t, const loose *values, int64_t n_values, int32_t *steps) {
    const double last = (double)(t->n_steps - 1);
    for (int64_t first = 0; first < n_values; first += t->n_repeated) {
        const int64_t n = n_values - first < t->n_repeated ? n_values - first : t->n_repeated;
        for (int64_t i = 0; i < n; i++) {
            double step = values[first + i] * t->slope[i] + t->shift[i];
            step = step > 0.0 ? step : 0.0;
            steps[first + i] = (int32_t)(step < last ? step : last);
        }
    }
}

/* Add to the cells of two rows what a feature makes of them, side by side. Boundaries of lower steps are less than a value,
 * those of higher steps are not, and those of its own are compared. */
static inline void add_to_two(const axis *a, const loose *values, const int32_t *steps, int64_t one, int64_t two,
                              int64_t *cells, int n_compared) {
    const int64_t first = steps[one * a->n_features], second = steps[two * a->n_features];
    const two_doubles value = {values[one * a->n_features], values[two * a->n_features]};
    two_ints found = {cells[one] + a->below[first], cells[two] + a->below[second]};
    for (int k = 0; k < n_compared; k++) {
        const two_doubles boundary = {a->in_step[first * n_compared + k], a->in_step[second * n_compared + k]};
        found += (two_ints)(value > boundary) & (two_ints){a->stride, a->stride};
    }
    cells[two] = found[1];
    cells[one] = found[0];
}

/* Write the cells of rows that have NEAR values at most. */
static inline void find_near(const table *t, const loose *rows, int64_t n_rows, int64_t *cells, int n_compared) {
    int32_t steps[NEAR];
    find_steps(t, rows, n_rows * t->n_features, steps);
    for (int64_t row = 0; row < n_rows; row++) cells[row] = 0;
    for (int64_t i = 0; i < t->n_features; i++) {
        const int64_t first = i * t->n_steps;
        const axis a = {t->n_features, t->stride[i], t->below + first, t->in_step + first * n_compared};
        _Pragma("clang loop unroll(disable)") /* a sixth of the time less */
        for (int64_t row = 0; row + 1 < n_rows; row += 2)
            add_to_two(&a, rows + i, steps + i, row, row + 1, cells, n_compared);
        if (n_rows % 2) add_to_two(&a, rows + i, steps + i, n_rows - 1, n_rows - 1, cells, n_compared);
    }
}

/* Write the cell of each row. */
void find_cells(const table *t, const loose *rows, int64_t n_rows, int64_t *cells) {
    const int64_t n_near = NEAR / t->n_features;
    for (int64_t first = 0; first < n_rows; first += n_near) {
        const loose *from = rows + first * t->n_features;
        const int64_t n = n_rows - first < n_near ? n_rows - first : n_near;
        if (t->n_compared == 2)
            find_near(t, from, n, cells + first, 2);
        else
            find_near(t, from, n, cells + first, 4);
    }
}
