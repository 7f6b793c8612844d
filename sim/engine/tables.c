// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of all inputs, built side by side; equal priors share one.
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/plan.h"
#include "engine/threads.h"

static void release_table(void *table) { ws_table_finish(table); }
static void release_grid(void *grid) { ws_table_grid_destroy(grid); }

// A prior to be compiled: an input's, or that of one label where the input's prior is conditional.
struct job {
    const struct ws_quantity *input;
    const char *label; // NULL: the input's own
    const struct ws_prior *prior;
    struct ws_table *table;
};

static const struct ws_prior *standard_normal(struct ws_arena *arena) {
    struct ws_prior *prior = WS_NEW(arena, struct ws_prior);
    *prior = (struct ws_prior){.family = ws_family_find("normal"),
                               .p = {0, 1},
                               .scale = 1,
                               .low = -INFINITY,
                               .high = INFINITY,
                               .text = "{normal: {mean: 0, sd: 1}}"};
    return prior;
}

static struct job *collect(const struct ws_study *study, size_t *n_jobs, struct ws_arena *arena) {
    size_t n = 0;
    for (size_t i = 0; i < study->n_inputs; i++)
        n += study->quantities[i].n_given ? study->quantities[i].n_given : 1;
    for (size_t a = 0; a < study->n_axes; a++)
        n += study->axes[a].n_values;
    struct job *jobs = WS_NEW_ARRAY(arena, struct job, n + 2);
    *n_jobs = 0;
    for (size_t i = 0; i < study->n_inputs; i++) {
        const struct ws_quantity *q = &study->quantities[i];
        for (size_t k = 0; k < q->n_given; k++)
            jobs[(*n_jobs)++] =
                (struct job){q, study->quantities[q->given].prior->parts[k].label, q->given_priors[k], NULL};
        if (!q->n_given)
            jobs[(*n_jobs)++] = (struct job){q, NULL, q->n_shares ? q->stick : q->prior, NULL};
    }
    for (size_t a = 0; a < study->n_axes; a++)
        for (size_t k = 0; k < study->axes[a].n_values; k++)
            if (study->axes[a].values[k].prior)
                jobs[(*n_jobs)++] = (struct job){&study->quantities[study->axes[a].quantity],
                                                 study->axes[a].values[k].label, study->axes[a].values[k].prior, NULL};
    if (study->n_joints) // the last: the scores of inputs drawn jointly
        jobs[(*n_jobs)++] =
            (struct job){&study->quantities[study->joints[0].inputs[0]], NULL, standard_normal(arena), NULL};
    return jobs;
}

// The first job of each prior, by its hash: a wide study has thousands of them.
struct firsts {
    size_t mask, *job; // number + 1; 0: free
};

static struct firsts make_firsts(size_t n, struct ws_arena *arena) {
    size_t size = 64;
    while (size < 2 * n)
        size *= 2;
    return (struct firsts){size - 1, WS_NEW_ARRAY(arena, size_t, size)};
}

// First job whose prior equals job i's; i itself where there is none before.
static size_t first_equal(const struct firsts *firsts, const struct job *jobs, size_t i) {
    size_t at = ws_prior_hash(jobs[i].prior) & firsts->mask;
    for (; firsts->job[at]; at = (at + 1) & firsts->mask)
        if (ws_prior_equal(jobs[firsts->job[at] - 1].prior, jobs[i].prior))
            return firsts->job[at] - 1;
    firsts->job[at] = i + 1;
    return i;
}

// With its digest while it is in the cache, and where there are many by as many threads as build them.
static void build_one(const struct job *job, const struct ws_table_grid *grid, struct ws_error *err) {
    if (ws_table_build(job->table, job->prior, grid, err) == 0)
        ws_table_digest(job->table, job->table->digest);
}

static int build(const struct job *jobs, const size_t *distinct, size_t n_distinct, const struct ws_plan *plan,
                 struct ws_arena *arena, struct ws_error *err) {
    struct ws_table_grid *grid = ws_table_grid_create();
    if (!grid)
        return ws_error_set(err, WS_ERROR_MEMORY, NULL, "memory ran out");
    ws_arena_defer(arena, release_grid, grid);
    struct ws_error *errors = WS_NEW_ARRAY(arena, struct ws_error, n_distinct + 1);
    const double table_nanoseconds = 80e3;
    const int threads = ws_parallel_threads(plan->threads, n_distinct, table_nanoseconds);
    // Dynamic: a beta takes ten times as long as a normal.
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads > 1 ? threads : 1)
    for (size_t k = 0; k < n_distinct; k++)
        if (!ws_plan_is_interrupted(plan))
            build_one(&jobs[distinct[k]], grid, &errors[k]);
    ws_threads_rest();
    if (ws_plan_is_interrupted(plan))
        return ws_plan_stop(err);
    for (size_t k = 0; k < n_distinct; k++) {
        if (!errors[k].status)
            continue;
        char where[sizeof err->where];
        const struct job *job = &jobs[distinct[k]];
        if (job->input->n_shares > 0 && errors[k].status == WS_ERROR_STUDY)
            return ws_error_set(
                err, errors[k].status, ws_place_format(job->input->place, where, sizeof where),
                "input '%s': the group '%s' has shares too small or too sure to be tabulated; give alphas "
                "between 0.1 and 1e6, and what is surer or smaller as a number",
                job->input->name, job->input->share_group);
        return ws_error_set(err, errors[k].status, ws_place_format(job->input->place, where, sizeof where),
                            "input '%s'%s%s%s: %s", job->input->name, job->label ? " given '" : "",
                            job->label ? job->label : "", job->label ? "'" : "", errors[k].text);
    }
    return 0;
}

static void assign_swept(struct ws_plan *plan, const struct job *jobs, struct ws_arena *arena) {
    const struct ws_study *study = plan->study;
    const struct ws_table *const **swept = WS_NEW_ARRAY(arena, const struct ws_table *const *, study->n_axes + 1);
    for (size_t a = 0; a < study->n_axes; a++) {
        const struct ws_table **own = WS_NEW_ARRAY(arena, const struct ws_table *, study->axes[a].n_values);
        for (size_t k = 0; k < study->axes[a].n_values; k++)
            own[k] = study->axes[a].values[k].prior ? (jobs++)->table : NULL;
        swept[a] = own;
    }
    plan->swept = swept;
}

// What the inputs' tables are, from the jobs' in the order in which they were collected.
static void assign(struct ws_plan *plan, const struct job *jobs, struct ws_arena *arena) {
    const struct ws_study *study = plan->study;
    plan->tables = WS_NEW_ARRAY(arena, const struct ws_table *, study->n_quantities + 1);
    for (size_t i = 0; i < study->n_inputs; i++) {
        size_t n = study->quantities[i].n_given;
        if (n == 0) {
            plan->tables[i] = (jobs++)->table;
            continue;
        }
        const struct ws_table **given = WS_NEW_ARRAY(arena, const struct ws_table *, n);
        struct ws_table *table = WS_NEW(arena, struct ws_table);
        *table = (struct ws_table){.kind = WS_TABLE_GIVEN, .n_given = n, .given = given};
        for (size_t k = 0; k < n; k++) {
            given[k] = (jobs++)->table;
            table->error = fmax(table->error, given[k]->error);
        }
        plan->tables[i] = table;
    }
    // With one label left there is nothing to choose.
    for (size_t i = 0; i < study->n_inputs; i++)
        if (study->quantities[i].n_given == 1)
            plan->tables[i] = plan->tables[i]->given[0];
    assign_swept(plan, jobs, arena);
}

// One digest over the inputs' names and tables, in the order of names so that the order of the file does not matter.
static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static void digest(struct ws_plan *plan, struct ws_arena *arena) {
    size_t n = plan->study->n_inputs;
    const char **lines = WS_NEW_ARRAY(arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct ws_table *table = plan->tables[i];
        struct ws_text line = {.arena = arena};
        ws_text_add(&line, plan->study->quantities[i].name);
        for (size_t k = 0; k < (table->n_given ? table->n_given : 1); k++)
            ws_text_printf(&line, " %s", (table->n_given ? table->given[k] : table)->digest);
        ws_text_add(&line, "\n");
        lines[i] = line.data;
    }
    qsort(lines, n, sizeof *lines, by_text);
    struct ws_text all = {.arena = arena};
    ws_text_add(&all, "");
    for (size_t i = 0; i < n; i++)
        ws_text_add(&all, lines[i]);
    for (size_t a = 0; a < plan->study->n_axes; a++)
        for (size_t k = 0; k < plan->study->axes[a].n_values; k++)
            if (plan->swept[a][k])
                ws_text_printf(&all, "%s %zu %s\n", plan->study->quantities[plan->study->axes[a].quantity].name, k,
                               plan->swept[a][k]->digest);
    if (plan->sampler.scores) {
        char hex[65];
        ws_sha256_hex(plan->sampler.scores, sizeof *plan->sampler.scores, hex);
        ws_text_printf(&all, "normal scores %s\n", hex);
    }
    ws_sha256_hex(all.data, all.length, plan->tables_digest);
}

static void prepare_scores(struct ws_plan *plan, const struct ws_table *normal, struct ws_arena *arena) {
    struct ws_score_table *scores = WS_NEW(arena, struct ws_score_table);
    ws_score_table_init(scores);
    plan->normal = normal;
    plan->sampler.scores = scores;
    plan->bytes += sizeof *scores;
}

int ws_tables_build(struct ws_plan *plan, struct ws_arena *arena, struct ws_error *err) {
    size_t n, n_distinct = 0;
    struct job *jobs = collect(plan->study, &n, arena);
    struct ws_table *tables = WS_NEW_ARRAY(arena, struct ws_table, n + 1);
    size_t *distinct = WS_NEW_ARRAY(arena, size_t, n + 1);
    const struct firsts firsts = make_firsts(n, arena);
    for (size_t i = 0; i < n; i++) {
        size_t first = first_equal(&firsts, jobs, i);
        jobs[i].table = &tables[first];
        if (first == i) {
            distinct[n_distinct++] = i;
            ws_arena_defer(arena, release_table, &tables[i]);
        }
    }
    int status = build(jobs, distinct, n_distinct, plan, arena, err);
    if (status)
        return status;
    for (size_t k = 0; k < n_distinct; k++)
        plan->bytes += tables[distinct[k]].bytes;
    assign(plan, jobs, arena);
    if (plan->study->n_joints)
        prepare_scores(plan, jobs[n - 1].table, arena);
    digest(plan, arena);
    return 0;
}
