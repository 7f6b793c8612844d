// SPDX-License-Identifier: GPL-3.0-or-later
// The checker: terms -> expressions, with the unit of every term carried along as a product. Products multiply scales
// (h * kW has the scale 3.6e6), sums bring their operands to the first one's, and the root to the wanted unit, so that
// the only cost per draw is one multiplication where scales differ.
#include "study/check.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "study/formula.h"
#include "study/product.h"
#include "study/syntax.h"

enum { MAX_EXPANDED_POWER = 8, MAX_EXPANDED_SIZE = 1000, REASON = 512 };

struct checker {
    const struct ws_syntax *syntax;
    const struct ws_scope *scope;
    struct ws_arena *arena;
    struct ws_messages *messages;
};

// A checked term: tree's value times unit.to_base is in base units. tree is NULL where an error has been reported.
struct typed {
    const struct ws_expression *tree;
    struct ws_product unit;
};

static struct typed *check_term(struct checker *c, const struct ws_term *term);

// ---- complaints ----

static void complain(struct checker *c, int offset, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void complain(struct checker *c, int offset, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *text = ws_arena_vprintf(c->arena, format, args);
    va_end(args);
    ws_complain(c->messages, ws_syntax_place(c->syntax->text, c->syntax->place, offset), "%s", text);
}

// A unit as a message names it.
static const char *spell(struct checker *c, const struct typed *typed) {
    if (ws_product_is_number(&typed->unit))
        return "a number without unit";
    const char *label = ws_product_label(&typed->unit, c->arena);
    return label ? label : ws_units_base_label(c->scope->units, &typed->unit);
}

// ---- making trees ----

static struct typed *new_typed(struct checker *c) {
    struct typed *typed = WS_NEW(c->arena, struct typed);
    ws_product_init(&typed->unit);
    return typed;
}

static struct ws_expression *new_expression(struct checker *c, int kind, int offset) {
    struct ws_expression *expression = WS_NEW(c->arena, struct ws_expression);
    expression->kind = kind;
    expression->column = ws_syntax_column(c->syntax->text, offset);
    return expression;
}

static const struct ws_expression *make_number(struct checker *c, double number, int offset) {
    struct ws_expression *expression = new_expression(c, WS_NUMBER, offset);
    expression->number = number;
    return expression;
}

// Constants are folded. NULL with a complaint where that gives no finite number.
static const struct ws_expression *make_apply(struct checker *c, int operation, int offset, size_t n,
                                              const struct ws_expression *const *operands) {
    struct ws_expression *expression = new_expression(c, WS_APPLY, offset);
    int constant = 1;
    expression->operation = operation;
    expression->n_operands = n;
    for (size_t i = 0; i < n; i++) {
        expression->operand[i] = operands[i];
        constant &= operands[i]->kind == WS_NUMBER;
    }
    if (!constant)
        return expression;
    const struct ws_expression *folded = make_number(c, ws_expression_value(expression, NULL), offset);
    if (isfinite(folded->number))
        return folded;
    complain(c, offset, "this is a constant, and not a finite number");
    return NULL;
}

static const struct ws_expression *make_unary(struct checker *c, int operation, int offset,
                                              const struct ws_expression *a) {
    return make_apply(c, operation, offset, 1, &a);
}

static const struct ws_expression *make_binary(struct checker *c, int operation, int offset,
                                               const struct ws_expression *a, const struct ws_expression *b) {
    return make_apply(c, operation, offset, 2, (const struct ws_expression *[]){a, b});
}

static const struct ws_expression *make_select(struct checker *c, int offset, const struct ws_expression *condition,
                                               const struct ws_expression *a, const struct ws_expression *b) {
    return make_apply(c, WS_OP_SELECT, offset, 3, (const struct ws_expression *[]){condition, a, b});
}

// The tree with values in units of to_base; no multiplication where that is 1.
static const struct ws_expression *rescale(struct checker *c, const struct typed *typed, double to_base) {
    double factor = ws_round_factor(typed->unit.to_base / to_base);
    int offset = typed->tree->column - 1;
    return factor == 1 ? typed->tree : make_binary(c, WS_OP_MUL, offset, typed->tree, make_number(c, factor, offset));
}

// The tree as a plain number (50 [%] as 0.5), or NULL with a complaint that `what` needs one.
static const struct ws_expression *as_number(struct checker *c, const struct typed *typed, int offset,
                                             const char *what) {
    if (!typed->tree)
        return NULL;
    if (ws_product_is_number(&typed->unit))
        return rescale(c, typed, 1);
    complain(c, offset, "%s needs a number without unit, found %s", what, spell(c, typed));
    return NULL;
}

// ---- one dimension for several terms ----

// 0 has any unit.
static int is_zero(const struct typed *typed) {
    return typed->tree->kind == WS_NUMBER && typed->tree->number == 0 && ws_product_is_number(&typed->unit);
}

// The first term that has a unit to go by, or NULL where some term is bad.
static const struct typed *leader(size_t n, struct typed *const *items) {
    const struct typed *first = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!items[i]->tree)
            return NULL;
        if (!first && !is_zero(items[i]))
            first = items[i];
    }
    return first ? first : items[0];
}

// Brings all to the unit of the first that is not 0, which is returned. NULL with a complaint, "cannot add GWh and USD"
// by `format` with the two units, or without where some term is bad.
static const struct typed *unify(struct checker *c, size_t n, struct typed **items, int offset, const char *format) {
    const struct typed *first = leader(n, items);
    for (size_t i = 0; first && i < n; i++) {
        if (items[i] == first || is_zero(items[i]))
            continue;
        if (!ws_product_same_dimension(&first->unit, &items[i]->unit)) {
            const char *a = spell(c, first), *b = spell(c, items[i]);
            struct ws_text text = {.arena = c->arena}; // format has two @
            for (const char *s = format; *s; s++)
                if (*s == '@') {
                    ws_text_add(&text, a);
                    a = b;
                } else
                    ws_text_add_n(&text, s, 1);
            complain(c, offset, "%s", text.data);
            return NULL;
        }
        items[i]->tree = rescale(c, items[i], first->unit.to_base);
        if (!items[i]->tree)
            return NULL;
    }
    return first;
}

// ---- names and choices ----

static size_t find_quantity(const struct checker *c, const char *name) {
    for (size_t i = 0; i < c->scope->n_quantities; i++)
        if (strcmp(c->scope->quantities[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

static const struct ws_prior *choice_of(const struct ws_quantity *quantity) {
    return quantity->prior && quantity->prior->family->kind == WS_CATEGORICAL ? quantity->prior : NULL;
}

// The index of the choice that the term names, SIZE_MAX if it is anything else.
static size_t find_choice(const struct checker *c, const struct ws_term *term) {
    size_t i = term->kind == WS_TERM_NAME ? find_quantity(c, term->name) : SIZE_MAX;
    return i != SIZE_MAX && choice_of(&c->scope->quantities[i]) ? i : SIZE_MAX;
}

static size_t find_label(const struct ws_prior *choice, const char *label) {
    for (size_t i = 0; i < choice->n_parts; i++)
        if (strcmp(choice->parts[i].label, label) == 0)
            return i;
    return SIZE_MAX;
}

// "straight_line, value_decay"
static const char *list_labels(struct checker *c, const struct ws_prior *choice) {
    struct ws_text text = {.arena = c->arena};
    for (size_t i = 0; i < choice->n_parts; i++)
        ws_text_printf(&text, "%s%s", i ? ", " : "", choice->parts[i].label);
    return text.data ? text.data : "";
}

static void complain_label(struct checker *c, int offset, const struct ws_quantity *quantity, const char *label) {
    const struct ws_prior *choice = choice_of(quantity);
    const char **labels = WS_NEW_ARRAY(c->arena, const char *, choice->n_parts);
    for (size_t i = 0; i < choice->n_parts; i++)
        labels[i] = choice->parts[i].label;
    const char *near = ws_nearest(label, labels, choice->n_parts);
    if (near)
        complain(c, offset, "'%s' has no label '%s', did you mean '%s'?", quantity->name, label, near);
    else
        complain(c, offset, "'%s' has no label '%s', it has %s", quantity->name, label, list_labels(c, choice));
}

static void complain_name(struct checker *c, const struct ws_term *term) {
    if (ws_function_find(term->name)) {
        complain(c, term->offset, "'%s' is a function and needs its arguments: %s(%s)", term->name, term->name,
                 ws_function_find(term->name)->arguments);
        return;
    }
    const char **names = WS_NEW_ARRAY(c->arena, const char *, c->scope->n_quantities + 1);
    for (size_t i = 0; i < c->scope->n_quantities; i++) {
        const struct ws_quantity *quantity = &c->scope->quantities[i];
        names[i] = quantity->name;
        if (choice_of(quantity) && find_label(choice_of(quantity), term->name) != SIZE_MAX) {
            complain(c, term->offset, "'%s' is a label of '%s': write %s = %s, or select(%s, ...)", term->name,
                     quantity->name, quantity->name, term->name, quantity->name);
            return;
        }
    }
    const char *near = ws_nearest(term->name, names, c->scope->n_quantities);
    if (near)
        complain(c, term->offset, "unknown name '%.80s', did you mean '%s'?", term->name, near);
    else
        complain(c, term->offset, "unknown name '%.80s'", term->name);
}

static void check_name(struct checker *c, const struct ws_term *term, struct typed *result) {
    char why[REASON];
    size_t i = find_quantity(c, term->name);
    if (i == SIZE_MAX) {
        complain_name(c, term);
        return;
    }
    const struct ws_quantity *quantity = &c->scope->quantities[i];
    if (choice_of(quantity)) {
        complain(c, term->offset, "'%s' is a choice between %s: compare it (%s = %s) or use select(%s, ...)",
                 quantity->name, list_labels(c, choice_of(quantity)), quantity->name,
                 choice_of(quantity)->parts[0].label, quantity->name);
        return;
    }
    if (!quantity->unit.label) // its own formula has been complained about
        return;
    if (ws_unit_expand(c->scope->units, quantity->unit.label, &result->unit, why, sizeof why)) {
        complain(c, term->offset, "'%s': %s", quantity->name, why);
        return;
    }
    struct ws_expression *tree = new_expression(c, WS_QUANTITY, term->offset);
    tree->quantity = i;
    result->tree = tree;
}

// ---- operators ----

static void check_number(struct checker *c, const struct ws_term *term, struct typed *result) {
    char why[REASON];
    if (term->unit && ws_unit_expand(c->scope->units, term->unit, &result->unit, why, sizeof why))
        complain(c, term->unit_offset, "%s", why);
    else
        result->tree = make_number(c, term->number, term->offset);
}

static void check_product(struct checker *c, const struct ws_term *term, struct typed *result) {
    const struct typed *a = check_term(c, term->children[0]), *b = check_term(c, term->children[1]);
    if (!a->tree || !b->tree)
        return;
    result->unit = a->unit;
    if (ws_product_multiply(&result->unit, &b->unit, term->operation == WS_OP_MUL ? WS_ONE : -WS_ONE)) {
        complain(c, term->offset, "the unit of this product has too large a power");
        return;
    }
    result->tree = make_binary(c, term->operation, term->offset, a->tree, b->tree);
}

static void check_sum(struct checker *c, const struct ws_term *term, struct typed *result) {
    struct typed *items[2] = {check_term(c, term->children[0]), check_term(c, term->children[1])};
    const struct typed *first =
        unify(c, 2, items, term->offset,
              term->operation == WS_OP_ADD ? "cannot add @ and @" : "cannot take the difference of @ and @");
    if (!first)
        return;
    result->unit = first->unit;
    result->tree = make_binary(c, term->operation, term->offset, items[0]->tree, items[1]->tree);
}

// `ownership = straight_line`, either way round.
static void check_label_comparison(struct checker *c, const struct ws_term *term, size_t choice,
                                   const struct ws_term *label, struct typed *result) {
    const struct ws_quantity *quantity = &c->scope->quantities[choice];
    if (term->operation != WS_OP_EQ && term->operation != WS_OP_NE) {
        complain(c, term->offset, "'%s' is a choice: its labels have no order, only = and != compare them",
                 quantity->name);
        return;
    }
    int is_label = label->kind == WS_TERM_NAME || label->kind == WS_TERM_LABEL;
    if (!is_label && !(label->kind == WS_TERM_NUMBER && label->name)) {
        complain(c, label->offset, "'%s' can only be compared with one of its labels: %s", quantity->name,
                 list_labels(c, choice_of(quantity)));
        return;
    }
    size_t index = find_label(choice_of(quantity), label->name);
    if (index == SIZE_MAX) {
        complain_label(c, label->offset, quantity, label->name);
        return;
    }
    struct ws_expression *tree = new_expression(c, WS_QUANTITY, term->offset);
    tree->quantity = choice;
    result->tree = make_binary(c, term->operation, term->offset, tree, make_number(c, (double)index, label->offset));
}

static void check_comparison(struct checker *c, const struct ws_term *term, struct typed *result) {
    size_t left = find_choice(c, term->children[0]), right = find_choice(c, term->children[1]);
    if (left != SIZE_MAX) {
        check_label_comparison(c, term, left, term->children[1], result);
    } else if (right != SIZE_MAX) {
        check_label_comparison(c, term, right, term->children[0], result);
    } else {
        struct typed *items[2] = {check_term(c, term->children[0]), check_term(c, term->children[1])};
        if (unify(c, 2, items, term->offset, "cannot compare @ with @"))
            result->tree = make_binary(c, term->operation, term->offset, items[0]->tree, items[1]->tree);
    }
}

static void check_logic(struct checker *c, const struct ws_term *term, struct typed *result) {
    const struct ws_expression *operands[2] = {NULL, NULL};
    int bad = 0;
    for (size_t i = 0; i < term->n_children; i++) {
        operands[i] = as_number(c, check_term(c, term->children[i]), term->children[i]->offset, term->symbol);
        bad |= !operands[i];
    }
    if (!bad)
        result->tree = make_apply(c, term->operation, term->offset, term->n_children, operands);
}

static void check_negation(struct checker *c, const struct ws_term *term, struct typed *result) {
    *result = *check_term(c, term->children[0]);
    if (result->tree)
        result->tree = make_unary(c, WS_OP_NEG, term->offset, result->tree);
}

// ---- powers ----

// Operations and leaves, counted as the tree that it is, up to `most`.
static size_t tree_size(const struct ws_expression *tree, size_t most) {
    size_t size = 1;
    for (size_t i = 0; tree->kind == WS_APPLY && i < tree->n_operands && size < most; i++)
        size += tree_size(tree->operand[i], most - size);
    return size;
}

// base^n by squaring, n >= 1.
static const struct ws_expression *multiply_out(struct checker *c, const struct ws_expression *base, int n,
                                                int offset) {
    if (n == 1)
        return base;
    const struct ws_expression *half = multiply_out(c, base, n / 2, offset);
    const struct ws_expression *square = half ? make_binary(c, WS_OP_MUL, offset, half, half) : NULL;
    return square && n % 2 ? make_binary(c, WS_OP_MUL, offset, square, base) : square;
}

// Small whole powers are products and halves square roots, which are faster and rounded more exactly than pow. A power
// of a large expression is left to pow, so that nested powers do not grow without bound.
static const struct ws_expression *make_power(struct checker *c, const struct ws_expression *base,
                                              const struct ws_expression *exponent, int offset) {
    double e = exponent->kind == WS_NUMBER ? exponent->number : NAN;
    double n = fabs(e);
    const struct ws_expression *result;
    if (n == 0.5)
        result = make_unary(c, WS_OP_SQRT, offset, base);
    else if (n == floor(n) && n >= 1 && n <= MAX_EXPANDED_POWER &&
             tree_size(base, MAX_EXPANDED_SIZE) * (size_t)n < MAX_EXPANDED_SIZE)
        result = multiply_out(c, base, (int)n, offset);
    else
        return make_binary(c, WS_OP_POW, offset, base, exponent);
    return result && e < 0 ? make_binary(c, WS_OP_DIV, offset, make_number(c, 1, offset), result) : result;
}

// unit^exponent; nonzero with a complaint.
static int raise_unit(struct checker *c, const struct typed *base, const struct ws_expression *exponent, int offset,
                      struct ws_product *unit) {
    ws_product_init(unit);
    if (exponent->kind != WS_NUMBER) {
        complain(c, offset, "the exponent of a quantity in %s must be a constant", spell(c, base));
        return -1;
    }
    double twelfths = exponent->number * WS_ONE;
    if (!(fabs(twelfths - nearbyint(twelfths)) < 1e-6 && fabs(twelfths) <= WS_MAX_POWER) ||
        ws_product_multiply(unit, &base->unit, (int)nearbyint(twelfths))) {
        complain(c, offset,
                 "%s cannot be raised to the power %g: whole powers and square, cubic or fourth roots are wanted",
                 spell(c, base), exponent->number);
        return -1;
    }
    return 0;
}

static void check_power_of(struct checker *c, const struct ws_term *base_term, const struct ws_term *exponent_term,
                           int offset, struct typed *result) {
    const struct typed *base = check_term(c, base_term), *power = check_term(c, exponent_term);
    const struct ws_expression *exponent = as_number(c, power, exponent_term->offset, "an exponent");
    if (!base->tree || !exponent)
        return;
    if (ws_product_is_number(&base->unit)) {
        const struct ws_expression *number = rescale(c, base, 1);
        result->tree = number ? make_power(c, number, exponent, offset) : NULL;
    } else if (raise_unit(c, base, exponent, offset, &result->unit) == 0)
        result->tree = make_power(c, base->tree, exponent, offset);
}

// ---- functions ----

static void check_number_function(struct checker *c, const struct ws_term *term, struct typed *result) {
    const struct ws_term *argument = term->children[0];
    const struct ws_expression *x = as_number(c, check_term(c, argument), argument->offset, term->function->name);
    if (x)
        result->tree = make_unary(c, term->function->operation, term->offset, x);
}

// All of a call's arguments checked; NULL with a complaint where their dimensions differ.
static const struct typed *check_arguments(struct checker *c, const struct ws_term *term, struct typed **items) {
    for (size_t i = 0; i < term->n_children; i++)
        items[i] = check_term(c, term->children[i]);
    const char *format = ws_arena_printf(c->arena, "%s needs values of one kind, found @ and @", term->function->name);
    return unify(c, term->n_children, items, term->offset, format);
}

// Combines in pairs, so that a sum of a thousand is ten operations high and rounds less.
static const struct ws_expression *make_pairwise(struct checker *c, int operation, int offset,
                                                 struct typed *const *items, size_t n) {
    if (n == 1)
        return items[0]->tree;
    const struct ws_expression *a = make_pairwise(c, operation, offset, items, (n + 1) / 2);
    const struct ws_expression *b = make_pairwise(c, operation, offset, items + (n + 1) / 2, n / 2);
    return a && b ? make_binary(c, operation, offset, a, b) : NULL;
}

static void check_same(struct checker *c, const struct ws_term *term, struct typed *result) {
    struct typed **items = WS_NEW_ARRAY(c->arena, struct typed *, term->n_children);
    const struct typed *first = check_arguments(c, term, items);
    if (!first)
        return;
    result->unit = first->unit;
    if (term->function->most == 1)
        result->tree = make_unary(c, term->function->operation, term->offset, items[0]->tree);
    else
        result->tree = make_pairwise(c, term->function->operation, term->offset, items, term->n_children);
}

static void check_clamp(struct checker *c, const struct ws_term *term, struct typed *result) {
    struct typed *items[3];
    const struct typed *first = check_arguments(c, term, items);
    if (!first)
        return;
    const struct ws_expression *low = items[1]->tree, *high = items[2]->tree;
    if (low->kind == WS_NUMBER && high->kind == WS_NUMBER && low->number > high->number) {
        complain(c, term->offset, "clamp(x, low, high) needs low <= high, found %g and %g", low->number, high->number);
        return;
    }
    const struct ws_expression *raised = make_binary(c, WS_OP_MAX, term->offset, items[0]->tree, low);
    result->unit = first->unit;
    result->tree = raised ? make_binary(c, WS_OP_MIN, term->offset, raised, high) : NULL;
}

static void check_sqrt(struct checker *c, const struct ws_term *term, struct typed *result) {
    const struct typed *base = check_term(c, term->children[0]);
    if (base->tree && raise_unit(c, base, make_number(c, 0.5, term->offset), term->offset, &result->unit) == 0)
        result->tree = make_unary(c, WS_OP_SQRT, term->offset, base->tree);
}

static void check_pow(struct checker *c, const struct ws_term *term, struct typed *result) {
    check_power_of(c, term->children[0], term->children[1], term->offset, result);
}

static void check_if(struct checker *c, const struct ws_term *term, struct typed *result) {
    const struct ws_term *const *arguments = term->children;
    const struct ws_expression *condition =
        as_number(c, check_term(c, arguments[0]), arguments[0]->offset, "the condition of if");
    struct typed *items[2] = {check_term(c, arguments[1]), check_term(c, arguments[2])};
    const struct typed *first = unify(c, 2, items, term->offset, "if needs two values of one kind, found @ and @");
    if (!condition || !first)
        return;
    result->unit = first->unit;
    result->tree = make_select(c, term->offset, condition, items[0]->tree, items[1]->tree);
}

// Which argument of select stands for each label: term->labels[which[i]] for label i. Nonzero with complaints.
static int match_labels(struct checker *c, const struct ws_term *term, const struct ws_quantity *quantity,
                        size_t *which) {
    const struct ws_prior *choice = choice_of(quantity);
    size_t otherwise = SIZE_MAX, missing = 0;
    int bad = 0;
    for (size_t i = 0; i < choice->n_parts; i++)
        which[i] = SIZE_MAX;
    for (size_t k = 0; k < term->n_labels; k++) {
        const struct ws_term_label *label = &term->labels[k];
        size_t i = label->name ? find_label(choice, label->name) : SIZE_MAX;
        bad |= i != SIZE_MAX ? which[i] != SIZE_MAX : label->name || k + 1 < term->n_labels;
        if (i != SIZE_MAX && which[i] != SIZE_MAX)
            complain(c, label->offset, "label '%s' comes twice", label->name);
        else if (i != SIZE_MAX)
            which[i] = k;
        else if (label->name)
            complain_label(c, label->offset, quantity, label->name);
        else if (k + 1 < term->n_labels)
            complain(c, label->offset, "else must come last");
        else
            otherwise = k;
    }
    struct ws_text text = {.arena = c->arena};
    for (size_t i = 0; i < choice->n_parts; i++)
        if (which[i] == SIZE_MAX) {
            ws_text_printf(&text, "%s%s", missing++ ? ", " : "", choice->parts[i].label);
            which[i] = otherwise;
        }
    if (missing && otherwise == SIZE_MAX && !bad)
        complain(c, term->offset, "select has no value for %s of '%s': give one, or else = ...", text.data,
                 quantity->name);
    else if (!missing && otherwise != SIZE_MAX)
        complain(c, term->labels[otherwise].offset, "else is never reached: every label of '%s' has its value",
                 quantity->name);
    return bad || (missing > 0) == (otherwise == SIZE_MAX);
}

// select(x, a = p, b = q, c = r) is if(x = a, p, if(x = b, q, r)).
static void check_select(struct checker *c, const struct ws_term *term, struct typed *result) {
    const struct ws_term *subject = term->children[0];
    struct typed **items = WS_NEW_ARRAY(c->arena, struct typed *, term->n_labels);
    for (size_t k = 0; k < term->n_labels; k++)
        items[k] = check_term(c, term->labels[k].term);
    const struct typed *first =
        unify(c, term->n_labels, items, term->offset, "select needs values of one kind, found @ and @");
    size_t index = find_choice(c, subject);
    if (index == SIZE_MAX) {
        if (subject->kind != WS_TERM_NAME || find_quantity(c, subject->name) != SIZE_MAX)
            complain(c, subject->offset,
                     "select needs an input with a choice prior first; for conditions use if(condition, a, b)");
        else
            complain_name(c, subject);
        return;
    }
    const struct ws_quantity *quantity = &c->scope->quantities[index];
    size_t n = choice_of(quantity)->n_parts, *which = WS_NEW_ARRAY(c->arena, size_t, n);
    if (match_labels(c, term, quantity, which) || !first)
        return;
    struct ws_expression *x = new_expression(c, WS_QUANTITY, subject->offset);
    x->quantity = index;
    result->unit = first->unit;
    result->tree = items[which[n - 1]]->tree;
    for (size_t i = n - 1; i-- > 0 && result->tree;) {
        const struct ws_expression *is_it =
            make_binary(c, WS_OP_EQ, term->offset, x, make_number(c, (double)i, term->offset));
        result->tree = make_select(c, term->offset, is_it, items[which[i]]->tree, result->tree);
    }
}

static void check_call(struct checker *c, const struct ws_term *term, struct typed *result) {
    static void (*const rules[])(struct checker *, const struct ws_term *, struct typed *) = {
        [WS_RULE_NUMBER] = check_number_function,
        [WS_RULE_SAME] = check_same,
        [WS_RULE_CLAMP] = check_clamp,
        [WS_RULE_SQRT] = check_sqrt,
        [WS_RULE_POW] = check_pow,
        [WS_RULE_IF] = check_if,
        [WS_RULE_SELECT] = check_select,
    };
    rules[term->function->rule](c, term, result);
}

static void check_operator(struct checker *c, const struct ws_term *term, struct typed *result) {
    switch (term->operation) {
    case WS_OP_ADD:
    case WS_OP_SUB:
        check_sum(c, term, result);
        break;
    case WS_OP_MUL:
    case WS_OP_DIV:
        check_product(c, term, result);
        break;
    case WS_OP_POW:
        check_power_of(c, term->children[0], term->children[1], term->offset, result);
        break;
    case WS_OP_NEG:
        check_negation(c, term, result);
        break;
    case WS_OP_AND:
    case WS_OP_OR:
    case WS_OP_NOT:
        check_logic(c, term, result);
        break;
    default:
        check_comparison(c, term, result);
    }
}

static struct typed *check_term(struct checker *c, const struct ws_term *term) {
    struct typed *result = new_typed(c);
    switch (term->kind) {
    case WS_TERM_NUMBER:
        check_number(c, term, result);
        break;
    case WS_TERM_NAME:
        check_name(c, term, result);
        break;
    case WS_TERM_LABEL:
        complain(c, term->offset, "'%.80s' in quotes is a label, which is compared with its choice (NAME = '%.80s')",
                 term->name, term->name);
        break;
    case WS_TERM_OPERATOR:
        check_operator(c, term, result);
        break;
    default:
        check_call(c, term, result);
    }
    return result;
}

// ---- the whole ----

// The unit for a formula that declares none; nonzero with a complaint.
static int infer_unit(struct checker *c, const struct typed *root, struct ws_unit *unit) {
    char why[REASON];
    if (!ws_product_is_whole(&root->unit)) {
        complain(c, 0, "the formula's unit %s has a fractional power, which no quantity can have", spell(c, root));
        return -1;
    }
    const char *label = ws_product_label(&root->unit, c->arena);
    struct ws_product product;
    if (!label || ws_unit_expand(c->scope->units, label, &product, why, sizeof why) ||
        !ws_product_same_dimension(&product, &root->unit))
        label = ws_units_base_label(c->scope->units, &root->unit);
    if (ws_unit_parse(c->scope->units, label, unit, why, sizeof why)) {
        complain(c, 0, "the formula's unit %s is beyond what a quantity can have (%s)", label, why);
        return -1;
    }
    return 0;
}

const struct ws_expression *ws_formula_check(const struct ws_syntax *syntax, const struct ws_scope *scope,
                                             struct ws_unit *unit, struct ws_arena *arena,
                                             struct ws_messages *messages) {
    struct checker c = {syntax, scope, arena, messages};
    char why[REASON];
    const struct typed *root = check_term(&c, syntax->root);
    if (!root->tree)
        return NULL;
    if (!unit->label)
        return infer_unit(&c, root, unit) ? NULL : rescale(&c, root, unit->to_base);
    if (is_zero(root))
        return root->tree;
    struct ws_product wanted;
    if (ws_unit_expand(scope->units, unit->label, &wanted, why, sizeof why)) {
        complain(&c, 0, "%s", why);
        return NULL;
    }
    if (!ws_product_same_dimension(&wanted, &root->unit)) {
        complain(&c, 0, "the formula gives %s, which does not convert to its unit %s", spell(&c, root), unit->label);
        return NULL;
    }
    return rescale(&c, root, unit->to_base);
}
