/* Rows as they come and go: numbers out of JSON, whether columns take them, texts of answers. As engines.c, all this keeps
 * no state, allocates nothing and calls nothing. It reads no byte beyond the lengths that it is given.
 *
 * A number becomes the nearest double, as in Python. Of few digits, it is one double divided by another, neither of which
 * is rounded. (W. Clinger, How to Read Floating Point Numbers Accurately, 1990.) Of more, its digits, a whole number of 64
 * bits, are multiplied by a power of ten, of which 128 bits always tell which double that is, for the powers in the table.
 * (D. Lemire, Number Parsing at a Gigabyte per Second, 2021, section 5; N. Mushtak and D. Lemire, Fast Number Parsing
 * Without Fallback, 2023.) */

#define AHEAD 8192 /* bytes */
#define MOST_DIGITS 19 /* of a number that 64 bits hold, whatever the digits */
#define MOST_PLACES 27 /* 5 to this power is less than 2 to the 64th */
#define MOST_EXACT ((uint64_t)1 << 53) /* up to here, doubles are all whole numbers */
#define MOST_EXACT_PLACES 22 /* 5 to this power is less than 2 to the 53rd */

__extension__ typedef unsigned __int128 wide;

typedef struct {
    int64_t n_columns;
    const double *low, *high; /* of each column: what it takes, ends included */
} limits;

typedef struct {
    int64_t n_names;
    const char *names;     /* in quotes, one after the other, as they stand in a record */
    const int64_t *begin;  /* of each name in names, and where the last one ends */
    const int64_t *column; /* of the value; -1 if it is none of a row's */
} record;

/* Of each number of places: 10 to the -places as 128 bits, of which the first is 1; rounded up. */
static const uint64_t TENTHS[MOST_PLACES + 1][2] = {
    {0x8000000000000000, 0x0000000000000000}, {0xCCCCCCCCCCCCCCCC, 0xCCCCCCCCCCCCCCCD},
    {0xA3D70A3D70A3D70A, 0x3D70A3D70A3D70A4}, {0x83126E978D4FDF3B, 0x645A1CAC083126EA},
    {0xD1B71758E219652B, 0xD3C36113404EA4A9}, {0xA7C5AC471B478423, 0x0FCF80DC33721D54},
    {0x8637BD05AF6C69B5, 0xA63F9A49C2C1B110}, {0xD6BF94D5E57A42BC, 0x3D32907604691B4D},
    {0xABCC77118461CEFC, 0xFDC20D2B36BA7C3E}, {0x89705F4136B4A597, 0x31680A88F8953031},
    {0xDBE6FECEBDEDD5BE, 0xB573440E5A884D1C}, {0xAFEBFF0BCB24AAFE, 0xF78F69A51539D749},
    {0x8CBCCC096F5088CB, 0xF93F87B7442E45D4}, {0xE12E13424BB40E13, 0x2865A5F206B06FBA},
    {0xB424DC35095CD80F, 0x538484C19EF38C95}, {0x901D7CF73AB0ACD9, 0x0F9D37014BF60A11},
    {0xE69594BEC44DE15B, 0x4C2EBE687989A9B4}, {0xB877AA3236A4B449, 0x09BEFEB9FAD487C3},
    {0x9392EE8E921D5D07, 0x3AFF322E62439FD0}, {0xEC1E4A7DB69561A5, 0x2B31E9E3D06C32E6},
    {0xBCE5086492111AEA, 0x88F4BB1CA6BCF585}, {0x971DA05074DA7BEE, 0xD3F6FC16EBCA5E04},
    {0xF1C90080BAF72CB1, 0x5324C68B12DD6339}, {0xC16D9A0095928A27, 0x75B7053C0F178294},
    {0x9ABE14CD44753B52, 0xC4926A9672793543}, {0xF79687AED3EEC551, 0x3A83DDBD83F52205},
    {0xC612062576589DDA, 0x95364AFE032A819E}, {0x9E74D1B791E07E48, 0x775EA264CF55347E},
};

static const double TENS[MOST_EXACT_PLACES + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The double nearest to digits / 10^places; of two, the even one. */
static inline double nearest(uint64_t digits, int64_t places) {
    if (digits <= MOST_EXACT && places <= MOST_EXACT_PLACES) return (double)(int64_t)digits / TENS[places];
    if (digits == 0) return 0.0;
    union { uint64_t bits; double value; } found;
    const int unused = __builtin_clzll(digits);
    digits <<= unused;
    wide product = (wide)digits * TENTHS[places][0];
    if (((uint64_t)(product >> 64) & 0x1FF) == 0x1FF) product += (uint64_t)(((wide)digits * TENTHS[places][1]) >> 64);
    const uint64_t upper = (uint64_t)(product >> 64), lower = (uint64_t)product;
    const int is_full = (int)(upper >> 63), shift = is_full + 9;
    const uint64_t bits = upper >> shift; /* 54 of them, the last of which rounds */
    const int is_half = lower <= 1 && places <= 4 && (bits & 3) == 1 && bits << shift == upper;
    const int64_t exponent = ((-217706 * places) >> 16) + 1085 + is_full - unused; /* the first bit adds 1 to it */
    found.bits = ((uint64_t)exponent << 52) + ((bits + (is_half ? 0 : bits & 1)) >> 1);
    return found.value;
}

static inline int is_digit(char c) { return (unsigned char)(c - '0') < 10; }

static inline const char *after_spaces(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
    return at;
}

/* Return what is after a mark and the spaces before it, or 0 if there is another. */
static inline const char *after(char mark, const char *at, const char *end) {
    at = after_spaces(at, end);
    return at < end && *at == mark ? at + 1 : 0;
}

static inline const char *read_digits(const char *at, const char *end, uint64_t *digits) {
    for (; at < end && is_digit(*at); at++) *digits = *digits * 10 + (uint64_t)(*at - '0');
    return at;
}

/* Read what is after a number's "e", and take it from places. Return where it ends, or 0. */
static inline const char *read_exponent(const char *at, const char *end, int64_t *places) {
    const int is_negative = at < end && *at == '-', is_signed = is_negative || (at < end && *at == '+');
    uint64_t power = 0;
    const char *first = at + is_signed, *last = read_digits(first, end, &power);
    if (last == first || last - first > 4) return 0;
    *places += is_negative ? (int64_t)power : -(int64_t)power;
    return last;
}

/* Read a number as JSON writes them, but for its sign. Return where it ends, or 0 if it is none, or for a closer look. */
static inline const char *read_size(const char *at, const char *end, double *number) {
    uint64_t digits = 0;
    int64_t places = 0;
    const char *first = at;
    at = read_digits(first, end, &digits);
    int64_t n_digits = at - first;
    if (n_digits == 0 || (n_digits > 1 && *first == '0')) return 0;
    if (at < end && *at == '.') {
        const char *fraction = ++at;
        if (digits == 0) { /* zeros before the first other digit need no bits */
            n_digits = 0;
            while (at < end && *at == '0') at++;
        }
        n_digits -= at - fraction;
        at = read_digits(at, end, &digits);
        places = at - fraction;
        n_digits += places;
        if (places == 0) return 0;
    }
    if (at < end && (*at | 32) == 'e' && !(at = read_exponent(at + 1, end, &places))) return 0;
    if (n_digits > MOST_DIGITS || places < 0 || places > MOST_PLACES) return 0;
    *number = nearest(digits, places);
    return at;
}

/* The same with its sign. Jumps on the sign are foretold; an address that depended on it would have to be waited for. */
static inline const char *read_number(const char *at, const char *end, double *number) {
    if (at == end || *at != '-') return read_size(at, end, number);
    if ((at = read_size(at + 1, end, number))) *number = -*number;
    return at;
}

/* Read the list of rows of numbers that begins at a place of a text, and set the place to where it ends. Return how many
 * rows there are; or -1 if it is another text, or has more than max_rows, or a number that its column does not take, or
 * one for a closer look. */
int64_t read_rows(const limits *l, const char *text, int64_t length, int64_t *place, int64_t max_rows, double *rows) {
    const char *end = text + length, *at = after('[', text + *place, end);
    for (int64_t n_rows = 1; at && n_rows <= max_rows; n_rows++) {
        at = after('[', at, end);
        for (int64_t column = 0; at && column < l->n_columns; column++) {
            at = read_number(after_spaces(at, end), end, rows);
            if (!at || !(*rows >= l->low[column] && *rows <= l->high[column])) return -1;
            rows++;
            at = after(column + 1 < l->n_columns ? ',' : ']', at, end);
        }
        if (!at) return -1;
        at = after_spaces(at, end);
        if (at < end && *at == ']') {
            *place = at + 1 - text;
            return n_rows;
        }
        at = after(',', at, end);
    }
    return -1;
}

/* Return what is after a text, or 0 if there is another. */
static inline const char *after_text(const char *text, int64_t length, const char *at, const char *end) {
    if (end - at < length) return 0;
    for (int64_t i = 0; i < length; i++)
        if (at[i] != text[i]) return 0;
    return at + length;
}

/* Return what is after a number or a plain text, or 0 if there is something else, or a text for a closer look. */
static inline const char *after_value(const char *at, const char *end) {
    double number;
    if (at == end || *at != '"') return read_number(at, end, &number);
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\' || (unsigned char)*at < ' ') return 0;
    return at < end ? at + 1 : 0;
}

/* Read the rows of n records, objects of JSON that all have the same names in the same order, and that end where ends
 * says. Return 1; or 0 if one is another text, or has a number that its column does not take, or one for a closer look. */
int32_t read_records(const limits *l, const record *r, const char *text, const int64_t *ends, int64_t n, double *rows) {
    const char *at = text;
    for (int64_t i = 0; i < n; i++, rows += l->n_columns) {
        const char *end = text + ends[i];
        at = after('{', at, end);
        for (int64_t j = 0; at && j < r->n_names; j++) {
            const int64_t column = r->column[j];
            double number;
            at = after_text(r->names + r->begin[j], r->begin[j + 1] - r->begin[j], after_spaces(at, end), end);
            if (!at || !(at = after(':', at, end))) return 0;
            at = after_spaces(at, end);
            if (column < 0) {
                at = after_value(at, end);
            } else if ((at = read_number(at, end, &number))) {
                if (!(number >= l->low[column] && number <= l->high[column])) return 0;
                rows[column] = number;
            }
            if (at) at = after(j + 1 < r->n_names ? ',' : '}', at, end);
        }
        if (!at || after_spaces(at, end) != end) return 0;
        at = end;
    }
    return 1;
}

/* Ask for the values that come soon. The processor foresees them itself, but not across a page of 4 KB. */
static inline void call_for(const loose *values, int64_t n) {
    for (int64_t i = 0; i < n; i += 8) __builtin_prefetch((const char *)values + AHEAD + i * 8);
}

/* Whether all values are within limits, n of each of which stand in a row, over and over; NaN is not. */
int32_t are_within(const loose *values, int64_t n_values, const double *low, const double *high, int64_t n) {
    for (int64_t first = 0; first < n_values; first += n) {
        const int64_t count = n_values - first < n ? n_values - first : n;
        int64_t n_outside = 0;
        call_for(values + first, count);
        for (int64_t i = 0; i < count; i++)
            n_outside += !(values[first + i] >= low[i]) | !(values[first + i] <= high[i]);
        if (n_outside) return 0;
    }
    return 1;
}

/* Add to n counts how many values are beyond the limits that stand at their place; NaN is not. */
void count_beyond(const loose *values, int64_t n_values, const double *low, const double *high, int64_t n, int64_t *counts) {
    for (int64_t first = 0; first < n_values; first += n) {
        const int64_t count = n_values - first < n ? n_values - first : n;
        call_for(values + first, count);
        for (int64_t i = 0; i < count; i++) counts[i] += (values[first + i] < low[i]) | (values[first + i] > high[i]);
    }
}

/* Write the text of each number, one after the other: text i is from begin[i] to begin[i + 1]. Return their length. */
int64_t write_texts(const char *texts, const int64_t *begin, const int64_t *numbers, int64_t n, char *to) {
    const char *first = to;
    for (int64_t i = 0; i < n; i++)
        for (int64_t at = begin[numbers[i]]; at < begin[numbers[i] + 1]; at++) *to++ = texts[at];
    return to - first;
}
