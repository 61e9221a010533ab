//! Finds the files of the web client in the folder `web`, for `src/client/files.rs`: nobody has to list them. In
//! each page stands before its module which others that needs, so that browsers fetch all of them at once
//! instead of finding them one after the other.

#[path = "build/imports.rs"]
mod imports;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What is there to check the others.
const TOOLS: [&str; 2] = ["node_modules", "tests"];

/// Files as they are in the folder, by their paths below it.
type Files = BTreeMap<String, PathBuf>;

fn main() -> io::Result<()> {
    let web = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../web");
    let out = PathBuf::from(variable("OUT_DIR")?);
    // A file or a folder that is new beside these is named by one of them, or in the folder `client`.
    println!("cargo::rerun-if-changed=src/client");
    let mut files = Files::new();
    collect(&web, "", &mut files)?;
    write_pages(&mut files, &out)?;
    let mut table = String::from("[\n");
    for (name, path) in &files {
        let path = path.display().to_string();
        writeln!(table, "    ({name:?}, include_bytes!({path:?})),").map_err(io::Error::other)?;
    }
    table.push_str("]\n");
    fs::write(out.join("files.rs"), table)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|_| io::Error::other(format!("no {name}")))
}

/// What is served of a folder. Nothing of it ends in `json`: that is for tools.
fn collect(folder: &Path, prefix: &str, files: &mut Files) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path().canonicalize()?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if TOOLS.contains(&&*name) || name.starts_with('.') || name.ends_with("json") {
            continue;
        }
        println!("cargo::rerun-if-changed={}", path.display());
        if entry.file_type()?.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else {
            files.insert(format!("{prefix}{name}"), path);
        }
    }
    Ok(())
}

/// Puts in the place of each page one that names the modules that it needs.
fn write_pages(files: &mut Files, out: &Path) -> io::Result<()> {
    let is_page = |name: &&String| Path::new(name).extension() == Some("html".as_ref());
    let pages: Vec<_> = files.keys().filter(is_page).cloned().collect();
    for name in pages {
        let text = fs::read_to_string(&files[&name])?;
        let path = out.join(name.replace('/', "-"));
        fs::write(&path, with_preloads(&text, files)?)?;
        files.insert(name, path);
    }
    Ok(())
}

fn with_preloads(page: &str, files: &Files) -> io::Result<String> {
    const MODULE: &str = "<script type=\"module\" src=\"web/";
    let mut lines = String::new();
    for line in page.lines() {
        if let Some((indent, rest)) = line.split_once(MODULE) {
            let main = rest.split('"').next().unwrap_or_default();
            for module in imports::needed_by(main, &|name| read(files, name))? {
                writeln!(
                    lines,
                    "{indent}<link rel=\"modulepreload\" href=\"web/{module}\">"
                )
                .map_err(io::Error::other)?;
            }
        }
        lines.push_str(line);
        lines.push('\n');
    }
    Ok(lines)
}

fn read(files: &Files, name: &str) -> io::Result<String> {
    let missing = || io::Error::other(format!("web/{name} is imported and does not exist"));
    fs::read_to_string(files.get(name).ok_or_else(missing)?)
}
