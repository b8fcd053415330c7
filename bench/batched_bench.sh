#!/usr/bin/env bash
# The engine, through the methods greedy and top-h, beside llama.cpp's own batched bench: same checkout,
# model, batch and cache, in alternating runs. Prints the tokens per second of each and the medians of the
# ratios, where 0.9 is the goal.
#
#   bench/batched_bench.sh BUILD_DIR MODEL.gguf [THREADS [SEQUENCES [ROUNDS]]]
#
# llama-batched-bench is built once, outside BUILD_DIR, into ~/.cache/entrobench/batched-bench.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -lt 2 ]; then
  sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
build=$1 model=$2 threads=${3:-1} sequences=${4:-16} rounds=${5:-5}
export OMP_WAIT_POLICY=passive  # threads that spin while they wait measure each other on a busy machine
prompt=128 tokens=128
attention=${FLASH_ATTENTION:-off}  # as the engine has it: off on CPUs; auto with a GPU

checkout=$(sed -n 's/^ENTROBENCH_LLAMA_SOURCE_DIR:PATH=//p' "$build/CMakeCache.txt")
tools=$HOME/.cache/entrobench/batched-bench
rival=$tools/bin/llama-batched-bench
if [ ! -x "$rival" ]; then
  cmake -S "$checkout" -B "$tools" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
    -DCMAKE_C_COMPILER_LAUNCHER="$(command -v ccache || true)" -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)" \
    -DLLAMA_BUILD_COMMON=ON -DLLAMA_BUILD_TOOLS=ON -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
    -DLLAMA_BUILD_SERVER=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF > "$tools.log"
  ninja -C "$tools" llama-batched-bench >> "$tools.log"
fi

field() { sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p"; }

# Its log is written by a thread that sometimes loses the last lines at exit: ask again.
one_rival() {
  local line
  for _ in 1 2 3 4 5; do
    line=$("$rival" -m "$model" -t "$threads" -tb "$threads" -c $((sequences * 512)) -b 2048 -ub 512 -fa "$attention" \
      -npp $prompt -ntg $tokens -npl "$sequences" --output-format jsonl 2>/dev/null | grep '"pl"') && break
  done
  printf '%s\n' "$line"
}
one_engine() {
  "$build/bin/engine_bench" --model "$model" --threads "$threads" --sequences "$sequences" \
    --problems "$sequences" --prompt $prompt --tokens $tokens "$@"
}

printf '%s, %s threads, %s sequences of %s + %s tokens\n' "$(basename "$model")" "$threads" "$sequences" $prompt $tokens
ratios=() entropic=() slower=()
for round in $(seq "$rounds"); do
  rival_line=$(one_rival)
  engine_line=$(one_engine)
  exact_line=$(one_engine --deterministic)
  entropy_line=$(one_engine --method top-h)
  theirs=$(field speed_tg <<< "$rival_line")
  ours=$(field speed_tg <<< "$engine_line")
  exact=$(field speed_tg <<< "$exact_line")
  entropy=$(field speed_tg <<< "$entropy_line")
  ratios+=("$(awk "BEGIN { print $ours / $theirs }")")
  entropic+=("$(awk "BEGIN { print $entropy / $theirs }")")
  slower+=("$(awk "BEGIN { print $exact / $ours }")")
  printf 'round %d, tokens/s: llama-batched-bench %s, greedy %s, top-h %s, greedy deterministic %s; prompts: %s, %s\n' \
    "$round" "$theirs" "$ours" "$entropy" "$exact" \
    "$(field speed_pp <<< "$rival_line")" "$(field speed_pp <<< "$engine_line")"
done
median() { printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
printf 'greedy / llama-batched-bench:  median %.3f (goal 0.9)\n' "$(median "${ratios[@]}")"
printf 'top-h / llama-batched-bench:   median %.3f (goal 0.9)\n' "$(median "${entropic[@]}")"
printf 'deterministic / not, greedy:   median %.3f\n' "$(median "${slower[@]}")"
