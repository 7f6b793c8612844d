// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/console.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    int is_mute;
    char unsaid[1024];
} mouth;

void ws_console_mute(void) { mouth.is_mute = 1; }

int ws_console_is_mute(void) { return mouth.is_mute; }

const char *ws_console_unsaid(void) { return mouth.unsaid; }

void ws_say(const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (!mouth.is_mute) {
        vfprintf(stderr, format, args);
        putc('\n', stderr);
    } else if (!*mouth.unsaid) {
        vsnprintf(mouth.unsaid, sizeof mouth.unsaid, format, args);
    }
    va_end(args);
}

int ws_wants_color(int descriptor) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(descriptor) && !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0);
}

struct ws_console ws_console_make(int quiet) {
    return (struct ws_console){.quiet = quiet, .color = ws_wants_color(STDERR_FILENO)};
}

static void show_message(const struct ws_console *console, int severity, const char *where, const char *text) {
    static const char *const names[] = {
        [WS_SEVERITY_NOTE] = "note", [WS_SEVERITY_WARNING] = "warning", [WS_SEVERITY_ERROR] = "error"};
    static const char *const colors[] = {
        [WS_SEVERITY_NOTE] = "\033[36m", [WS_SEVERITY_WARNING] = "\033[35m", [WS_SEVERITY_ERROR] = "\033[31m"};
    ws_say("%s: %s%s:%s %s", where && *where ? where : "wattspan", console->color ? colors[severity] : "",
           names[severity], console->color ? "\033[0m" : "", text);
}

static void receive(void *user, int severity, const char *where, const char *text) {
    struct ws_console *console = user;
    console->errors += severity == WS_SEVERITY_ERROR;
    console->warnings += severity == WS_SEVERITY_WARNING;
    if (severity != WS_SEVERITY_NOTE || !console->quiet)
        show_message(console, severity, where, text);
}

struct ws_sink ws_console_sink(struct ws_console *console) {
    return (struct ws_sink){receive, console};
}

static int exit_code(int status) {
    switch (status) {
    case WS_ERROR_USAGE:
        return 2;
    case WS_ERROR_STUDY:
        return 3;
    case WS_ERROR_FILE:
        return 4;
    default:
        return 1;
    }
}

int ws_console_fail(struct ws_console *console, const struct ws_error *error) {
    if (error->status == WS_SERVED)
        return 0;
    if (console->errors == 0)
        show_message(console, WS_SEVERITY_ERROR, error->where, error->text);
    else if (error->status == WS_ERROR_STUDY)
        ws_say("%zu error%s", console->errors, console->errors == 1 ? "" : "s");
    return exit_code(error->status);
}

int ws_page_begin(struct ws_page *page) {
    *page = (struct ws_page){0};
    page->stream = open_memstream(&page->data, &page->size);
    if (page->stream)
        return 0;
    ws_say("wattspan: error: memory ran out");
    return 1;
}

static int write_out(const char *data, size_t size) {
    while (size > 0 && !mouth.is_mute) {
        ssize_t n = write(STDOUT_FILENO, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE)
            return 0;
        if (n < 0) {
            ws_say("standard output: error: %s", strerror(errno));
            return 4;
        }
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

int ws_page_end(struct ws_page *page, int status, struct ws_console *console, const struct ws_error *error) {
    int code = 0;
    if (fclose(page->stream) != 0) {
        ws_say("wattspan: error: memory ran out");
        code = 1;
    } else if (status) {
        code = ws_console_fail(console, error);
    } else {
        code = write_out(page->data, page->size);
    }
    free(page->data);
    return code;
}
