# Content of a release's archives. Sourced after library.sh; uses $out and $version, too.

made=()

# Copies a template with its version filled in.
fill() { sed "s/@VERSION@/$version/g" "$1" >"$2"; }

# Packs a folder, so that the same files give the same bytes.
pack() {
    local folder=$1 name=$2
    find "$folder" -exec touch --date="@$SOURCE_DATE_EPOCH" {} +
    chmod -R u=rwX,go=rX "$folder"
    tar --create --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
        --directory "$(dirname "$folder")" "$(basename "$folder")" | gzip --no-name --best >"$work/$name.tar.gz"
    finish "$name.tar.gz"
}

# Puts a file that is whole where it belongs, and remembers it for the checksums.
finish() {
    mv "$work/$1" "$out/$1"
    made+=("$1")
    echo "$out/$1"
}

# Files of every archive.
common() {
    local folder=$1
    mkdir -p "$folder/policies"
    cp "$root/LICENSE-MIT" "$root/LICENSE-APACHE" "$work/THIRD-PARTY.txt" "$folder"
    cp "$root"/core/policies/*.tnmf "$folder/policies"
}

# Every processor's folder in the package, and its Rust target.
libraries() { grep -v '^#' "$firmware/packages/libraries.txt"; }

# Makes the package for Arduino, PlatformIO, ESP-IDF and Zephyr: one folder is all four. $2 is the start of the names of
# the targets' folders.
assemble_packages() {
    local folder=$1 built=$2 processor target file
    rm -rf "$folder"
    cp -R "$firmware/packages/library" "$folder"
    for file in README.md library.properties library.json idf_component.yml; do
        fill "$firmware/packages/library/$file" "$folder/$file"
    done
    mkdir -p "$folder/src"
    cp "$firmware/c/include/tinynmf.h" "$folder/src"
    while read -r processor target; do
        mkdir -p "$folder/src/$processor"
        cp "$built$target/lib/libtinynmf.a" "$folder/src/$processor"
    done < <(libraries)
    common "$folder"
}
