#!/usr/bin/env bash
# The engine beside llama.cpp's own batched bench: same checkout, model, batch and settings, in
# alternating runs. Prints the tokens per second of both and the median of the ratios; the goal is 0.9.
#
#   bench/batched_bench.sh BUILD_DIR MODEL.gguf [THREADS [SEQUENCES [ROUNDS]]]
#
# llama-batched-bench is built once, outside BUILD_DIR, into ~/.cache/entrobench/batched-bench.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -lt 2 ]; then
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
build=$1 model=$2 threads=${3:-1} sequences=${4:-16} rounds=${5:-5}
prompt=128 tokens=128

checkout=$(sed -n 's/^ENTROBENCH_LLAMA_SOURCE_DIR:PATH=//p' "$build/CMakeCache.txt")
tools=$HOME/.cache/entrobench/batched-bench
rival=$tools/bin/llama-batched-bench
if [ ! -x "$rival" ]; then
  cmake -S "$checkout" -B "$tools" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
    -DLLAMA_BUILD_COMMON=ON -DLLAMA_BUILD_TOOLS=ON -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
    -DLLAMA_BUILD_SERVER=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF > "$tools.log"
  ninja -C "$tools" llama-batched-bench >> "$tools.log"
fi

field() { sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p"; }

one_rival() {
  "$rival" -m "$model" -t "$threads" -tb "$threads" -c $((sequences * 512)) -b 2048 -ub 512 \
    -npp $prompt -ntg $tokens -npl "$sequences" --output-format jsonl 2>/dev/null | grep '"pl"'
}
one_engine() {
  "$build/bin/engine_bench" --model "$model" --threads "$threads" --sequences "$sequences" \
    --problems "$sequences" --prompt $prompt --tokens $tokens "$@"
}

printf '%s, %s threads, %s sequences of %s + %s tokens\n' "$(basename "$model")" "$threads" "$sequences" $prompt $tokens
ratios=() slower=()
for round in $(seq "$rounds"); do
  rival_line=$(one_rival)
  engine_line=$(one_engine)
  exact_line=$(one_engine --deterministic)
  theirs=$(field speed_tg <<< "$rival_line")
  ours=$(field speed_tg <<< "$engine_line")
  exact=$(field speed_tg <<< "$exact_line")
  ratios+=("$(awk "BEGIN { print $ours / $theirs }")")
  slower+=("$(awk "BEGIN { print $exact / $ours }")")
  printf 'round %d: llama-batched-bench %s t/s, engine %s t/s, deterministic %s t/s; prompts %s, %s, %s t/s\n' "$round" \
    "$theirs" "$ours" "$exact" "$(field speed_pp <<< "$rival_line")" "$(field speed_pp <<< "$engine_line")" "$(field speed_pp <<< "$exact_line")"
done
median() { printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
printf 'engine / llama-batched-bench: median %.3f\n' "$(median "${ratios[@]}")"
printf 'deterministic / engine:       median %.3f\n' "$(median "${slower[@]}")"
