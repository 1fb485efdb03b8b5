/* Contributions: how much each feature adds to what a row is answered (explain/ says what that means, and why what is
 * here computes it).
 *
 * A tree is a list of edges, each before those below it. A row keeps to an edge if it keeps to every condition that its
 * feature has met on the way. A player who is asked of a feature weighs t where the row keeps to it, and what the
 * feature's share of the training rows weighs, z, where the feature is not asked: t + z (1 - t), or z (1 - t) for a
 * row that does not. The product over a path, integrated over t from 0 to 1, is what a leaf's value weighs. A product
 * of n factors is a polynomial, which a sum over n / 2 points integrates exactly. */

typedef double two __attribute__((vector_size(16), aligned(8), may_alias));

#define NOT_A_LEAF UINT32_MAX

typedef struct {
    double share;          /* of the training rows that reach the parent of the feature's first edge: those that kept to
                            * all of its edges down to this one */
    uint32_t value;        /* the leaf's row of values; NOT_A_LEAF */
    uint32_t feature_left; /* the feature, doubled; odd if the edge leads to the left */
    uint16_t rank, column; /* of the node above */
    uint16_t depth;        /* 1 below the root */
    uint16_t above;        /* the depth of the feature's last edge before this one; 0: there is none */
} edge;

typedef struct {
    int64_t n_features, n_columns, n_outputs, width, n_levels;
    const edge *edges;
    const int64_t *begin;     /* of each tree, and the end: its edges */
    const uint32_t *output;   /* of each tree: the first of the outputs that it adds to */
    const double *values;     /* rows of width doubles */
    const int64_t *n_points;  /* of each tree: an even number, at least half of the features on its longest path */
    const int64_t *points_at; /* of each tree: where they begin */
    const double *points;     /* t */
    const double *weights;
    const double *losses;     /* weights / (1 - t) */
} paths;

/* What is known of an edge on the way to the one at hand. */
typedef struct {
    double *product; /* of each row, for each point: over the features on the way here */
    double *sums;    /* of each row and output, for each point: what is below, weighed */
    double *factor;  /* of each state, for each point: what the parent's product is multiplied with */
    double *gain;    /* of each state, for each point: what the sums are multiplied with, and add to the feature */
    double *inverse; /* for each point: 1 / (t + share (1 - t)) */
    double share;
    int64_t feature;
    uint8_t state[LANES];
} level;

enum { KEEPS, LEAVES, LEFT, STATES }; /* a row keeps to the feature's edges, leaves them here, has left them before */

typedef struct {
    const paths *p;
    const uint16_t *ranks; /* of up to LANES rows, as rank_rows writes them */
    int64_t n_rows;
    const double *points, *weights, *losses; /* losses: weights / (1 - points) */
    double *found;         /* of the first row: where the tree's outputs of feature 0 begin */
} task;

#define INLINE static inline __attribute__((always_inline))

INLINE two at(const double *from, int64_t q) { return *(const two *)(from + q); }
INLINE void put(double *to, int64_t q, two values) { *(two *)(to + q) = values; }
INLINE two both(double value) { return (two){value, value}; }

/* Write what rows in each state do at an edge, below a level of the same feature, if there is one. */
INLINE void weigh(const task *k, const edge *e, const level *above, level *here, int64_t n) {
    const two share = both(e->share), before = both(above ? above->share : 1.0), ratio = share / before;
    here->share = e->share;
    for (int64_t q = 0; q < n; q += 2) {
        const two t = at(k->points, q), rest = 1.0 - t, was = above ? at(above->inverse, q) : both(1.0);
        const two now = t + share * rest, inverse = 1.0 / now;
        put(here->inverse, q, inverse);
        put(here->factor, q, now * was);
        put(here->factor + n, q, share * rest * was);
        put(here->factor + 2 * n, q, ratio);
        put(here->gain, q, at(k->weights, q) * (before - share) * inverse * was);
        put(here->gain + n, q, -at(k->losses, q) * was);
        put(here->gain + 2 * n, q, both(0.0));
    }
}

/* Enter an edge. */
INLINE void enter(const task *k, const edge *e, level *levels, int64_t n) {
    level *here = levels + e->depth;
    const level *above = e->above ? levels + e->above : 0;
    const uint16_t *ranks = k->ranks + (int64_t)e->column * LANES;
    const double *parent = (here - 1)->product;
    here->feature = e->feature_left >> 1;
    weigh(k, e, above, here, n);
    for (int64_t row = 0; row < k->n_rows; row++) {
        const uint8_t state = (ranks[row] <= e->rank) == (e->feature_left & 1) ? KEEPS : LEAVES;
        here->state[row] = above && above->state[row] ? LEFT : state;
        const double *factor = here->factor + here->state[row] * n;
        for (int64_t q = 0; q < n; q += 2) put(here->product, row * n + q, at(parent, row * n + q) * at(factor, q));
    }
}

/* Add to what was found what an edge's feature gains, and to the sums of its parent the sums of each row: what is below,
 * or, for a leaf, its value. */
INLINE void leave(const task *k, const level *here, const double *values, int64_t n, int64_t width) {
    double *into = (here - 1)->sums, *found = k->found + here->feature * k->p->n_outputs;
    const double *sums = here->sums, *product = here->product;
    for (int64_t row = 0; row < k->n_rows; row++, product += n) {
        const double *gain = here->gain + here->state[row] * n;
        for (int64_t i = 0; i < width; i++, into += n, sums += n) {
            two total = both(0.0);
            for (int64_t q = 0; q < n; q += 2) {
                const two sum = values ? at(product, q) * values[i] : at(sums, q);
                put(into, q, at(into, q) + sum);
                total += sum * at(gain, q);
            }
            found[i] += total[0] + total[1];
        }
        found += k->p->n_features * k->p->n_outputs;
    }
}

INLINE void explain_tree(const task *k, int64_t tree, level *levels, int64_t n, int64_t width) {
    const edge *last = k->p->edges + k->p->begin[tree + 1];
    int64_t depth = 0;
    for (int64_t i = 0; i < k->n_rows * n; i++) levels[0].product[i] = 1.0;
    for (const edge *e = k->p->edges + k->p->begin[tree]; e < last; e++) {
        for (; depth >= e->depth; depth--) leave(k, levels + depth, 0, n, width);
        enter(k, e, levels, n);
        if (e->value != NOT_A_LEAF) {
            leave(k, levels + e->depth, k->p->values + e->value * width, n, width);
        } else {
            depth = e->depth;
            for (int64_t i = 0; i < k->n_rows * width * n; i++) levels[depth].sums[i] = 0.0;
        }
    }
    for (; depth > 0; depth--) leave(k, levels + depth, 0, n, width);
}

/* With numbers that the compiler knows, where they are frequent. */
static void explain_tree_of(const task *k, int64_t tree, level *levels, int64_t n, int64_t width) {
    if (width == 1) {
        switch (n) {
            case 2: explain_tree(k, tree, levels, 2, 1); return;
            case 4: explain_tree(k, tree, levels, 4, 1); return;
            case 6: explain_tree(k, tree, levels, 6, 1); return;
            case 8: explain_tree(k, tree, levels, 8, 1); return;
            case 10: explain_tree(k, tree, levels, 10, 1); return;
            case 12: explain_tree(k, tree, levels, 12, 1); return;
            default: explain_tree(k, tree, levels, n, 1); return;
        }
    }
    switch (n) {
        case 2: explain_tree(k, tree, levels, 2, width); return;
        case 4: explain_tree(k, tree, levels, 4, width); return;
        case 6: explain_tree(k, tree, levels, 6, width); return;
        default: explain_tree(k, tree, levels, n, width);
    }
}

/* The doubles that a level takes. */
static int64_t level_size(int64_t width, int64_t n_points) { return (LANES * (1 + width) + 2 * STATES + 1) * n_points; }

static void lay_out(level *levels, int64_t n_levels, double *room, int64_t width, int64_t n) {
    for (int64_t i = 0; i < n_levels; i++, room += level_size(width, n)) {
        levels[i].product = room;
        levels[i].sums = levels[i].product + LANES * n;
        levels[i].factor = levels[i].sums + LANES * width * n;
        levels[i].gain = levels[i].factor + STATES * n;
        levels[i].inverse = levels[i].gain + STATES * n;
    }
}

/* Add what the trees from first to before last contribute, shape (n_rows, n_features, n_outputs).
 * levels: room for as many as the deepest edge, and one; room: level_size of the most points for each. */
void explain_trees(const paths *p, int64_t first, int64_t last, const uint16_t *ranks, int64_t n_rows, double *found,
                   level *levels, double *room) {
    for (int64_t tree = first; tree < last; tree++) {
        const int64_t n = p->n_points[tree], begin = p->points_at[tree];
        lay_out(levels, p->n_levels, room, p->width, n);
        for (int64_t row = 0; row < n_rows; row += LANES) {
            const task k = {p,
                            ranks + row * p->n_columns,
                            n_rows - row < LANES ? n_rows - row : LANES,
                            p->points + begin,
                            p->weights + begin,
                            p->losses + begin,
                            found + row * p->n_features * p->n_outputs + p->output[tree]};
            explain_tree_of(&k, tree, levels, n, p->width);
        }
    }
}

/* Contributions in a decision table: for each feature a table of what all that is known without it contributes, by the
 * intervals of the others; and one of the answers, which contribute alike to all. */
typedef struct {
    int64_t n_features, n_known, n_outputs;
    const int64_t *feature;    /* of each that matters: which value of a row */
    const int64_t *begin;      /* of each, and the end: its boundaries */
    const double *boundaries;
    const int64_t *strides;    /* of each table, the answers' last: what an interval of each feature adds to the place */
    const int64_t *places;     /* of each feature: where its table begins */
    const double *values;      /* of each place: n_known * n_outputs doubles */
    const uint32_t *answers;   /* of each place in the table of answers: its row in outputs; 0 if that is the place */
    const double *outputs;     /* what each answer contributes to each feature: n_outputs doubles */
} cells;

static inline int64_t place_of(const cells *c, int64_t table, const int64_t *intervals) {
    int64_t place = 0;
    for (int64_t i = 0; i < c->n_known; i++) place += c->strides[table * c->n_known + i] * intervals[i];
    return place;
}

/* Write the contributions of the features that matter, shape (n_rows, n_known, n_outputs). */
void explain_cells(const cells *c, const loose *rows, int64_t n_rows, double *restrict found) {
    const int64_t n = c->n_known, width = n * c->n_outputs;
    int64_t intervals[n]; /* 21 at most: each doubles the cells of a table */
    for (int64_t row = 0; row < n_rows; row++, rows += c->n_features, found += width) {
        for (int64_t i = 0; i < n; i++)
            intervals[i] = rank_of(rows[c->feature[i]], c->boundaries + c->begin[i], c->begin[i + 1] - c->begin[i]);
        const int64_t place = place_of(c, n, intervals);
        const double *answer = c->outputs + (c->answers ? c->answers[place] : place) * c->n_outputs;
        for (int64_t i = 0; i < n; i++)
            for (int64_t k = 0; k < c->n_outputs; k++) found[i * c->n_outputs + k] = answer[k];
        for (int64_t table = 0; table < n; table++) {
            const double *value = c->values + (c->places[table] + place_of(c, table, intervals)) * width;
            for (int64_t k = 0; k < width; k++) found[k] += value[k];
        }
    }
}

/* Write the contributions to one row. */
void explain_cell(const cells *c, const loose *row, double *restrict found) { explain_cells(c, row, 1, found); }
