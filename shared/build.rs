//! Embeds the built-in catalog: writes a table of (path, text) for `src/catalog.rs` to include.

use std::{env, fmt::Write as _, fs, io, path::Path};

fn main() -> io::Result<()> {
    let root = Path::new("../catalog");
    println!("cargo:rerun-if-changed=../catalog");
    println!("cargo:rerun-if-changed=build.rs");
    let mut paths = Vec::new();
    walk(root, "catalog", &mut paths)?;
    paths.sort();
    let mut table = String::from("&[\n");
    for path in paths {
        // Relative to the manifest, so that the build of one checkout says nothing of where it lies.
        let _ = writeln!(
            table,
            "({path:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../{path}\"))),"
        );
    }
    table.push(']');
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join("catalog.rs"), table)
}

fn walk(folder: &Path, path: &str, paths: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let below = format!("{path}/{}", name.to_string_lossy());
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &below, paths)?;
        } else if ["toml", "sql", "j2", "typ", "css"]
            .iter()
            .any(|e| below.ends_with(&format!(".{e}")))
        {
            paths.push(below);
        }
    }
    Ok(())
}
