#!/bin/sh
# Does the reference run come out as it should? Prints what matches and what does not, for the taxonomy in the program
# and for tests/reference/taxonomy.
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
trap 'rm -rf "$answers"' EXIT

classify() {
    name=$1
    shift
    cargo run --release --quiet --bin rolestream -- classify "$reference/reference_jd.txt" --json "$@" \
        > "$answers/$name.json" || exit 2
}
classify shipped
classify reference --taxonomy tests/reference/taxonomy
cargo run --release --quiet --example reference_check -- "$reference" "$answers/shipped.json" "$answers/reference.json"
