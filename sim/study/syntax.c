// SPDX-License-Identifier: GPL-3.0-or-later
// The text of a formula -> a tree of terms: tokens one at a time, then precedence climbing. After an error the parser
// goes on behind the next comma or parenthesis of the call that it is in, so that the arguments of a call are reported
// on independently.
#include "study/syntax.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum { MAX_LENGTH = 32768, MAX_NESTING = 200, MAX_HEIGHT = 2000, MAX_UNIT = 256 };

enum token { END, NUMBER, NAME, QUOTED, UNIT, OPEN, CLOSE, COMMA, COLON, OPERATOR, UNREADABLE };

// From loose to tight. NOT and NEGATION are prefixes; powers bind tighter than all of these.
enum precedence { OR = 1, AND, NOT, COMPARISON, SUM, PRODUCT, NEGATION };

struct operator{
    const char *symbol;
    int precedence, operation;
};

static const struct operator operators[] = {
    // longer symbols before those that they begin with
    {"or", OR, WS_OP_OR},         {"and", AND, WS_OP_AND},        {"<=", COMPARISON, WS_OP_LE},
    {">=", COMPARISON, WS_OP_GE}, {"==", COMPARISON, WS_OP_EQ},   {"!=", COMPARISON, WS_OP_NE},
    {"<", COMPARISON, WS_OP_LT},  {">", COMPARISON, WS_OP_GT},    {"=", COMPARISON, WS_OP_EQ},
    {"+", SUM, WS_OP_ADD},        {"-", SUM, WS_OP_SUB},          {"*", PRODUCT, WS_OP_MUL},
    {"/", PRODUCT, WS_OP_DIV},    {"^", NEGATION + 1, WS_OP_POW}, {"not", NOT, WS_OP_NOT},
};

// What people write who know it otherwise from other languages.
static const struct {
    const char *symbol, *meant;
} foreign[] = {{"**", "^"},  {"&&", "and"}, {"||", "or"}, {"<>", "!="}, {"=>", ">="},
               {"=<", "<="}, {"&", "and"},  {"|", "or"},  {"!", "not"}};

struct parser {
    const char *text;
    struct ws_place place;
    struct ws_arena *arena;
    struct ws_messages *messages;
    int failed;
    int quiet;   // an error has been reported and parsing has not yet gone on behind it
    int nesting; // of parentheses, signs and powers
    int open;    // parentheses alone
    // the token at hand
    int token, offset, end; // enum token; its bytes
    double number;
    const char *word; // NAME, QUOTED, NUMBER, UNIT: its text
    const struct operator* op;
};

// ---- places and complaints ----

int ws_syntax_column(const char *text, int offset) {
    int column = 1;
    for (int i = 0; i < offset; i++)
        column += (text[i] & 0xc0) != 0x80; // not the continuation of a UTF-8 character
    return column;
}

struct ws_place ws_syntax_place(const char *text, struct ws_place start, int offset) {
    int lines = 0;
    for (int i = 0; i < offset; i++)
        lines += text[i] == '\n';
    if (start.line == 0)
        return start;
    start.line += lines;
    if (lines > 0)
        start.column = 0;
    else if (start.column > 0)
        start.column += ws_syntax_column(text, offset) - 1;
    return start;
}

static void complain(struct parser *p, int offset, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void complain(struct parser *p, int offset, const char *format, ...) {
    if (!p->quiet) {
        va_list args;
        va_start(args, format);
        const char *text = ws_arena_vprintf(p->arena, format, args);
        va_end(args);
        ws_complain(p->messages, ws_syntax_place(p->text, p->place, offset), "%s", text);
    }
    p->failed = p->quiet = 1;
}

// ---- tokens ----

static int is_digit(char c) { return c >= '0' && c <= '9'; }
static int is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

static void read_number(struct parser *p) {
    const char *s = p->text + p->offset;
    size_t n = strspn(s, "0123456789.");
    if ((s[n] == 'e' || s[n] == 'E') && is_digit(s[n + 1 + (s[n + 1] == '+' || s[n + 1] == '-')])) {
        n += 2;
        n += strspn(s + n, "0123456789");
    }
    size_t word = n + strspn(s + n, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789.");
    p->word = ws_arena_copy_n(p->arena, s, n);
    p->token = NUMBER;
    p->end = p->offset + (int)word;
    if (word > n && is_letter(s[n]))
        complain(p, p->offset,
                 "'%.*s' is neither a number nor a name: write %s * %.*s for a product, or %s [%.*s] for a unit",
                 (int)(word < 40 ? word : 40), s, p->word, (int)(word - n < 40 ? word - n : 40), s + n, p->word,
                 (int)(word - n < 40 ? word - n : 40), s + n);
    else if (ws_parse_double(p->word, &p->number))
        complain(p, p->offset, "'%.40s' is not a number, or beyond the range of numbers", p->word);
}

static void read_unit(struct parser *p) {
    const char *s = p->text + p->offset;
    size_t n = strcspn(s, "]");
    p->token = UNIT;
    p->end = p->offset + (int)n + (s[n] == ']');
    p->word = n > MAX_UNIT ? "" : ws_arena_copy_n(p->arena, s + 1, n - 1);
    if (s[n] != ']')
        complain(p, p->offset, "']' is missing: a unit stands in [ ]");
    else if (n > MAX_UNIT)
        complain(p, p->offset, "a unit longer than %d bytes", MAX_UNIT);
}

// A label that is no name, such as 'llama-3.1-405b'.
static void read_quoted(struct parser *p) {
    const char *s = p->text + p->offset + 1, *end = strchr(s, s[-1]);
    size_t n = end ? (size_t)(end - s) : strlen(s);
    p->token = QUOTED;
    p->end = p->offset + 1 + (int)n + (end != NULL);
    p->word = ws_arena_copy_n(p->arena, s, n);
    if (!end)
        complain(p, p->offset, "a quotation mark is missing: a label that is no name stands between two");
}

static void read_word(struct parser *p) {
    const char *s = p->text + p->offset;
    size_t n = 0;
    while (is_letter(s[n]) || is_digit(s[n]))
        n++;
    p->word = ws_arena_copy_n(p->arena, s, n);
    p->end = p->offset + (int)n;
    p->token = NAME;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strcmp(operators[i].symbol, p->word) == 0) {
            p->token = OPERATOR;
            p->op = &operators[i];
        }
}

static void read_sign(struct parser *p) {
    static const char signs[] = "(),:";
    static const int tokens[] = {OPEN, CLOSE, COMMA, COLON};
    const char *s = p->text + p->offset;
    const char *sign = strchr(signs, *s);
    p->end = p->offset + 1;
    if (sign) {
        p->token = tokens[sign - signs];
        return;
    }
    p->token = OPERATOR;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (strncmp(s, foreign[i].symbol, strlen(foreign[i].symbol)) == 0 && strncmp(s, "!=", 2) != 0) {
            complain(p, p->offset, "'%s' is not an operator here: write %s", foreign[i].symbol, foreign[i].meant);
            p->token = UNREADABLE;
            return;
        }
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strncmp(s, operators[i].symbol, strlen(operators[i].symbol)) == 0) {
            p->op = &operators[i];
            p->end = p->offset + (int)strlen(operators[i].symbol);
            return;
        }
    p->token = UNREADABLE;
    while ((p->text[p->end] & 0xc0) == 0x80)
        p->end++;
    complain(p, p->offset,
             *s == '%' ? "'%.*s' is a unit only: write 50 [%%] for a half" : "'%.*s' has no meaning in a formula",
             p->end - p->offset, s);
}

static void advance(struct parser *p) {
    p->offset = p->end;
    while (p->text[p->offset] && strchr(" \t\r\n", p->text[p->offset]))
        p->offset++;
    char c = p->text[p->offset];
    p->end = p->offset;
    p->op = NULL;
    if (c == '\0')
        p->token = END;
    else if (is_digit(c) || (c == '.' && is_digit(p->text[p->offset + 1])))
        read_number(p);
    else if (is_letter(c))
        read_word(p);
    else if (c == '[')
        read_unit(p);
    else if (c == '\'' || c == '"')
        read_quoted(p);
    else
        read_sign(p);
}

// "found ')' where a value is wanted", or that the formula ends there.
static void complain_unexpected(struct parser *p, const char *wanted) {
    if (p->token != END)
        complain(p, p->offset, "found '%.*s' where %s is wanted", p->end - p->offset < 40 ? p->end - p->offset : 40,
                 p->text + p->offset, wanted);
    else if (p->open)
        // { formula: select(x, a = b) } in YAML's flow style ends at the comma
        complain(
            p, p->offset,
            "the formula ends where %s is wanted: a parenthesis is open (if YAML has cut the formula at a comma or "
            "colon, quote the formula)",
            wanted);
    else
        complain(p, p->offset, "the formula ends where %s is wanted", wanted);
}

// To the comma or parenthesis that ends the argument at hand.
static void skip_argument(struct parser *p) {
    for (int depth = 0; p->token != END; advance(p)) {
        if (depth == 0 && (p->token == COMMA || p->token == CLOSE))
            break;
        depth += (p->token == OPEN) - (p->token == CLOSE);
    }
}

// ---- terms ----

static const struct ws_term *parse_expression(struct parser *p, int precedence);
static const struct ws_term *parse_prefixed(struct parser *p, int precedence);

static struct ws_term *new_term(struct parser *p, int kind, int offset) {
    struct ws_term *term = WS_NEW(p->arena, struct ws_term);
    term->kind = kind;
    term->offset = offset;
    return term;
}

static void grow_over(struct parser *p, struct ws_term *term, const struct ws_term *child) {
    if (child && child->height >= term->height)
        term->height = child->height + 1;
    if (term->height == MAX_HEIGHT + 1)
        complain(
            p, term->offset,
            "more than %d operations build on each other here: use sum(a, b, ...) or a derived quantity in between",
            MAX_HEIGHT);
}

// left is NULL for a prefix.
static const struct ws_term *make_operation(struct parser *p, const char *symbol, int operation, int offset,
                                            const struct ws_term *left, const struct ws_term *right) {
    struct ws_term *term = new_term(p, WS_TERM_OPERATOR, offset);
    term->symbol = symbol;
    term->operation = operation;
    term->n_children = left ? 2 : 1;
    term->children = WS_NEW_ARRAY(p->arena, const struct ws_term *, 2);
    term->children[0] = left ? left : right;
    term->children[1] = left ? right : NULL;
    grow_over(p, term, left);
    grow_over(p, term, right);
    return term;
}

static const struct ws_term *parse_number(struct parser *p) {
    struct ws_term *term = new_term(p, WS_TERM_NUMBER, p->offset);
    term->number = p->number;
    term->name = p->word;
    advance(p);
    if (p->token == UNIT) {
        term->unit = p->word;
        term->unit_offset = p->offset + 1;
        advance(p);
    }
    return term;
}

static const struct ws_term *parse_parenthesis(struct parser *p) {
    p->open++;
    advance(p);
    const struct ws_term *term = parse_expression(p, OR);
    if (p->token != CLOSE && !p->quiet)
        complain_unexpected(p, "')'");
    if (p->quiet)
        skip_argument(p);
    p->open--;
    if (p->token == CLOSE)
        advance(p);
    return term;
}

// `label = value` or `label: value`; the name NULL for else.
static int parse_label(struct parser *p, struct ws_term_label *label) {
    label->offset = p->offset;
    if (p->token != NAME && p->token != QUOTED && p->token != NUMBER) {
        complain_unexpected(p, "a label");
        return -1;
    }
    label->name = p->token == NAME && strcmp(p->word, "else") == 0 ? NULL : p->word;
    advance(p);
    if (p->token != COLON && !(p->token == OPERATOR && strcmp(p->op->symbol, "=") == 0)) {
        complain_unexpected(p, "'=' after the label");
        return -1;
    }
    advance(p);
    label->term = parse_expression(p, OR);
    return 0;
}

static void parse_argument(struct parser *p, struct ws_term *call) {
    if (call->function->rule == WS_RULE_SELECT && call->n_children == 1) {
        struct ws_term_label label = {0}, *labels = ws_arena_grow(p->arena, (void *)(uintptr_t)call->labels,
                                                                  call->n_labels, sizeof label);
        if (parse_label(p, &label) == 0)
            grow_over(p, call, label.term);
        labels[call->n_labels++] = label;
        call->labels = labels;
        return;
    }
    const struct ws_term *child = parse_expression(p, OR);
    call->children = ws_arena_grow(p->arena, (void *)call->children, call->n_children, sizeof *call->children);
    call->children[call->n_children++] = child;
    grow_over(p, call, child);
}

static void check_count(struct parser *p, const struct ws_term *call) {
    size_t n = call->n_children + call->n_labels, least = call->function->least, most = call->function->most;
    const char *name = call->function->name, *arguments = call->function->arguments;
    if (n < least)
        complain(p, call->offset, "%s(%s) needs %s%zu argument%s, found %zu", name, arguments,
                 least == most ? "" : "at least ", least, least == 1 ? "" : "s", n);
    else if (n > most)
        complain(p, call->offset, "%s(%s) takes %s%zu argument%s, found %zu", name, arguments,
                 least == most ? "" : "at most ", most, most == 1 ? "" : "s", n);
}

static const struct ws_term *parse_call(struct parser *p, const struct ws_function *function, int offset) {
    struct ws_term *call = new_term(p, WS_TERM_CALL, offset);
    int was_quiet = p->quiet;
    call->function = function;
    p->open++;
    advance(p);
    while (p->token != CLOSE || call->n_children > 0) {
        parse_argument(p, call);
        if (p->token != COMMA && p->token != CLOSE)
            complain_unexpected(p, "',' or ')'");
        if (p->quiet)
            skip_argument(p);
        p->quiet = was_quiet || p->token == END;
        if (p->token != COMMA)
            break;
        advance(p);
    }
    p->open--;
    if (p->token == CLOSE) {
        check_count(p, call);
        p->quiet = was_quiet;
        advance(p);
    }
    return call;
}

// A '(' follows the name.
static const struct ws_term *parse_call_of(struct parser *p, const char *name, int offset) {
    static const struct ws_function unknown = {"", "", "", WS_RULE_SAME, -1, 0, MAX_LENGTH};
    const struct ws_function *function = ws_function_find(name);
    if (function)
        return parse_call(p, function, offset);
    size_t n;
    const struct ws_function *functions = ws_functions(&n);
    const char **names = WS_NEW_ARRAY(p->arena, const char *, n);
    for (size_t i = 0; i < n; i++)
        names[i] = functions[i].name;
    const char *near = ws_nearest(name, names, n);
    int was_quiet = p->quiet;
    if (near)
        complain(p, offset, "unknown function '%.60s', did you mean '%s'?", name, near);
    else
        complain(p, offset, "unknown function '%.60s' (a product needs its *)", name);
    p->quiet = was_quiet; // the arguments are looked at all the same
    return parse_call(p, &unknown, offset);
}

static const struct ws_term *parse_name(struct parser *p) {
    const char *name = p->word;
    int offset = p->offset;
    advance(p);
    if (p->token == OPEN)
        return parse_call_of(p, name, offset);
    struct ws_term *term = new_term(p, WS_TERM_NAME, offset);
    term->name = name;
    if (strcmp(name, "pi") == 0) {
        term->kind = WS_TERM_NUMBER;
        term->number = 3.14159265358979323846;
    }
    return term;
}

static const struct ws_term *parse_quoted(struct parser *p) {
    struct ws_term *term = new_term(p, WS_TERM_LABEL, p->offset);
    term->name = p->word;
    advance(p);
    return term;
}

static const struct ws_term *parse_primary(struct parser *p) {
    const struct ws_term *term = NULL;
    switch (p->token) {
    case QUOTED:
        term = parse_quoted(p);
        break;
    case NUMBER:
        term = parse_number(p);
        break;
    case NAME:
        term = parse_name(p);
        break;
    case OPEN:
        term = parse_parenthesis(p);
        break;
    default:
        complain_unexpected(p, "a value");
    }
    if (p->token == UNIT)
        complain(p, p->offset, "found '[%.40s]' behind something else than a number: only numbers are given units here",
                 p->word);
    return term;
}

// x^y^z is x^(y^z); the exponent may have a sign.
static const struct ws_term *parse_power(struct parser *p) {
    const struct ws_term *base = parse_primary(p);
    if (p->token != OPERATOR || p->op->operation != WS_OP_POW)
        return base;
    int offset = p->offset;
    advance(p);
    return make_operation(p, "^", WS_OP_POW, offset, base, parse_prefixed(p, NEGATION));
}

static const struct ws_term *parse_sign_or_not(struct parser *p, int precedence) {
    const struct operator* prefix = p->op;
    int offset = p->offset;
    if (prefix->operation == WS_OP_NOT && precedence > NOT)
        complain(p, offset, "'not' needs parentheses here: (not ...)");
    advance(p);
    if (prefix->operation == WS_OP_NOT)
        return make_operation(p, "not", WS_OP_NOT, offset, NULL, parse_expression(p, NOT));
    const struct ws_term *operand = parse_prefixed(p, NEGATION);
    return prefix->operation == WS_OP_ADD ? operand : make_operation(p, "-", WS_OP_NEG, offset, NULL, operand);
}

static const struct ws_term *parse_prefixed(struct parser *p, int precedence) {
    const struct ws_term *term = NULL;
    int operation = p->token == OPERATOR ? p->op->operation : -1;
    if (++p->nesting > MAX_NESTING) {
        complain(p, p->offset, "the formula nests more than %d deep here", MAX_NESTING);
        while (p->token != END)
            advance(p);
    } else if (operation == WS_OP_NOT || operation == WS_OP_SUB || operation == WS_OP_ADD)
        term = parse_sign_or_not(p, precedence);
    else
        term = parse_power(p);
    p->nesting--;
    return term;
}

static const struct ws_term *parse_expression(struct parser *p, int precedence) {
    const struct ws_term *left = parse_prefixed(p, precedence);
    int compared = 0;
    while (p->token == OPERATOR && p->op->operation != WS_OP_NOT && p->op->precedence >= precedence && !p->quiet) {
        const struct operator* op = p->op;
        int offset = p->offset;
        if (op->precedence == COMPARISON && compared)
            complain(p, offset, "a chain of comparisons: write a < b and b < c");
        compared = op->precedence == COMPARISON;
        advance(p);
        left = make_operation(p, op->symbol, op->operation, offset, left, parse_expression(p, op->precedence + 1));
    }
    return left;
}

// ---- names ----

struct names {
    struct ws_arena *arena;
    const char *text;
    struct ws_syntax_name *items;
    size_t count;
};

static void add_name(struct names *names, const struct ws_term *term, int may_be_label) {
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i].name, term->name) == 0) {
            names->items[i].may_be_label &= may_be_label;
            return;
        }
    names->items = ws_arena_grow(names->arena, names->items, names->count, sizeof *names->items);
    names->items[names->count++] =
        (struct ws_syntax_name){term->name, ws_syntax_column(names->text, term->offset), may_be_label};
}

static void collect_names(struct names *names, const struct ws_term *term) {
    if (term->kind == WS_TERM_NAME)
        add_name(names, term, 0);
    int equality = term->kind == WS_TERM_OPERATOR && (term->operation == WS_OP_EQ || term->operation == WS_OP_NE) &&
                   term->children[0]->kind == WS_TERM_NAME && term->children[1]->kind == WS_TERM_NAME;
    for (size_t i = 0; i < term->n_children; i++)
        if (equality)
            add_name(names, term->children[i], 1);
        else
            collect_names(names, term->children[i]);
    for (size_t i = 0; i < term->n_labels; i++)
        collect_names(names, term->labels[i].term);
}

const struct ws_syntax_name *ws_syntax_names(const struct ws_syntax *syntax, size_t *count) {
    *count = syntax->n_names;
    return syntax->names;
}

const struct ws_syntax *ws_syntax_parse(const char *text, struct ws_place place, struct ws_arena *arena,
                                        struct ws_messages *messages) {
    struct parser p = {.text = text, .place = place, .arena = arena, .messages = messages};
    if (strlen(text) > MAX_LENGTH) {
        complain(&p, 0, "the formula is longer than %d bytes", MAX_LENGTH);
        return NULL;
    }
    advance(&p);
    if (p.token == END)
        complain(&p, 0, "the formula is empty");
    const struct ws_term *root = parse_expression(&p, OR);
    if (p.token == CLOSE)
        complain(&p, p.offset, "found ')' without its '('");
    else if (p.token != END)
        complain_unexpected(&p, "an operator or the end");
    if (p.failed)
        return NULL;
    struct names names = {.arena = arena, .text = text};
    collect_names(&names, root);
    struct ws_syntax *syntax = WS_NEW(arena, struct ws_syntax);
    *syntax = (struct ws_syntax){ws_arena_copy(arena, text), place, root, names.count, names.items};
    return syntax;
}
