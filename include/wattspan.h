/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wattspan: Monte Carlo uncertainty of estimates such as "training Grok 4 took 310 GWh".
 *
 * A study (priors and formulas, a YAML text) is loaded, run, and gives a result, which can be asked, saved, loaded
 * and reported:
 *
 *     struct ws_error error = {0};
 *     ws_study *study = NULL;
 *     ws_result *result = NULL;
 *     struct ws_options options = {.draws = 1000000};
 *     if (ws_study_load("grok-4.yaml", NULL, NULL, &study, &error) ||
 *         ws_run(study, &options, &result, &error) ||
 *         ws_result_save(result, "grok-4.h5", 0, &error))
 *         fprintf(stderr, "%s: %s\n", error.where, error.text);
 *     ws_result_destroy(result);
 *     ws_study_destroy(study);
 *
 * Every fallible function returns WS_OK (0) or a negative enum ws_status and then fills *error, which may be NULL.
 * Nothing is printed, nothing exits, and there is no global state, but for GSL's error handler, which ws_study_load
 * switches off. Objects may be used from one thread at a time each; a study may be shared by threads that only read it.
 */
#ifndef WATTSPAN_H
#define WATTSPAN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WS_API __attribute__((visibility("default")))
#else
#define WS_API
#endif

#define WS_VERSION_MAJOR 0
#define WS_VERSION_MINOR 1
#define WS_VERSION_PATCH 0

/* ---- errors and messages ---- */

enum ws_status {
    WS_OK = 0,
    WS_ERROR_RUN = -1,         /* the run failed: exit code 1 of the program */
    WS_ERROR_USAGE = -2,       /* arguments that make no sense: 2 */
    WS_ERROR_STUDY = -3,       /* a bad study: 3 */
    WS_ERROR_FILE = -4,        /* trouble with a file: 4 */
    WS_ERROR_MEMORY = -5,      /* memory ran out: 1 */
    WS_ERROR_INTERRUPTED = -6, /* stopped by ws_options.interrupt: 130, 143 or 75 */
    WS_ERROR_MODEL = -7,       /* the study's model function returned another value than 0; not met by the program */
    WS_SERVED = -8             /* no error: this process has drawn for rank 0 of its team, which has the result */
};

struct ws_error {
    int status;      /* enum ws_status */
    char where[256]; /* "priors/grok-4.yaml:14:9", a file's path, or "" */
    char text[1024]; /* one line, UTF-8, no trailing stop */
};

enum ws_severity { WS_SEVERITY_NOTE, WS_SEVERITY_WARNING, WS_SEVERITY_ERROR };

/* Receives messages one by one: all errors of a study, warnings, notes. where is "" where there is no place. */
struct ws_sink {
    void (*message)(void *user, int severity, const char *where, const char *text);
    void *user;
};

/* "0.1.0" */
WS_API const char *ws_version(void);
/* The git revision the library was built from, "" where unknown. */
WS_API const char *ws_revision(void);

/* ---- studies ---- */

typedef struct ws_study ws_study;

/* A model in code: computes the outputs that have no formula, for n draws at a time. inputs[i][k] is input i, in the
 * order of the study, in draw k, in the input's own unit (a categorical input: the index of its label, from 0); the
 * model writes outputs[j][k], output j among those without a formula, in the output's declared unit. NaN or infinity
 * marks a draw as invalid: it is counted, and left out of the statistics. The arrays are the library's and last as long
 * as the call; inputs are not to be written to.
 *
 * It is called from several threads at once, each with arrays of its own (options.threads = 1: from one only), and
 * with as many draws as suit the library, some of them more than once and some that count nowhere. So that results
 * repeat themselves it has to be a function: the same inputs give the same outputs, whatever n and k. Any other return
 * value than 0 ends the run with WS_ERROR_MODEL. */
typedef int (*ws_model)(void *user, size_t n, const double *const *inputs, double *const *outputs);

struct ws_study_options {
    const char *const *settings; /* n_settings of "NAME=VALUE" or "NAME=PRIOR": replaced priors, fixed quantities */
    size_t n_settings;
    const char *const *probabilities; /* n_probabilities of conditions such as "cost > 1e9 [USD]": further outputs */
    size_t n_probabilities;
    const char *const *sweeps; /* n_sweeps of "NAME=a,b,c", "NAME=FROM:TO:STEPS[:log]", "NAME={LABEL: PRIOR, ...}", or
                                  several with ; between them, which go side by side: see "cases" below */
    size_t n_sweeps;
    int repair_correlations; /* nonzero: correlations that cannot all hold give way to the nearest that can */
    double widen;   /* multiplies every prior's spread about its median, in ln x where x is positive; 0: the study's */
    ws_model model; /* of a study that names one (`model: NAME`); NULL for all others */
    void *model_user; /* handed to it; to last as long as the study and be safe for several threads */
    struct ws_team *team; /* all processes of which load the study: rank 0 alone reads standard input then, for all of
                             them; may be NULL */
};

/* Loads the study in the file `path` ("-": standard input; a wattspan HDF5 result: the study it holds). options and
 * sink may be NULL. On success *study is to be destroyed with ws_study_destroy. On failure the sink has received every
 * error and *error holds the first. WS_ERROR_STUDY, WS_ERROR_FILE, WS_ERROR_MEMORY. */
WS_API int ws_study_load(const char *path, const struct ws_study_options *options, const struct ws_sink *sink,
                         ws_study **study, struct ws_error *error);
/* The same from `length` bytes of text; name stands for the file in messages, and `extends` is relative to its folder.
 */
WS_API int ws_study_parse(const char *name, const char *text, size_t length, const struct ws_study_options *options,
                          const struct ws_sink *sink, ws_study **study, struct ws_error *error);
/* Inputs that are one quantity in both studies of a comparison, and those that are two, whatever the studies say. */
struct ws_compare_options {
    const char *const *share; /* n_share names of inputs of both */
    size_t n_share;
    const char *const *apart; /* n_apart names */
    size_t n_apart;
};
/* One study of two (files, or results): the ratio and the difference of each output that both have, in the first
 * one's unit, named OUTPUT_ratio and OUTPUT_difference. The first study's quantities keep their names and draws, the
 * second's are prefixed with b_ and drawn from other streams. An input is one shared quantity where both inherit it
 * unchanged from the same file and it is marked `shared: true` there. A note to the sink lists both sorts, and so does
 * the study's description. options apply to the comparison (settings by its names). Everything else is as for
 * ws_study_load. */
WS_API int ws_study_compare(const char *a, const char *b, const struct ws_study_options *options,
                            const struct ws_compare_options *compare, const struct ws_sink *sink, ws_study **study,
                            struct ws_error *error);

/* ---- studies built in code ----
 *
 *     ws_builder *builder = NULL;
 *     if (ws_builder_create("heat", &builder, &error) ||
 *         ws_builder_add_input(builder, "power", "W", "700 to 900", &error) ||
 *         ws_builder_add_input(builder, "hours", "h", "{uniform: {min: 1e6, max: 2e6}}", &error) ||
 *         ws_builder_add_output(builder, "energy", "GWh", NULL, &error) ||
 *         ws_builder_set_model(builder, "energy of a year, version 2", compute, NULL, &error) ||
 *         ws_study_build(builder, NULL, &sink, &study, &error)) ...
 *     ws_builder_destroy(builder);
 *
 * What is built is a study like any other, and so are its results, but for one thing: no file holds a model in code.
 * The file has the model's name alone; whoever wants to run it again needs the program. It can be read, reported and
 * plotted everywhere. Texts are copied. */

typedef struct ws_builder ws_builder;

/* `name` stands for the study in messages and default file names, as grok-4 does for priors/grok-4.yaml; what the study
 * extends is relative to its folder. WS_ERROR_MEMORY. */
WS_API int ws_builder_create(const char *name, ws_builder **builder, struct ws_error *error);
/* An input with a prior in YAML, as the study language has it: "700", "0.8 to 1.2", "{pert: {min: 1, mode: 2, max:
 * 4}}". A unit as there: "GWh", "USD/h", "1"; of a choice "1". An input that is there already is replaced.
 * WS_ERROR_USAGE for a name that is none, WS_ERROR_STUDY for a text that is no YAML; whether a prior or a unit makes
 * sense, ws_study_build says. */
WS_API int ws_builder_add_input(ws_builder *builder, const char *name, const char *unit, const char *prior,
                                struct ws_error *error);
/* An output with a formula over the names of inputs and other outputs; NULL: the model computes it. Outputs of the
 * model may be named in formulas and evidence. */
WS_API int ws_builder_add_output(ws_builder *builder, const char *name, const char *unit, const char *formula,
                                 struct ws_error *error);
/* Anything else of the language, by its place: "title", "run.seed", "inputs.NAME.description", "outputs.NAME.scale",
 * "sources.KEY.url", "evidence.NAME.between", "correlations". Descriptions, titles, notes and formulas are taken as
 * they stand, other values are YAML. WS_ERROR_USAGE where there is no such place, WS_ERROR_STUDY for an unknown key. */
WS_API int ws_builder_set(ws_builder *builder, const char *path, const char *value, struct ws_error *error);
/* The function that computes the outputs without a formula. `name` names it and its version for people and is part of
 * the study's digest: change it whenever the function changes. */
WS_API int ws_builder_set_model(ws_builder *builder, const char *name, ws_model model, void *user,
                                struct ws_error *error);
/* The study; the builder may go on to be changed and built again. options, sink, errors and ownership as for
 * ws_study_load, but for options->model, which is the builder's. */
WS_API int ws_study_build(ws_builder *builder, const struct ws_study_options *options, const struct ws_sink *sink,
                          ws_study **study, struct ws_error *error);
/* Accepts NULL. */
WS_API void ws_builder_destroy(ws_builder *builder);

/* ---- any study ---- */

/* Accepts NULL. Results that were made of the study keep what they need of it. */
WS_API void ws_study_destroy(ws_study *study);
/* "grok-4" for priors/grok-4.yaml: what default output names are made of. Lives as long as the study. */
WS_API const char *ws_study_name(const ws_study *study);
WS_API const char *ws_study_title(const ws_study *study);

/* ---- running ---- */

struct ws_progress {
    uint64_t done, total; /* draws */
    uint64_t before;      /* of those done, how many were there at the start: a run that was resumed */
    double seconds;       /* since the start */
    int is_writing;       /* nonzero: kept draws that are too many for memory are being written; counted apart */
};

/* ---- several processes ----
 *
 * What an MPI launcher (mpirun, srun --mpi=pmix) has started together can draw together, where the library is built
 * with MPI. Every process joins, makes the same calls with the same studies and options, and leaves. Of a call that
 * draws (ws_run, ws_run_shard, ws_extend, ws_sensitivity) with ws_options.team set, rank 0 gets the result, of the same
 * bits as without a team, and is the only one to write checkpoints, to tell progress and to mind the interrupt flag; on
 * the others the call lasts as long and then gives WS_SERVED. Where one of them cannot take part, rank 0 gets the
 * error, with the name of its machine. A process that will not make a call that the others make has to leave, and so
 * ends it. */
typedef struct ws_team ws_team;

/* *team is NULL where no launcher has started this process, or the environment says WATTSPAN_MPI=off; all calls below
 * take that for a team of one. Starts MPI unless the program has done so, and then with MPI_THREAD_SERIALIZED at least.
 * WS_ERROR_USAGE where a launcher has started several processes that cannot be brought together, WS_ERROR_RUN,
 * WS_ERROR_MEMORY; *team is to be left all the same where it is not NULL. */
WS_API int ws_team_join(ws_team **team, struct ws_error *error);
/* 0 .. size - 1; without a team what the launcher has numbered this process. */
WS_API int ws_team_rank(const ws_team *team);
WS_API int ws_team_size(const ws_team *team);
/* Waits until all leave, ends MPI where joining has started it, and frees the team. code and why (may be NULL): what
 * the process's work has come to, for those that are in a call. Returns the code that all are to end with: rank 0's,
 * where that is 0 another's. */
WS_API int ws_team_leave(ws_team *team, int code, const struct ws_error *why);
/* "3.1", the version of the MPI standard that the library is built with; "" where it is built without MPI. */
WS_API const char *ws_mpi(void);

/* Zero-initialise; zero fields take the study's `run:` values, then the defaults given here. */
struct ws_options {
    uint64_t draws;     /* 10,000,000; rounded up to what the design needs */
    uint64_t seed;      /* 1 */
    int seed_given;     /* nonzero: seed counts even if it is 0 */
    const char *design; /* "mc" */
    const char *rng;    /* "philox4x32"; any generator of `wattspan list generators` */
    int threads;        /* OMP_NUM_THREADS, SLURM_CPUS_PER_TASK, else the least of CPU affinity and cgroup quota */
    uint64_t keep;      /* draws kept: 10,000, or as many as take 128 MiB; never more than draws */
    int keep_given;     /* nonzero: keep counts even if it is 0 */
    int keep_single;    /* nonzero: kept draws are written as 32-bit floats: 7 digits, up to 3e38 */
    int keep_deflate;   /* 1 to 9: kept draws are compressed at that level; 0: they are not */
    const char *isa;    /* "baseline", "avx2" or "avx512"; the best that the processor runs */
    const volatile int *interrupt; /* nonzero stops the run at the end of the groups in flight; may be NULL */
    void (*progress)(
        void *user,
        const struct ws_progress *progress); /* called from one thread, about 10 times a second; may be NULL */
    void *progress_user;
    const struct ws_sink *sink;    /* warnings and notes; may be NULL */
    const char *const *tolerances; /* n_tolerances of "0.1%", "2 GWh", "OUTPUT=0.1%": instead of a fixed number of
                                      draws, draw until the standard errors of mean, p5, p50 and p95 are below */
    size_t n_tolerances;
    uint64_t max_draws;  /* 1,000,000,000: the most that a run to a tolerance draws; `draws` are the least */
    uint64_t memory;     /* 1 GiB; bytes that the cases of a sweep may take: a sweep that needs more is refused */
    const char *history; /* how the run was asked for, e.g. a command line, for the file; may be NULL */
    const char *output;  /* where the result will be saved, NULL: not known. The place is held for this run alone (by
                            OUTPUT.part) until the result has been saved there or destroyed; what has been drawn goes to
                            OUTPUT.checkpoint from time to time and when the run is interrupted, and that goes when the
                            result is saved. WS_ERROR_FILE where another run holds the place */
    int output_flags;    /* enum ws_save_flags */
    double checkpoint;   /* seconds between checkpoints: 60; below 0 there is one only where the run is interrupted */
    int resume; /* nonzero: goes on from OUTPUT.checkpoint, to the same bits. Where there is none the run starts
                   from the beginning, with a note; where OUTPUT is the finished result of this very run that is
                   read back, and saving it there leaves the file as it is. WS_ERROR_FILE where the checkpoint is
                   of another study, seed, design, number of draws, version of the program or of its tables */
    ws_team *team; /* processes to draw with; may be NULL. Without `threads` they share a machine's processors out */
};

/* Calls that make a result give NULL where they fail. */
typedef struct ws_result ws_result;

/* Runs the study. The result keeps its own copy of what it needs of the study, which may be destroyed first. Same
 * study, seed, draws, design, rng: same bits, for any number of threads. WS_ERROR_RUN, _USAGE, _MEMORY, _INTERRUPTED.
 */
WS_API int ws_run(const ws_study *study, const struct ws_options *options, ws_result **result, struct ws_error *error);
WS_API void ws_result_destroy(ws_result *result);

/* ---- runs in parts ---- */

/* Draws shard `shard` (1 .. shards) of the run that ws_run would make, a contiguous range of its groups of 65,536
 * draws, and writes what it has counted to `path`, as ws_result_save does; flags: enum ws_save_flags. A part is no
 * result: it is for ws_merge alone. WS_ERROR_RUN, _USAGE, _MEMORY, _INTERRUPTED, _FILE. */
WS_API int ws_run_shard(const ws_study *study, const struct ws_options *options, uint64_t shard, uint64_t shards,
                        const char *path, int flags, struct ws_error *error);
/* Puts the shards of one run together, in any order: the result has the numbers of the run in one piece, bit by bit. Of
 * the options threads, isa, history, sink count. WS_ERROR_FILE where a file is no part, is of another study, seed,
 * design, number of draws, version of the program or of its tables, where parts overlap or some are missing; then
 * nothing is made. */
WS_API int ws_merge(const char *const *paths, size_t n_paths, const struct ws_options *options, ws_result **result,
                    struct ws_error *error);
/* Goes on from the finished result `path` to options->draws in total: the result has the numbers, bit by bit, of a run
 * of as many draws. It is to be saved to options->output, or where that is NULL to `path`. Of the options threads, isa,
 * keep (as many as the file has, all of them where it has few), history, sink, interrupt, progress and those about the
 * output count; checkpoints and `resume` are as for ws_run. A result that has as many draws is given back as it is.
 * WS_ERROR_USAGE where there are more draws already, where the design is 'lhs', whose number of draws is fixed, and for
 * a sensitivity analysis; WS_ERROR_FILE where the file is of another version of the program or of its tables. */
WS_API int ws_extend(const char *path, const struct ws_options *options, ws_result **result, struct ws_error *error);

/* ---- what drives the outputs ---- */

struct ws_sensitivity_options {
    const char *const *groups; /* n_groups of "NAME=INPUT,INPUT": analysed as one */
    size_t n_groups;
};

/* A run (ws_run) that also estimates the share of every output's variance that each input carries, from options->draws
 * points (262,144) times (2 inputs + 1) further runs of the model and one more for each input that correlates with
 * others, on Sobol points where options->design is NULL; a note says so before it starts. Inputs that correlate are
 * redrawn from their conditional law (Kucherenko et al. 2012). sensitivity may be NULL. Outputs of `scale: log` are
 * analysed in ln(output). */
WS_API int ws_sensitivity(const ws_study *study, const struct ws_options *options,
                          const struct ws_sensitivity_options *sensitivity, ws_result **result, struct ws_error *error);

/* ---- files ---- */

enum ws_save_flags { WS_SAVE_NO_CLOBBER = 1 /* refuse to replace an earlier result */ };

/* Whether ws_result_save could write there, tried by creating and removing PATH.part; a file that is not an earlier
 * wattspan result is refused. WS_ERROR_FILE. */
WS_API int ws_output_check(const char *path, int flags, struct ws_error *error);
/* Writes PATH.part, syncs it and renames it to `path`. WS_ERROR_FILE, WS_ERROR_MEMORY; then nothing is left behind. */
WS_API int ws_result_save(const ws_result *result, const char *path, int flags, struct ws_error *error);
/* The result in a file, with everything it was saved with but the priors' tables; to be destroyed with
 * ws_result_destroy. A part of a run (a shard, a checkpoint) is refused. WS_ERROR_FILE where there is no such file, it
 * is no result, is damaged, or is of a later format; WS_ERROR_MEMORY. */
WS_API int ws_result_load(const char *path, ws_result **result, struct ws_error *error);
/* Gives the alternatives of a categorical input other weights than the run's, without drawing again: every output that
 * was split `by` the input is put together anew from its distributions within the alternatives. weights:
 * "ownership=straight_line:1,value_decay:0"; they are normalised, and an alternative that is not named has none.
 * Outputs that depend on the input and were not split by it become unknown. Once for a result. WS_ERROR_USAGE, after
 * which nothing but ws_result_destroy may be done with it. */
WS_API int ws_result_repool(ws_result *result, const char *weights, struct ws_error *error);
/* 1 if the file is a wattspan result, 0 if not (or not readable). */
WS_API int ws_is_result(const char *path);

/* ---- asking a result ---- */

/* Names and units are the result's and live as long as it does. Of a sweep the first case is asked; the others are in
 * its reports and its file. Estimates are of the outputs' valid draws, those that are neither NaN nor infinite. */

/* Name of output `index`, from 0, in the study's order; NULL beyond the last. */
WS_API const char *ws_result_output(const ws_result *result, size_t index);
/* The unit of an output as the study spells it; NULL where there is no such output. */
WS_API const char *ws_result_unit(const ws_result *result, const char *output);
/* Draws of the run, of each case of a sweep; valid or not. */
WS_API uint64_t ws_result_draws(const ws_result *result);
/* Cases of the sweep, 1 where nothing is swept. */
WS_API size_t ws_result_cases(const ws_result *result);
/* Makes a case, from 0 to ws_result_cases - 1, the one that quantiles, probabilities, means, standard deviations and
 * the evidence are asked of, here and given the evidence; at first it is case 0. WS_ERROR_USAGE where there is no such
 * case. Not while another thread asks. */
WS_API int ws_result_select_case(ws_result *result, size_t case_index, struct ws_error *error);
/* Name of swept quantity `index`, from 0, the last of which varies fastest; NULL beyond the last. */
WS_API const char *ws_result_swept(const ws_result *result, size_t index);
/* Its value in the selected case: in the quantity's unit, or NAN where cases have labels; the label, or NULL where they
 * have none. Either pointer may be NULL. WS_ERROR_USAGE where there is no such quantity. */
WS_API int ws_result_swept_value(const ws_result *result, size_t index, double *value, const char **label,
                                 struct ws_error *error);
/* The result given the study's evidence, to be asked in the same way; NULL where the study has none. It lives as long
 * as `result`, and may be neither saved nor destroyed nor reported by itself. */
WS_API const ws_result *ws_result_posterior(const ws_result *result);

struct ws_evidence_report {
    double ess;             /* effective sample size, (sum of w)^2 / sum of w^2 (Kish 1965): equally weighted draws that
                               would be worth as much; more than 0, at most the number of draws */
    double pareto_k;        /* shape of the weights' tail (Vehtari, Simpson, Gelman, Yao & Gabry 2024): up to 0.7
                               estimates given the evidence can be trusted; NaN where the weights have no tail */
    double log_evidence;    /* ln of the marginal likelihood: of the mean over the priors of the facts' probability
                               densities (per unit of each fact), probabilities (of counts) and 1 or 0 (intervals) */
    double log_evidence_se; /* its Monte Carlo standard error */
};
/* How much the evidence has left of the draws; all NaN once ws_result_repool has given alternatives other weights.
 * WS_ERROR_USAGE where the study has none. */
WS_API int ws_result_evidence(const ws_result *result, struct ws_evidence_report *report, struct ws_error *error);

/* 1 if the run's tolerance was reached, or it had none; 0 if max_draws came first. */
WS_API int ws_result_tolerance_reached(const ws_result *result);

struct ws_estimate {
    double value, se; /* in the output's unit; se is the Monte Carlo standard error alone, NaN where it is not known,
                         and value is NaN where no draw is valid */
};
/* Standard errors: of plain Monte Carlo those of the sampling law (given evidence, of weighted draws); of the designs
 * lhs and sobol from 16 independent randomisations, to be taken with Student's t of 15 degrees of freedom (95 %:
 * 2.131).
 *
 * The p-quantile, 0 < p < 1, interpolated within a bin of the quantile sketch, whose width is at most 0.1 % of the
 * distance from its origin (0, or the median of an output whose spread is small beside it). Its se is that of the
 * binomial law of draws below it (David & Nagaraja, Order Statistics, section 7.1). WS_ERROR_USAGE where there is no
 * such output or p is out of range. */
WS_API int ws_result_quantile(const ws_result *result, const char *output, double p, struct ws_estimate *estimate,
                              struct ws_error *error);
/* The probability that the output is at most x, in the output's unit: value and se lie in [0, 1]. For mc
 * se = sqrt(P (1 - P) / n). WS_ERROR_USAGE where there is no such output. */
WS_API int ws_result_probability(const ws_result *result, const char *output, double x, struct ws_estimate *estimate,
                                 struct ws_error *error);
/* Mean and standard deviation, from exactly summed moments. For mc se of the mean is sd / sqrt(n), that of the standard
 * deviation sd sqrt((kurtosis + 2) / (4 n)) for many draws, with their excess kurtosis (Kendall & Stuart, section
 * 10.5). WS_ERROR_USAGE where there is no such output. */
WS_API int ws_result_mean(const ws_result *result, const char *output, struct ws_estimate *estimate,
                          struct ws_error *error);
WS_API int ws_result_sd(const ws_result *result, const char *output, struct ws_estimate *estimate,
                        struct ws_error *error);

enum ws_share {
    WS_SHARE_FIRST_ORDER, /* Var E(Y | X) / Var Y: what is explained by the input alone (Martinez 2011) */
    WS_SHARE_TOTAL,       /* E Var(Y | all other inputs) / Var Y: with all interactions (Jansen 1999) */
    WS_SHARE_SHAPLEY      /* interactions shared out evenly; the inputs' sum to 1 (Goda 2021) */
};
/* Of a result of ws_sensitivity; NAN for a constant input. 95 % intervals: value +- 2.131 se (Student's t, 15 degrees
 * of freedom). WS_ERROR_USAGE where there is no such output or input, or no such analysis. */
WS_API int ws_result_share(const ws_result *result, const char *output, const char *input, int share,
                           struct ws_estimate *estimate, struct ws_error *error);

/* ---- reports: text on a stream; WS_ERROR_FILE where the stream fails ---- */

/* The last two, Markdown and LaTeX for a paper (with the package booktabs), are forms of ws_report_result and
 * ws_report_equivalents alone. */
enum ws_format { WS_FORMAT_TABLE, WS_FORMAT_JSON, WS_FORMAT_CSV, WS_FORMAT_MARKDOWN, WS_FORMAT_LATEX };

struct ws_report_options {
    int format; /* enum ws_format */
    int wide;   /* mean, sd, standard errors, a small histogram */
    int color;  /* terminal colours */
    /* Of a sweep with more than a few cases, the table says the extremes of each output. Else, where one of these is
     * not 0 or NULL, one line for each case: */
    size_t most_cases; /* so many of them at most */
    const char *sort;  /* in the order of an output's median, or of a swept quantity; "-energy": the greatest first */
    const char *where; /* those where an output's median, or a swept quantity, compares like this with a number in its
                          unit: "energy > 300", "pue = 1.2", "ownership = straight_line" */
};

WS_API int ws_report_result(const ws_result *result, const struct ws_report_options *options, FILE *out,
                            struct ws_error *error);
/* The outputs told in the study's equivalents (pools of water, households, budgets): quantiles, points and published
 * figures in these. WS_ERROR_USAGE where the study has no equivalents for its outputs. */
WS_API int ws_report_equivalents(const ws_result *result, const struct ws_report_options *options, FILE *out,
                                 struct ws_error *error);
/* The shares of a result of ws_sensitivity with their intervals; WS_ERROR_USAGE for any other. */
WS_API int ws_report_sensitivity(const ws_result *result, const struct ws_report_options *options, FILE *out,
                                 struct ws_error *error);
/* Which inputs separate the kept draws that meet a condition, such as "energy > 500 [GWh]", from the others.
 * WS_ERROR_STUDY for a bad condition, WS_ERROR_USAGE where no draws are kept. */
WS_API int ws_report_explain(const ws_result *result, const char *condition, const struct ws_report_options *options,
                             FILE *out, struct ws_error *error);
/* Units, compiled priors with the table errors reached, the memory that a run with these options (which may be NULL)
 * needs, and the back-solve of each claim. */
WS_API int ws_report_check(const ws_study *study, const struct ws_options *run, const struct ws_report_options *options,
                           FILE *out, struct ws_error *error);
/* The compiled priors for a plotter, as CSV in long form, one row for each of some 207 probabilities (or for each
 * value, or label, of a prior that has few): input, given (the label, of a conditional prior), unit, kind ("density" or
 * "mass"), probability (of this value or less), value (in the unit), height (density per unit, or the value's
 * probability). */
WS_API int ws_report_priors(const ws_study *study, FILE *out, struct ws_error *error);
/* The merged study with the origin of each entry: WS_FORMAT_TABLE gives YAML, WS_FORMAT_JSON JSON. */
WS_API int ws_report_flatten(const ws_study *study, const struct ws_report_options *options, FILE *out,
                             struct ws_error *error);
/* Every input, intermediate and output of one draw. */
WS_API int ws_report_draw(const ws_study *study, const struct ws_options *run, uint64_t draw,
                          const struct ws_report_options *options, FILE *out, struct ws_error *error);
/* topic: "families", "designs", "generators", "functions", "units". WS_ERROR_USAGE for another. */
WS_API int ws_report_list(const char *topic, const struct ws_report_options *options, FILE *out,
                          struct ws_error *error);
/* The JSON Schema of the study language. */
WS_API int ws_report_schema(FILE *out, struct ws_error *error);

/* ---- the generator ---- */

/* Philox4x32-10 as a GSL generator for any GSL program: gsl_rng_alloc(ws_rng_philox4x32). Define WATTSPAN_WITH_GSL
 * before including this header. Seed s is the key (s mod 2^32, s / 2^32); the counter starts at 0. */
#ifdef WATTSPAN_WITH_GSL
#include <gsl/gsl_rng.h>
WS_API extern const gsl_rng_type *ws_rng_philox4x32;
#endif

#ifdef __cplusplus
}
#endif

#endif
