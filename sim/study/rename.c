// SPDX-License-Identifier: GPL-3.0-or-later
// Other names in a formula that has been parsed before, so that nothing is wrong with it.
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "study/compare.h"

enum { DEEPEST = 256 };

struct renaming {
    const char *const *names, *const *renamed;
    size_t count;
    struct ws_text out;
    int depth, selects[DEEPEST]; // of parentheses; whether one is a select's
    int starts_argument;         // the last token was the opening of a call or a comma
};

static int is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

static size_t skip_blanks(const char *s) { return strspn(s, " \t\r\n"); }

// "label = value" or "label: value" as an argument of select.
static int is_label(const struct renaming *r, const char *after) {
    int in_select = r->depth > 0 && r->depth <= DEEPEST && r->selects[r->depth - 1];
    return in_select && r->starts_argument && (*after == ':' || (*after == '=' && after[1] != '='));
}

static const char *find(const struct renaming *r, const char *word, size_t length) {
    for (size_t i = 0; i < r->count; i++)
        if (strlen(r->names[i]) == length && strncmp(r->names[i], word, length) == 0)
            return r->renamed[i];
    return NULL;
}

static void open_call(struct renaming *r, int is_select) {
    if (r->depth < DEEPEST)
        r->selects[r->depth] = is_select;
    r->depth++;
}

static size_t word_length(const char *s) {
    size_t n = 0;
    while (is_word(s[n]))
        n++;
    return n;
}

// 1.5e-3: its letter is no name. Returns its length.
static size_t number_length(const char *s) {
    size_t n = strspn(s, "0123456789.");
    if (n && (s[n] == 'e' || s[n] == 'E')) {
        size_t sign = s[n + 1] == '+' || s[n + 1] == '-';
        size_t digits = strspn(s + n + 1 + sign, "0123456789");
        n += digits ? 1 + sign + digits : 0;
    }
    return n;
}

// Copies one token, changed where it is a name, and returns its length.
static size_t copy_token(struct renaming *r, const char *s, int *select_before) {
    size_t n = number_length(s);
    int is_select = 0, starts = 0;
    if (n) {
        ws_text_add_n(&r->out, s, n);
    } else if (*s == '[') {
        n = strcspn(s, "]") + 1;
        ws_text_add_n(&r->out, s, n);
    } else if (is_word(*s)) {
        n = word_length(s);
        const char *after = s + n + skip_blanks(s + n), *name = find(r, s, n);
        int kept = !name || *after == '(' || is_label(r, after);
        is_select = *after == '(' && n == strlen("select") && strncmp(s, "select", n) == 0;
        ws_text_add_n(&r->out, kept ? s : name, kept ? n : strlen(name));
    } else {
        n = 1;
        if (*s == '(')
            open_call(r, *select_before);
        r->depth -= *s == ')' && r->depth > 0;
        starts = *s == '(' || *s == ',';
        ws_text_add_n(&r->out, s, n);
    }
    r->starts_argument = starts;
    *select_before = is_select;
    return n;
}

const char *ws_formula_rename(const char *formula, const char *const *names, const char *const *renamed, size_t count,
                              struct ws_arena *arena) {
    struct renaming r = {.names = names, .renamed = renamed, .count = count, .out = {.arena = arena}};
    int select_before = 0;
    ws_text_add(&r.out, "");
    for (const char *s = formula; *s;) {
        size_t blanks = skip_blanks(s);
        ws_text_add_n(&r.out, s, blanks);
        s += blanks;
        if (*s)
            s += copy_token(&r, s, &select_before);
    }
    return r.out.data;
}
