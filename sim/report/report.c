// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/report.h"

#include "report/forms.h"

int ws_report_flush(FILE *out) { return fflush(out) || ferror(out) ? WS_ERROR_FILE : WS_OK; }

int ws_report_write_result(const struct ws_result *result, const struct ws_report_options *options,
                           struct ws_arena *arena, FILE *out, struct ws_error *err) {
    int status = 0;
    if (options->format == WS_FORMAT_JSON)
        ws_result_write_json(result, arena, out);
    else if (options->format == WS_FORMAT_CSV)
        ws_result_write_csv(result, arena, out);
    else
        status = ws_result_write_table(result, options, arena, out, err);
    return status ? status : ws_report_flush(out);
}

int ws_report_write_check(const struct ws_plan *plan, const struct ws_weak_point *weak, size_t n_weak,
                          const struct ws_report_options *options, struct ws_arena *arena, FILE *out) {
    if (options->format == WS_FORMAT_JSON)
        ws_check_write_json(plan, weak, n_weak, arena, out);
    else if (options->format == WS_FORMAT_CSV)
        ws_check_write_csv(plan, arena, out);
    else
        ws_check_write_table(plan, weak, n_weak, options, arena, out);
    return ws_report_flush(out);
}
