//! Makes of the folder `web` what `src/client/files.rs` serves: nobody has to list its files. Scripts are put
//! together and rid of comments, styles are put together, and everything is packed, so that little has to travel
//! until something is shown. The address of each file has a digest of all of them (`VERSION`), so browsers keep
//! them for good, and never mix those of two versions.

#[path = "build/bundle.rs"]
mod bundle;
#[path = "build/module.rs"]
mod module;
#[path = "build/page.rs"]
mod page;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use self::bundle::Modules;
use self::page::Page;

/// What is there to check the others.
const TOOLS: [&str; 2] = ["node_modules", "tests"];

/// What runs beside the pages, which are started by it.
const WORKER: &str = "sw.js";

/// By their paths below the folder.
type Files = BTreeMap<String, String>;

fn main() -> io::Result<()> {
    let web = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../web");
    // A file or a folder that is new beside these is named by one of them, or in the folder `client`.
    println!("cargo::rerun-if-changed=src/client");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let mut sources = Files::new();
    collect(&web, "", &mut sources)?;
    let (pages, mut files) = made_of(&sources)?;
    let version = digest(&pages, &files);
    files.insert(WORKER.to_owned(), worker(&sources, &files, &version)?);
    files.extend(
        pages
            .into_iter()
            .map(|(name, page)| (name, page.text(&version))),
    );
    write_out(&files, &version, Path::new(&variable("OUT_DIR")?))
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|_| io::Error::other(format!("no {name}")))
}

/// What is served of a folder. Nothing of it ends in `json`: that is for tools.
fn collect(folder: &Path, prefix: &str, files: &mut Files) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if TOOLS.contains(&&*name) || name.starts_with('.') || name.ends_with("json") {
            continue;
        }
        println!("cargo::rerun-if-changed={}", path.display());
        if entry.file_type()?.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else {
            files.insert(format!("{prefix}{name}"), fs::read_to_string(path)?);
        }
    }
    Ok(())
}

/// The pages, and the files that they need.
fn made_of(sources: &Files) -> io::Result<(BTreeMap<String, Page>, Files)> {
    let read = |name: &str| source(sources, name).map(str::to_owned);
    let mut pages = BTreeMap::new();
    let mut files = Files::new();
    for (name, text) in sources {
        match Path::new(name).extension().and_then(|kind| kind.to_str()) {
            Some("html") => {
                pages.insert(name.clone(), Page::read(name, text));
            }
            // Those that pages name.
            Some("js" | "css") => {}
            _ => {
                files.insert(name.clone(), text.clone());
            }
        }
    }
    for page in pages.values() {
        let styles: io::Result<String> = page.styles.iter().map(|name| read(name)).collect();
        files.insert(page.style.clone(), compact_style(&styles?));
        for name in &page.scripts {
            files.insert(name.clone(), script(sources, name)?);
        }
        for main in &page.modules {
            files.extend(Modules::new(&read).bundle(main)?);
        }
    }
    Ok((pages, files))
}

fn source<'a>(sources: &'a Files, name: &str) -> io::Result<&'a str> {
    let missing = || io::Error::other(format!("web/{name} is asked for and does not exist"));
    sources.get(name).map(String::as_str).ok_or_else(missing)
}

fn script(sources: &Files, name: &str) -> io::Result<String> {
    let fault = || io::Error::other(format!("web/{name} is no script"));
    module::compact(source(sources, name)?).ok_or_else(fault)
}

/// The same styles without comments, and without blanks around lines. No string of theirs looks like a comment.
fn compact_style(text: &str) -> String {
    let mut parts = text.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.filter_map(|part| part.split_once("*/"));
    let text = rest.fold(first, |text, (_, after)| text + after);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

fn digest(pages: &BTreeMap<String, Page>, files: &Files) -> String {
    let mut hash = Sha256::new();
    let pages = pages.iter().map(|(name, page)| (name, page.text("")));
    let files = files.iter().map(|(name, text)| (name, text.clone()));
    for (name, text) in pages.chain(files) {
        hash.update(format!("{name} {} {text}", text.len()));
    }
    hex::encode(&hash.finalize()[..8])
}

/// The script that starts the client without a network, with what it has to know of this version: the paths of all
/// its files, of which `""` is the page.
fn worker(sources: &Files, files: &Files, version: &str) -> io::Result<String> {
    let ours = files.keys().filter(|name| !name.starts_with("docs/"));
    let paths = ours.map(|name| format!("web/{version}/{name}"));
    let paths: Vec<_> = std::iter::once(String::new()).chain(paths).collect();
    let script = script(sources, WORKER)?;
    Ok(format!(
        "self.FILES={paths:?};self.VERSION={version:?};{script}"
    ))
}

/// Writes every file as it is and packed, and the list of them.
fn write_out(files: &Files, version: &str, folder: &Path) -> io::Result<()> {
    let mut list = format!("pub(super) const VERSION: &str = {version:?};\n");
    list += "pub(super) static FILES: &[File] = &[\n";
    for (name, text) in files {
        let write = |suffix: &str, content: &[u8]| -> io::Result<String> {
            let path: PathBuf = folder.join(format!("{}{suffix}", name.replace('/', "-")));
            fs::write(&path, content)?;
            Ok(format!("include_bytes!({:?})", path.display().to_string()))
        };
        let plain = write("", text.as_bytes())?;
        let gzip = write(".gz", &gzip(text)?)?;
        let brotli = write(".br", &brotli(text)?)?;
        writeln!(
            list,
            "    File {{ name: {name:?}, plain: {plain}, gzip: {gzip}, brotli: {brotli} }},"
        )
        .map_err(io::Error::other)?;
    }
    list += "];\n";
    fs::write(folder.join("files.rs"), list)
}

fn gzip(text: &str) -> io::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(text.as_bytes())?;
    packed.finish()
}

fn brotli(text: &str) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut text.as_bytes(), &mut packed, &settings)?;
    Ok(packed)
}
