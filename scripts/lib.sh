# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034
# What quickstart, test and .ci/run share: the packages of Debian 12, and getting them.

# To build and run.
build_packages=(gcc libc6-dev meson ninja-build pkg-config libgsl-dev libhdf5-dev libfyaml-dev libudunits2-dev
    libsleef-dev nettle-dev)
# To run the tests, on top of these.
test_packages=(bats binutils chromium hdf5-tools netcdf-bin nodejs npm octave octave-netcdf poppler-utils
    python3 python3-h5netcdf python3-h5py python3-matplotlib python3-netcdf4 python3-scipy python3-xarray
    python3-yaml r-base-core r-bioc-rhdf5 scdoc shellcheck)
# To draw figures and reports from results.
figure_packages=(python3-h5netcdf python3-matplotlib python3-xarray python3-yaml)
# To time it beside what people would use instead.
bench_packages=(python3-numpy python3-openturns python3-scipy)
# To build the way CI does, on top of both: the second compiler, its OpenMP and sanitizers, C++ for the header, MPI, and
# a Slurm of one node.
ci_packages=(clang g++ git libclang-rt-14-dev libomp-dev libopenmpi-dev munge openmpi-bin slurm-client slurmctld slurmd)

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# The packages among "$@" that are not installed, one on each line.
missing_packages() {
    local package status
    for package in "$@"; do
        # Node.js may come from elsewhere than Debian, whose npm would not go with it.
        case $package in
        nodejs) command -v node >/dev/null && continue ;;
        npm) command -v npm >/dev/null && continue ;;
        esac
        status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || status=none
        [ "$status" = installed ] || printf '%s\n' "$package"
    done
}

# Installs with "$1" (empty, or sudo) what follows; fetches the package lists only where they do not serve.
apt_install() {
    local as_root=$1
    shift
    # shellcheck disable=SC2086 # empty means no word
    set -- $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
    "$@" </dev/null && return
    # shellcheck disable=SC2086
    $as_root apt-get update </dev/null && "$@" </dev/null
}

# Makes sure that the packages "$@" are there, or says how and ends.
need_packages() {
    local missing
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not Debian; what these Debian packages hold must be there: $*" >&2
        return
    fi
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing ${missing[*]}" >&2
    if [ "$(id -u)" -eq 0 ]; then
        apt_install '' "${missing[@]}" >&2 || die "apt-get failed, see above"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        apt_install 'sudo -n' "${missing[@]}" >&2 || die "apt-get failed, see above"
    else
        echo "Packages are missing. As root, run" >&2
        echo "    apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
        echo "and then $0 again." >&2
        exit 1
    fi
}

# Configures (once) folder "$1" with the meson options that follow.
configure_in() {
    local folder=$1
    shift
    [ -f "$folder/build.ninja" ] || meson setup "$folder" "$@" >&2
}

# Builds in folder "$1" the targets that follow, or everything.
build_in() {
    local folder=$1
    shift
    ninja -C "$folder" --quiet "$@" >&2
}
