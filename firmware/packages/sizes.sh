# The table of sizes of a release: bytes of flash that a program takes of the library. Sourced after library.sh.

# Functions that a program names, a use a line.
uses() {
    local rule="tinynmf_rule_learned tinynmf_shipped_policy"
    echo "factorise $rule tinynmf_init tinynmf_epoch tinynmf_w tinynmf_h TINYNMF_U8"
    echo "fixed $rule tinynmf_fixed_init tinynmf_fixed_epoch tinynmf_fixed_w tinynmf_fixed_h TINYNMF_FIXED_U8"
    echo "transform $rule tinynmf_transform_init tinynmf_transform_columns TINYNMF_U8"
    echo "stream $rule tinynmf_online_init tinynmf_online_u8 tinynmf_online_w"
}

# Bytes in flash of what these names reach in a library.
flash() {
    local library=$1 names
    shift
    names=("$@")
    "$(toolchain_tool rust-lld)" -flavor gnu --gc-sections --unresolved-symbols=ignore-all --entry="$1" "${names[@]/#/--undefined=}" "$library" \
        -o "$work/linked.elf"
    readelf --wide --sections "$work/linked.elf" | sed -n 's/^ *\[ *[0-9]*\] //p' \
        | awk '$2 != "NOBITS" && $7 ~ /A/ { print $5 }' | while read -r hex; do echo $((16#$hex)); done \
        | awk '{ sum += $1 } END { print sum }'
}

sizes_head() {
    local use columns=() rules=()
    while read -r use _; do
        columns+=(" $use |" " $use, small |")
        rules+=("--:|--:|")
    done < <(uses)
    cat <<TEXT
Bytes of flash that a program takes of libtinynmf.a and of libtinynmf-small.a, the shipped policy included, with entries of
uint8_t; library: bytes of libtinynmf.a.

TEXT
    (IFS=; echo "| target | library |${columns[*]}")
    (IFS=; echo "|---|--:|${rules[*]}")
}

sizes_row() {
    local target=$1 folder=$2 names row
    row="| $target | $(stat --format=%s "$folder/libtinynmf.a") |"
    while read -r -a names; do
        row+=" $(flash "$folder/libtinynmf.a" "${names[@]:1}") | $(flash "$folder/libtinynmf-small.a" "${names[@]:1}") |"
    done < <(uses)
    echo "$row"
}
