//! Gives every image of `boards.txt` the memory and the problem of its row, and the linker the scripts of the runtime
//! and of defmt.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

/// A row of the table: its columns, as README.md describes them.
type Row<'t> = [&'t str; 11];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=boards.txt");
    for argument in ["--nmagic", "-Tlink.x", "-Tdefmt.x"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    let (package, target) = (env::var("CARGO_PKG_NAME")?, env::var("TARGET")?);
    let out = env::var("OUT_DIR")?;
    let table = fs::read_to_string("boards.txt")?;
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    let mut rows: Vec<Row> = rows
        .map(|line| line.split_whitespace().collect::<Vec<_>>().try_into())
        .collect::<Result<_, Vec<_>>>()
        .map_err(|row| format!("boards.txt has a row of {} columns: {row:?}", row.len()))?;
    rows.retain(|row| row[1] == package);
    // A board may have two targets: this build's row comes last, and stays.
    rows.sort_by_key(|row| row[2] == target);
    for row in rows {
        image(row, row[2] == target, Path::new(&out))?;
    }
    Ok(())
}

/// Writes the constants of a row's images; where they are linked, also the memory that the linker finds.
fn image(row: Row, linked: bool, out: &Path) -> Result<(), Box<dyn Error>> {
    let [board, .., flash, ram, problem, images] = row;
    let [digits, rank, room] = problem.split(',').collect::<Vec<_>>()[..] else {
        return Err(format!("{board}: a problem is IMAGES,RANK,ROOM, and not {problem}").into());
    };
    let constants = [("IMAGES", digits), ("RANK", rank), ("ROOM", room)];
    let constants = constants.map(|(name, value)| format!("const {name}: usize = {value};\n"));
    let folder = out.join(board);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("memory.x"), memory(flash, ram)?)?;
    for (k, image) in images.split(',').enumerate() {
        let (features, _) = image.split_once('/').unwrap_or((image, ""));
        let binary = if k == 0 { board.to_owned() } else { format!("{board}-{features}") };
        fs::write(out.join(format!("{binary}.rs")), constants.concat())?;
        if linked {
            println!("cargo::rustc-link-arg-bin={binary}=-L{}", folder.display());
        }
    }
    Ok(())
}

/// The linker's memory layout; without flash, everything is loaded into RAM.
fn memory(flash: &str, ram: &str) -> Result<String, Box<dyn Error>> {
    let region = |name: &str, place: &str| {
        let (origin, length) = place.split_once(':').ok_or("memory is ORIGIN:LENGTH")?;
        Ok::<_, Box<dyn Error>>(format!("  {name} : ORIGIN = {origin}, LENGTH = {length}\n"))
    };
    let ram = region("RAM", ram)?;
    if flash != "-" {
        return Ok(format!("MEMORY\n{{\n{}{ram}}}\n", region("FLASH", flash)?));
    }
    let aliases = ["TEXT", "RODATA", "DATA", "BSS", "HEAP", "STACK"];
    let aliases = aliases.map(|name| format!("REGION_ALIAS(\"REGION_{name}\", RAM);\n"));
    Ok(format!("MEMORY\n{{\n{ram}}}\n{}", aliases.concat()))
}
