#!/bin/sh
# Does the reference run come out as it should? Prints what matches and what does not, for the taxonomy in the program
# and for tests/reference/taxonomy; answered by the command line, and by a service that is asked over HTTP.
#
#   tests/reference.sh PATH
#
# PATH is a folder with reference_jd.txt, reference_run.json and reference_run.txt. Exit code: 0 when all matches, 1
# when something does not, 2 when the comparison could not be made.
set -u

if [ $# -ne 1 ] || [ ! -f "$1/reference_jd.txt" ]; then
    echo "usage: tests/reference.sh PATH   (a folder with reference_jd.txt, reference_run.json, reference_run.txt)" >&2
    exit 2
fi
reference=$(cd "$1" && pwd) || exit 2
cd "$(dirname "$0")/.." || exit 2
answers=$(mktemp -d) || exit 2
service=
finish() {
    [ -z "$service" ] || kill "$service" 2>/dev/null
    [ -z "$service" ] || wait "$service" 2>/dev/null
    rm -rf "$answers"
}
trap finish EXIT

# Both at once: each alone is built of crates with other features, all of them anew.
cargo build --release --quiet --bin rolestream --example reference_check || exit 2
programs=${CARGO_TARGET_DIR:-target}/release
rolestream() {
    "$programs/rolestream" "$@"
}

classify() {
    name=$1
    shift
    rolestream classify "$reference/reference_jd.txt" --json "$@" > "$answers/$name.json" || exit 2
}

# The same JD, handed to a service with this taxonomy that answers at a free port.
ask() {
    name=$1
    shift
    "$programs/rolestream" run --json --store "$answers/$name-store" --http 127.0.0.1:0 --address "" "$@" > "$answers/$name.log" &
    service=$!
    tries=0
    until url=$(sed -n 's/.*"listening":"\([^"]*\)".*/\1/p' "$answers/$name.log") && [ -n "$url" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 600 ] || ! kill -0 "$service" 2>/dev/null; then
            echo "the service with $name did not begin to answer" >&2
            exit 2
        fi
        sleep 0.1
    done
    rolestream submit "$reference/reference_jd.txt" --json --steps --server "$url" --set "store.path=\"$answers/$name-store\"" \
        > "$answers/$name.lines" || exit 2
    head -n 1 "$answers/$name.lines" > "$answers/$name.json"
    kill "$service" && wait "$service"
    service=
}

check() {
    "$programs/examples/reference_check" "$reference" "$answers/$1.json" "$answers/$2.json"
}

classify shipped
classify reference --taxonomy tests/reference/taxonomy
check shipped reference
status=$?
ask http-shipped
ask http-reference --taxonomy tests/reference/taxonomy
echo
echo "Over HTTP:"
check http-shipped http-reference || status=$?
exit $status
