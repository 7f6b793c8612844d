#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Help, wrong usage, and completion.
load common

# The subcommands in the program's own table: what is added there is tested here.
commands=$("$WATTSPAN" complete "" | grep -vx -e help -e '--.*' | tr '\n' ' ')

@test "numbers that are too large are told so" {
    wattspan run small.yaml --widen 1e300
    equal "$code" 2
    has "$err" "--widen needs a number above 0 and below 1e300, found '1e300'"
    wattspan run small.yaml -n 1e30
    equal "$code" 2
    has "$err" "--draws needs a whole number below 9.2e18, found '1e30'"
    wattspan run small.yaml -n 0
    has "$err" "--draws needs a whole number of at least 1, found '0'"
}

@test "the program names its subcommands" {
    for command in run check show sensitivity explain compare merge extend replay list schema; do
        has " $commands" " $command "
    done
}

@test "alone it prints short help to standard error and exits with 2" {
    wattspan
    equal "$code" 2
    equal "$out" ""
    has "$err" "Usage: wattspan COMMAND" "run " "schema "
}

@test "--help, -h and help say the same, to standard output" {
    wattspan --help
    equal "$code" 0
    equal "$err" ""
    has "$out" "Usage: wattspan COMMAND" "Exit codes"
    long=$out
    wattspan -h
    equal "$out" "$long"
    wattspan help
    equal "$out" "$long"
}

@test "every command has help, the same by --help and help COMMAND" {
    for command in $commands; do
        wattspan "$command" --help
        equal "$code" 0
        has "$out" "Usage: wattspan $command" "--help"
        text=$out
        wattspan help "$command"
        equal "$out" "$text"
    done
}

@test "help fits 80 columns" {
    for command in "" $commands; do
        [ "$("$WATTSPAN" help $command | awk 'length > 80' | wc -l)" -eq 0 ]
    done
}

@test "every option in help is in the command's manual page, and the other way round" {
    pages=$source_root/sim/cli/man
    [ -d "$pages" ] || skip "no sources of manual pages here"
    for command in $commands; do
        [ -f "$pages/wattspan-$command.1.scd" ]
        has "$(cat "$source_root/sim/cli/meson.build")" "man/wattspan-$command.1.scd"
        has "$(cat "$pages/wattspan.1.scd")" "*wattspan-$command*(1)"
        wattspan "$command" --help
        helped=$(grep -o -- '^ *\(-.,\)\? *--[a-z-]*' .out | grep -o -- '--[a-z-]*' | sort -u)
        paged=$(sed -n '/^# OPTIONS/,/^# [^O]/p' "$pages/wattspan-$command.1.scd" | grep '^\*-' | grep -o -- '--[a-z-]*' | sort)
        equal "$paged" "$helped"
    done
}

@test "--version names version and git revision, and says whether MPI is built in" {
    wattspan --version
    equal "$code" 0
    [[ $out =~ ^wattspan\ [0-9]+\.[0-9]+\.[0-9]+\ \(.*\),\ (built\ without\ MPI|MPI\ [0-9.]+)$ ]]
    if [[ $out == *without\ MPI ]]; then equal "$(ldd "$WATTSPAN" | grep -ci libmpi)" 0; fi
}

@test "an unknown command exits with 2 and suggests the nearest" {
    wattspan chekc small.yaml
    equal "$code" 2
    has "$err" "unknown command 'chekc'" "did you mean 'check'?"
    wattspan small.yaml
    equal "$code" 2
    has "$err" "wattspan run small.yaml"
}

@test "an unknown option exits with 2 and suggests the nearest" {
    wattspan run small.yaml --thread 2
    equal "$code" 2
    has "$err" "unknown option '--thread'" "did you mean '--threads'?" "wattspan run --help"
    wattspan run small.yaml --sede=2
    has "$err" "did you mean '--seed'?"
    wattspan run small.yaml -z
    equal "$code" 2
    has "$err" "unknown option '-z'"
    wattspan show --draws 3 small.h5
    equal "$code" 2
}

@test "values that make no sense exit with 2 and say what is wanted" {
    for bad in "-n 0" "-n 1.5" "-n -3" "-n 1e30" "-n many" "-n ''" "--threads 0" "--seed x" "--keep some" "--format xml" "--progress maybe"; do
        eval "wattspan run small.yaml $bad"
        equal "$code" 2
        equal "$out" ""
        [ -n "$err" ]
        [ ! -e small.h5 ]
    done
}

@test "missing values and operands, too many operands, values of flags: 2" {
    wattspan run
    equal "$code" 2
    has "$err" "STUDY is missing"
    wattspan run small.yaml -n
    equal "$code" 2
    has "$err" "--draws needs a value"
    wattspan run small.yaml other.yaml
    equal "$code" 2
    has "$err" "'other.yaml'"
    wattspan run small.yaml --wide=1
    equal "$code" 2
    wattspan schema extra
    equal "$code" 2
    wattspan replay small.yaml
    equal "$code" 2
    has "$err" "--draw"
}

@test "options stand before or after the operand, in every spelling, and -- ends them" {
    wattspan run -n 1e4 small.yaml --quiet -o a.h5
    equal "$code" 0
    wattspan run --quiet small.yaml --draws=10000 --output=b.h5
    equal "$code" 0
    wattspan run -n1e+4 --quiet -ob.h5 -- small.yaml
    equal "$code" 0
    wattspan show a.h5 --format csv
    equal "$(cut -d, -f1-20 .out)" "$("$WATTSPAN" show b.h5 --format csv | cut -d, -f1-20)"
    cp small.yaml ./-odd.yaml
    wattspan check --quiet -- -odd.yaml
    equal "$code" 0
}

@test "an unknown design, generator or list exits with 2" {
    wattspan run small.yaml --design mcc
    equal "$code" 2
    wattspan run small.yaml --rng mt1993
    equal "$code" 2
    has "$err" "mt19937"
    wattspan list colours
    equal "$code" 2
    has "$err" "families"
}

@test "completion offers commands, options, choices and names" {
    wattspan complete ""
    for command in $commands; do has "$out" "$command"; done
    wattspan complete run small.yaml --dra
    equal "$out" "--draws"
    wattspan complete run --format ""
    equal "$out" "$(printf 'table\njson\ncsv\nmarkdown\nlatex')"
    wattspan complete run --format = c
    equal "$out" "csv"
    wattspan complete run --rng mt199
    has "$out" "mt19937"
    wattspan complete list g
    equal "$out" "generators"
    wattspan complete run sm
    equal "$out" ""
    wattspan complete help repl
    equal "$out" "replay"
}

@test "completion offers every option that help names" {
    for command in $commands; do
        wattspan complete "$command" --
        offered=$(grep '^--' .out | sort -u)
        equal "$offered" "$("$WATTSPAN" "$command" --help | grep -o -- '^ *\(-.,\)\? *--[a-z-]*' | grep -o -- '--[a-z-]*' | sort -u)"
    done
}

@test "the bash completion loads and completes" {
    file=$source_root/sim/cli/wattspan.bash
    [ -f "$file" ] || skip "no completion file here"
    # shellcheck source=/dev/null
    source "$file"
    COMP_WORDS=("$WATTSPAN" run small.yaml --no)
    COMP_CWORD=3
    _wattspan
    equal "${COMPREPLY[*]}" "--no-clobber"
    COMP_WORDS=("$WATTSPAN" list "")
    COMP_CWORD=2
    _wattspan
    equal "${COMPREPLY[*]}" "families designs generators functions units"
    COMP_WORDS=("$WATTSPAN" run --design = so)
    COMP_CWORD=4
    _wattspan
    equal "${COMPREPLY[*]}" "sobol"
    has "$(complete -p wattspan)" "-F _wattspan" "-o default"
}
