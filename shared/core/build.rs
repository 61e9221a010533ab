//! Writes the table of countries that `domain::country` reads: what the metadata of `phonenumber` says about
//! calling codes, and how the numbers of a shared one are told apart. The program itself carries neither that
//! library nor the rest of what it knows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

use phonenumber::Type;
use phonenumber::metadata::{DATABASE, Metadata};

/// Calling codes that belong to no country, such as those of satellites.
const NOBODY: &str = "001";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut codes: BTreeMap<u16, Vec<&Metadata>> = BTreeMap::new();
    for region in DATABASE.iter().filter(|region| region.id() != NOBODY) {
        codes.entry(region.country_code()).or_default().push(region);
    }
    let mut table = String::from("pub(super) static CODES: &[(&str, &[(&str, &str)])] = &[\n");
    for (code, mut regions) in codes {
        regions.sort_by_key(|region| (!region.is_main_country_for_code(), region.id()));
        let alone = regions.len() == 1;
        let entries: Vec<_> = regions
            .iter()
            .map(|region| {
                (
                    region.id(),
                    if alone {
                        String::new()
                    } else {
                        pattern(region)
                    },
                )
            })
            .collect();
        writeln!(table, "    (\"{code}\", &{entries:?}),").map_err(io::Error::other)?;
    }
    table.push_str("];\n");
    let directory = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?;
    fs::write(Path::new(&directory).join("countries.rs"), table)
}

/// What the national numbers of one country among several look like: how they begin, or else the whole.
fn pattern(region: &Metadata) -> String {
    if let Some(leading) = region.leading_digits() {
        return format!("^(?:{})", without_blanks(leading.as_str()));
    }
    let kinds = [
        Type::FixedLine,
        Type::Mobile,
        Type::TollFree,
        Type::PremiumRate,
        Type::SharedCost,
        Type::PersonalNumber,
        Type::Voip,
        Type::Pager,
        Type::Uan,
        Type::Voicemail,
    ];
    let kinds: Vec<_> = kinds
        .into_iter()
        .filter_map(|kind| region.descriptors().get(kind))
        .map(|kind| without_blanks(kind.national_number().as_str()))
        .collect();
    format!("^(?:{})$", kinds.join("|"))
}

fn without_blanks(pattern: &str) -> String {
    pattern.split_whitespace().collect()
}
