#!/bin/sh
# Wraps rustc (RUSTC_WRAPPER): instruments our own crates only, so that dependencies are built plainly and quickly.
# $1 is rustc; the flags are those that cargo-fuzz passes, without a sanitizer: they work on stable.
for word in "$@"; do
  case "$previous $word" in
    "--crate-name kith_node" | "--crate-name entry" | "--crate-name frame" | "--crate-name session")
      exec "$@" --cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1
      ;;
  esac
  previous=$word
done
exec "$@"
