// SPDX-License-Identifier: GPL-3.0-or-later
// Every file of tests/bad-studies is refused with the errors that its first lines announce, at their places, and no
// others.
//
//     # expect: LINE:COLUMN: text fragment           (in the file itself)
//     # expect: parts/NAME.yaml:LINE:COLUMN: ...     (in a file that it extends, or "<command line>")
//     # set: NAME=VALUE                              (as --set would)
//     # vary: NAME=VALUES                            (as --vary would)
#include <dirent.h>
#include <errno.h>

#include <gsl/gsl_errno.h>

#include "api/data.h"
#include "base/error.h"
#include "study/load.h"
#include "tap.h"

enum { MOST = 16 };

struct expectation {
    char *lines;
    const char *expected[MOST], *settings[MOST], *sweeps[MOST];
    size_t n_expected, n_settings, n_sweeps;
};

static char folder[4096];

static int read_file(void *user, const char *path, struct ws_arena *arena, char **text, size_t *length,
                     struct ws_error *err) {
    (void)user;
    FILE *file = fopen(path, "rb");
    if (!file)
        return ws_error_set(err, WS_ERROR_FILE, path, "%s", strerror(errno));
    char buf[65536];
    *length = fread(buf, 1, sizeof buf, file);
    *text = ws_arena_copy_n(arena, buf, *length);
    fclose(file);
    return 0;
}

static void read_expectation(struct expectation *e, const char *text, struct ws_arena *arena) {
    static const char expect[] = "# expect: ", set[] = "# set: ", vary[] = "# vary: ";
    for (const char *s = text; *s == '#';) {
        size_t length = strcspn(s, "\n");
        const char *line = ws_arena_copy_n(arena, s, length);
        if (strncmp(line, expect, sizeof expect - 1) == 0 && e->n_expected < MOST)
            e->expected[e->n_expected++] = line + sizeof expect - 1;
        else if (strncmp(line, set, sizeof set - 1) == 0 && e->n_settings < MOST)
            e->settings[e->n_settings++] = line + sizeof set - 1;
        else if (strncmp(line, vary, sizeof vary - 1) == 0 && e->n_sweeps < MOST)
            e->sweeps[e->n_sweeps++] = line + sizeof vary - 1;
        s += length;
        s += *s == '\n';
    }
}

// The text without the folder's name.
static const char *shorten(const char *text, char *buffer, size_t size) {
    const char *found = strstr(text, folder);
    snprintf(buffer, size, "%.*s%s", found ? (int)(found - text) : 0, text, found ? found + strlen(folder) : text);
    return buffer;
}

// "LINE:COLUMN: fragment" against one message of the file `name`.
static int matches(const char *expected, const char *name, const struct ws_message *message) {
    char place[1024], wanted[1024], text[2048];
    ws_place_format(message->place, place, sizeof place);
    const char *shown = strncmp(place, folder, strlen(folder)) == 0 ? place + strlen(folder) : place;
    const char *fragment = strstr(expected, ": ");
    if (!fragment)
        return 0;
    int own = *expected >= '0' && *expected <= '9';
    snprintf(wanted, sizeof wanted, "%s%s%.*s", own ? name : "", own ? ":" : "", (int)(fragment - expected), expected);
    return strcmp(shown, wanted) == 0 && strstr(shorten(message->text, text, sizeof text), fragment + 2) != NULL;
}

static int errors_fit(const struct expectation *e, const char *name, const struct ws_messages *messages) {
    int fit = messages->errors == e->n_expected;
    for (size_t i = 0; i < e->n_expected; i++) {
        int found = 0;
        for (size_t k = 0; k < messages->count; k++)
            found |=
                messages->items[k].severity == WS_SEVERITY_ERROR && matches(e->expected[i], name, &messages->items[k]);
        fit &= found;
    }
    for (size_t k = 0; !fit && k < messages->count; k++) {
        char place[1024];
        printf("# %s: %s: %s\n", name, ws_place_format(messages->items[k].place, place, sizeof place),
               messages->items[k].text);
    }
    return fit;
}

static void check_file(const char *name) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_messages messages = {.arena = arena};
    struct expectation e = {0};
    char path[8192], *text = NULL;
    size_t length = 0;
    int trouble = 0;
    snprintf(path, sizeof path, "%s%s", folder, name);
    if (CHECK(ws_arena_catch(arena) == 0) && CHECK(read_file(NULL, path, arena, &text, &length, NULL) == 0)) {
        read_expectation(&e, text, arena);
        struct ws_load_request request = {.path = path,
                                          .settings = e.settings,
                                          .n_settings = e.n_settings,
                                          .sweeps = e.sweeps,
                                          .n_sweeps = e.n_sweeps,
                                          .reader = {.read = read_file, .column = ws_file_reader.column}};
        struct ws_study *study = ws_study_make(&request, arena, &messages, &trouble);
        tap_result(e.n_expected > 0, path, 1, "expects nothing");
        tap_result(study == NULL, path, 1, "was not refused");
        tap_result(errors_fit(&e, name, &messages), path, 1, "has other errors than those expected");
    }
    ws_arena_destroy(arena);
}

static void test_bad_studies(void) {
    DIR *directory = opendir(folder);
    size_t count = 0;
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        size_t length = strlen(entry->d_name);
        if (length < 6 || strcmp(entry->d_name + length - 5, ".yaml") != 0)
            continue;
        check_file(entry->d_name);
        count++;
    }
    if (directory)
        closedir(directory);
    CHECK(count >= 60);
}

int main(void) {
    gsl_set_error_handler_off(); // as the library does
    const char *root = getenv("WS_SOURCE_ROOT");
    snprintf(folder, sizeof folder, "%s/tests/bad-studies/", root ? root : ".");
    RUN(test_bad_studies);
    return tap_done();
}
