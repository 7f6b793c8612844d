// SPDX-License-Identifier: GPL-3.0-or-later
// The examples of priors/README.md: every yaml block that is a whole study runs, and every line `prior: ...` of the
// others is a prior. The csv block is the file that they name.
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

#include "wattspan.h"

static char *page;

static void read_page(void) {
    char path[4096];
    snprintf(path, sizeof path, "%s/priors/README.md", getenv("WS_SOURCE_ROOT") ? getenv("WS_SOURCE_ROOT") : ".");
    FILE *file = fopen(path, "rb");
    page = calloc(1, 1 << 20);
    if (!CHECK(file && page))
        return;
    size_t length = fread(page, 1, (1 << 20) - 1, file);
    CHECK(length > 1000);
    fclose(file);
}

static void check_runs(const char *text, size_t length) {
    const struct ws_options options = {.draws = 20000};
    struct ws_error error = {0};
    ws_study *study = NULL;
    ws_result *result = NULL;
    if (ws_study_parse("README.md", text, length, NULL, NULL, &study, &error) == 0)
        ws_run(study, &options, &result, &error);
    if (!CHECK(result != NULL))
        printf("# %s: %s\n# in: %.*s\n", error.where, error.text, (int)length, text);
    ws_result_destroy(result);
    ws_study_destroy(study);
}

static void check_prior(const char *prior, size_t length) {
    static const char choice[] = "prior: {choice";
    char text[2048];
    int labels = strncmp(prior, choice, sizeof choice - 1) == 0;
    int n = snprintf(text, sizeof text,
                     "wattspan: 1\ninputs:\n  x: {unit: 1, %.*s}\noutputs:\n  y: {unit: 1, formula: %s}\n", (int)length,
                     prior, labels ? "'1'" : "x");
    check_runs(text, (size_t)n);
}

static int test_block(const char *block, size_t length) {
    if (strncmp(block, "wattspan: 1\n", 12) == 0) {
        check_runs(block, length);
        return 1;
    }
    int priors = 0;
    for (const char *s = block; s < block + length; s += strcspn(s, "\n") + 1)
        if (strncmp(s, "prior: ", 7) == 0) {
            check_prior(s, strcspn(s, "\n#"));
            priors++;
        }
    return priors;
}

static void test_examples(void) {
    int examples = 0;
    for (const char *s = page; (s = strstr(s, "\n```yaml\n"));) {
        const char *block = s + 9, *end = strstr(block, "\n```");
        if (!CHECK(end != NULL))
            break;
        examples += test_block(block, (size_t)(end + 1 - block));
        s = end + 4;
    }
    CHECK(examples >= 6);
}

static char folder[] = "/tmp/wattspan-language-XXXXXX";

static void test_sample(void) {
    const char *start = strstr(page, "\n```csv\n"), *end = start ? strstr(start + 8, "\n```") : NULL;
    if (!CHECK(end != NULL) || !CHECK(mkdtemp(folder) != NULL) || !CHECK(chdir(folder) == 0))
        return;
    FILE *file = fopen("prices.csv", "wb");
    if (CHECK(file != NULL)) {
        CHECK(fwrite(start + 8, 1, (size_t)(end + 1 - start - 8), file) > 20);
        fclose(file);
    }
}

static void remove_sample(void) { CHECK(remove("prices.csv") == 0 && chdir("/") == 0 && rmdir(folder) == 0); }

int main(void) {
    RUN(read_page);
    RUN(test_sample);
    RUN(test_examples);
    RUN(remove_sample);
    free(page);
    return tap_done();
}
