// SPDX-License-Identifier: GPL-3.0-or-later
// Who has started this process. MPI itself could say, but asking it costs what starting it costs, and a process without
// a launcher has no use for it.
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/wire.h"

// What launchers set in the environment. PMIx tells ranks alone; Slurm numbers the tasks of a step whether they are to
// speak MPI or not, so it is looked at last.
static const struct {
    const char *rank, *size, *who;
    int is_mpi;
} launchers[] = {
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "mpirun", 1},
    {"PMIX_RANK", "SLURM_STEP_NUM_TASKS", "an MPI launcher", 1},
    {"PMI_RANK", "PMI_SIZE", "an MPI launcher", 1},
    {"PALS_RANKID", "PALS_SIZE", "mpiexec", 1},
    {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "srun", 0},
};

static int number_of(const char *name) {
    const char *text = getenv(name);
    uint64_t n;
    return text && ws_parse_count(text, &n) == 0 && n < 1 << 30 ? (int)n : -1;
}

int ws_launch_look(struct ws_launch *launch) {
    const char *wanted = getenv("WATTSPAN_MPI");
    if (wanted && strcmp(wanted, "off") == 0)
        return 0;
    for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++) {
        int rank = number_of(launchers[i].rank), size = number_of(launchers[i].size);
        if (rank < 0 || (!launchers[i].is_mpi && size < 2))
            continue;
        *launch = (struct ws_launch){launchers[i].is_mpi, launchers[i].who, rank, size < 0 ? 0 : size};
        return 1;
    }
    return 0;
}
