# How firmware/release builds a library: the same bytes wherever the sources lie, no global symbol but tinynmf's.
# Sourced; uses $firmware, $root and $work.

# Copies what the library is built from into one workspace. Cargo hashes the paths of packages outside of the
# workspace into symbols, and core is outside of firmware's: here both are inside.
assemble_workspace() {
    local folder=$1
    rm -rf "$folder/core" "$folder/firmware"
    mkdir -p "$folder/firmware/c"
    # With their times: cargo builds anew what is younger than what it built.
    cp -Rp "$root/core" "$folder/core"
    cp -Rp "$firmware/c/Cargo.toml" "$firmware/c/src" "$folder/firmware/c"
    cp "$firmware/cargo" "$folder/firmware"
    cp "$root/README.md" "$folder"
    cp "$firmware/Cargo.lock" "$folder"
    {
        sed -e '/^\[workspace.package\]/a publish = false' -e '/^members/c members = ["core", "firmware/c"]' -e '/^default-members\|^exclude/d' \
            -e '/^# Enough for a backtrace/,$d' "$root/Cargo.toml"
        sed -n '/^\[profile\.release\]/,$p' "$firmware/Cargo.toml"
    } >"$folder/Cargo.toml"
}

# Runs cargo in the workspace, without paths of this machine in what it makes.
workspace_cargo() (
    local home=${CARGO_HOME:-$HOME/.cargo} flags=()
    home=$(cd "$home" && pwd)
    flags=("--remap-path-prefix=$work/sources=/tinynmf" "--remap-path-prefix=$home=/cargo")
    unset RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_BUILD_TARGET CARGO_TARGET_DIR
    CARGO_ENCODED_RUSTFLAGS=$(printf '%s\x1f%s' "${flags[@]}")
    export CARGO_ENCODED_RUSTFLAGS
    "$work/sources/firmware/cargo" "$@"
)

# A tool of the Rust toolchain: rust-lld or rust-objcopy, which know every target.
toolchain_tool() {
    local tool sysroot
    sysroot=$(rustc --print sysroot)
    tool=$(find "$sysroot/lib/rustlib" -name "$1" -print -quit)
    [[ -n $tool ]] || { echo "error: $sysroot has no $1: install Rust with rustup" >&2; exit 1; }
    echo "$tool"
}

# Every name that the header declares.
header_names() {
    local header=$firmware/c/include/tinynmf.h
    grep -v '^ *//' "$header" | grep -oE '\btinynmf_[a-z0-9_]+\(' | tr -d '(' | sort -u
    sed -n 's/^extern const tinynmf_type \(TINYNMF_[A-Z0-9_]*\);$/\1/p' "$header"
}

# Builds the library for a target with a profile: one object, in which nothing but the header's names is global, and
# which needs nothing; under an operating system C's memcpy, memmove, memset and memcmp. What those names cannot reach
# is left out, so that a path to a panic would show here.
build_library() {
    local target=$1 profile=$2 library=$3 built linker objcopy names object
    workspace_cargo "$target" build --quiet --package tinynmf-c --profile "$profile"
    built=$work/sources/target/$target/$profile/libtinynmf.a
    linker=$(toolchain_tool rust-lld)
    objcopy=$(toolchain_tool rust-objcopy)
    mapfile -t names < <(header_names)
    object=$work/tinynmf.o
    "$linker" -flavor gnu -r --gc-sections "${names[@]/#/--undefined=}" "$built" -o "$object"
    # Bitcode of a newer LLVM ends GNU's tools where they load an older one.
    LD_LIBRARY_PATH=$(rustc --print sysroot)/lib "$objcopy" --strip-debug --remove-section=.comment \
        --remove-section=.llvmbc --remove-section=.llvmcmd "${names[@]/#/--keep-global-symbol=}" "$object"
    check_symbols "$object" "$target" "$profile"
    rm -f "$library"
    ar rcsD "$library" "$object"
}

# Symbols of an object, a line each: binding, section, name.
symbols() { readelf --wide --syms "$1" | awk 'NR > 3 && NF >= 8 && $8 != "" { print $5, $7, $8 }'; }

# Refuses an object with a global symbol that is not the header's, with one that is missing, or with a panic.
check_symbols() {
    local object=$1 target=$2 profile=$3 symbols wrong foreign='^$'
    symbols=$(symbols "$object")
    [[ $target == *-none-* ]] || foreign='^mem(cpy|move|set|cmp)$'
    wrong=$({
        awk -v foreign="$foreign" '$1 != "LOCAL" && $2 == "UND" && $3 !~ foreign { print "missing " $3 }' <<<"$symbols"
        awk '$1 != "LOCAL" && $2 != "UND" { print $3 }' <<<"$symbols" | sort -u \
            | comm -3 - <(header_names | sort -u) | sed 's/^/not as in the header: /'
        awk '$3 ~ /panic/ { print "within reach: " $3 }' <<<"$symbols"
    } | head -n 5)
    [[ -z $wrong ]] || { echo "error: symbols of the library for $target, profile $profile: $wrong" >&2; exit 1; }
}

# Names, versions and licences of what is linked in besides tinynmf.
third_parties() {
    echo "tinynmf holds code of these crates; https://crates.io has their sources and licences."
    echo
    (cd "$1" && cargo tree --quiet --package tinynmf-c --edges normal,no-proc-macro --prefix none --format '{p}: {l}') \
        | grep -v '^tinynmf' | sed 's/ (\*)$//' | sort -u
}
